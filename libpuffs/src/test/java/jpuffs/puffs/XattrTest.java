// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.ERANGE;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Extended attributes.
class XattrTest extends SessionFixture {
    private static final int MAX = 65_536;

    private Reply set(String name, byte[] value, int flags) {
        return kernel.call(
                Opcode.SETXATTR,
                ROOT,
                body().u32(value.length).u32(flags).u32(0).u32(0).name(name).bytes(value));
    }

    private Reply get(String name, int room) {
        return kernel.call(Opcode.GETXATTR, ROOT, body().u32(room).u32(0).name(name));
    }

    private Reply list(int room) {
        return kernel.call(Opcode.LISTXATTR, ROOT, body().u32(room).u32(0));
    }

    @Test
    void valuesAreAskedForInTwoSteps() throws IOException {
        start();
        set("user.a", new byte[] {1, 2, 3}, 0).ok();
        Reply size = get("user.a", 0).ok();
        assertThat(size.bytes()).hasSize(8);
        assertThat(size.u32(0)).isEqualTo(3);
        assertThat(get("user.a", 3).ok().bytes()).containsExactly(1, 2, 3);
        assertThat(get("user.a", -1).ok().bytes()).as("room is unsigned").hasSize(3);
        get("user.a", 2).fails(ERANGE);
        get("user.b", 0).fails(ENODATA);
        get("user.b", 10).fails(ENODATA);
    }

    @Test
    void withoutThemTheKernelIsToldOnce() throws IOException {
        start(MountOptions.defaults().withXattr(false));
        get("user.a", 0).fails(ENOSYS);
        list(0).fails(ENOSYS);
        set("user.a", new byte[] {1}, 0).fails(ENOSYS);
        kernel.call(Opcode.REMOVEXATTR, ROOT, body().name("user.a")).fails(ENOSYS);
    }

    @Test
    void aLabelNobodyReadsIsNotSupportedUnlessItIsThere() throws IOException {
        start();
        Assumptions.assumeFalse(Files.exists(Path.of("/sys/fs/selinux")), "a kernel with SELinux");
        get("security.selinux", 0).fails(EOPNOTSUPP);
        set("security.selinux", new byte[] {1, 2}, 0).ok();
        assertThat(get("security.selinux", 10).ok().bytes()).containsExactly(1, 2);
    }

    @Test
    void namesAreListedInTwoSteps() throws IOException {
        start();
        assertThat(list(0).ok().u32(0)).isZero();
        assertThat(list(10).ok().bytes()).isEmpty();
        set("user.a", new byte[0], 0).ok();
        set("user.bc", new byte[0], 0).ok();
        assertThat(list(0).ok().u32(0)).isEqualTo(15);
        assertThat(list(15).ok().text()).isEqualTo("user.a\0user.bc\0");
        list(14).fails(ERANGE);
    }

    @Test
    void flagsAreTheServers() throws IOException {
        start();
        set("user.a", new byte[1], Node.XATTR_REPLACE).fails(ENODATA);
        set("user.a", new byte[1], Node.XATTR_CREATE).ok();
        set("user.a", new byte[1], Node.XATTR_CREATE).fails(EEXIST);
        set("user.a", new byte[2], Node.XATTR_REPLACE).ok();
        kernel.call(Opcode.REMOVEXATTR, ROOT, body().name("user.a")).ok();
        kernel.call(Opcode.REMOVEXATTR, ROOT, body().name("user.a")).fails(ENODATA);
    }

    @Test
    void limitsAreThoseOfLinux() throws IOException {
        start();
        set("user.a", new byte[MAX], 0).ok();
        assertThat(get("user.a", MAX).ok().bytes()).hasSize(MAX);
        set("user.a", new byte[MAX + 1], 0).fails(E2BIG);
        set("x".repeat(255), new byte[1], 0).ok();
        set("x".repeat(256), new byte[1], 0).fails(ERANGE);
        set("", new byte[1], 0).fails(ERANGE);
        get("", 0).fails(ERANGE);
    }

    @Test
    void lessThanAnnouncedIsRefused() throws IOException {
        start();
        kernel.call(
                        Opcode.SETXATTR,
                        ROOT,
                        body().u32(2).u32(0).u64(0).name("user.a").bytes((byte) 1))
                .fails(EINVAL);
        kernel.call(Opcode.SETXATTR, ROOT, body().u32(-1).u32(0).u64(0).name("user.a"))
                .fails(E2BIG);
        kernel.call(Opcode.SETXATTR, ROOT, body().u32(0).u32(0).u32(0)).fails(EINVAL);
    }

    @Test
    void anAclClearsSetGroupIdIfTheKernelSaysSo() throws IOException {
        start();
        fs.root.attr = fs.root.attr.withMode(0042775);
        kernel.call(
                        Opcode.SETXATTR,
                        ROOT,
                        body().u32(1).u32(0).u32(0).u32(0).name("user.a").bytes((byte) 1))
                .ok();
        assertThat(fs.root.attr.mode()).isEqualTo(0042775);
        kernel.call(
                        Opcode.SETXATTR,
                        ROOT,
                        body().u32(1).u32(0).u32(1).u32(0).name("user.a").bytes((byte) 1))
                .ok();
        assertThat(fs.root.attr.mode()).isEqualTo(0040775);
    }

    /// Kernels before 7.33 send eight bytes less.
    @Test
    void theOldFormOfSetxattr() throws IOException {
        session = new Session(fs, MountOptions.defaults());
        kernel = new DirectKernel(session);
        kernel.init(32, DirectKernel.OFFERED & ~Wire.Init.SETXATTR_EXT).ok();
        kernel.call(Opcode.SETXATTR, ROOT, body().u32(2).u32(0).name("user.a").bytes((byte) 7, (byte) 8))
                .ok();
        assertThat(fs.root.xattrs.get(Name.of("user.a"))).containsExactly(7, 8);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Odd(byte[] value, List<Name> names) implements Node {
        @Override
        public Attr getattr() {
            return Attr.directory(0755);
        }

        @Override
        public byte[] getxattr(Name name) {
            return value;
        }

        @Override
        public List<Name> listxattr() {
            return names;
        }
    }

    @Test
    void valuesAndListsThatAreTooLongAreRefused() throws IOException {
        List<Name> names = Collections.nCopies(300, Name.of("x".repeat(250)));
        start(FileSystem.of(new Odd(new byte[MAX + 1], names)), MountOptions.defaults());
        get("user.a", 0).fails(EIO);
        get("user.a", MAX).fails(EIO);
        list(0).fails(E2BIG);
        list(MAX).fails(E2BIG);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256, 70_000})
    void namesThatCannotBeAreRefused(int length) throws IOException {
        start(FileSystem.of(new Odd(new byte[0], List.of(Name.of(new byte[length])))), MountOptions.defaults());
        list(0).fails(EIO);
    }
}
