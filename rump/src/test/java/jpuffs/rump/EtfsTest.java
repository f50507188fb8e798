// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.rump.Process.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import jpuffs.core.CharDevice;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.OpenFlags;
import jpuffs.rump.disk.MemoryDisk;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files of the host by key.
@Timeout(30)
@SuppressWarnings("JavaLangClash")
class EtfsTest {
    @TempDir
    private Path dir;

    private Kernel kernel;
    private Process process;

    @BeforeEach
    void boot() throws ErrnoException {
        kernel = new Kernel(new CountingFs());
        process = kernel.newProcess(Cred.ROOT);
    }

    @AfterEach
    void halt() {
        kernel.close();
    }

    private static byte[] path(String path) {
        return path.getBytes(UTF_8);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private String read(String path) throws ErrnoException {
        int fd = process.openat(AT_FDCWD, path(path), OpenFlags.O_RDONLY, 0);
        MemorySegment buffer = MemorySegment.ofArray(new byte[1024]);
        int n = process.read(fd, buffer);
        process.close(fd);
        return new String(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), UTF_8);
    }

    @Test
    void aFile() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "from the host");
        kernel.registerEtfs(path("/x/file"), HostNodes.file(file));
        assertThat(read("///x/file")).isEqualTo("from the host");
        int fd = process.openat(AT_FDCWD, path("/x/file"), OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, 0);
        process.write(fd, MemorySegment.ofArray(path("to it")));
        process.fsync(fd);
        process.close(fd);
        assertThat(Files.readString(file)).isEqualTo("to it");
        assertErrno(Errno.ENOENT, () -> read("/x//file")); // as it is
        assertErrno(Errno.ENOENT, () -> read("/x"));
        assertThat(process.fstatat(AT_FDCWD, path("/x/file"), 0).attr().size()).isEqualTo(5);
    }

    @Test
    void aDirectory() throws IOException {
        Files.writeString(dir.resolve("a"), "1");
        Files.createDirectory(dir.resolve("sub"));
        Files.writeString(dir.resolve("sub/b"), "2");
        Files.createSymbolicLink(dir.resolve("link"), Path.of("a"));
        kernel.registerEtfs(path("/host"), HostNodes.directory(dir));
        assertThat(read("/host/a") + read("/host/sub/b") + read("/host/sub/../a"))
                .isEqualTo("121");
        assertErrno(Errno.ENOENT, () -> read("/host/link"));
        assertErrno(Errno.EROFS, () -> process.mkdirat(AT_FDCWD, path("/host/new"), 0755));
        var names = new ArrayList<String>();
        int fd = process.openat(AT_FDCWD, path("/host"), OpenFlags.O_RDONLY, 0);
        process.getdents(fd, (name, ino, mode, cookie) -> names.add(name.toString()));
        process.close(fd);
        assertThat(names).containsExactlyInAnyOrder(".", "..", "a", "sub");
    }

    @Test
    void devices() throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(4096);
        kernel.registerEtfs(path("/dev/disk"), HostNodes.block(disk));
        kernel.registerEtfs(path("/dev/null"), HostNodes.character(new CharDevice() {
            @Override
            public int read(MemorySegment dst, long off, int flags) {
                return 0;
            }

            @Override
            public int write(MemorySegment src, long off, int flags) {
                return (int) src.byteSize();
            }
        }));
        int fd = process.openat(AT_FDCWD, path("/dev/disk"), OpenFlags.O_RDWR, 0);
        MemorySegment block = MemorySegment.ofArray(new byte[512]).fill((byte) 9);
        assertThat(process.pwrite(fd, block, 512)).isEqualTo(512);
        assertThat(process.pread(fd, block, 512)).isEqualTo(512);
        assertThat(process.pread(fd, block, 4096)).isZero();
        assertErrno(Errno.EINVAL, () -> process.pwrite(fd, block, 100));
        assertThat(Mode.type(process.fstat(fd).attr().mode())).isEqualTo(Mode.S_IFBLK);
        process.fsync(fd);
        process.close(fd);
        assertThat(read("/dev/null")).isEmpty();
    }

    @Test
    void keys() throws IOException {
        kernel.registerEtfs(path("/k"), HostNodes.directory(dir));
        assertErrno(Errno.EEXIST, () -> kernel.registerEtfs(path("//k"), HostNodes.directory(dir)));
        assertErrno(Errno.EINVAL, () -> kernel.registerEtfs(path("k"), HostNodes.directory(dir)));
        assertErrno(Errno.EINVAL, () -> kernel.registerEtfs(path("/k/"), HostNodes.directory(dir)));
        assertErrno(Errno.EINVAL, () -> kernel.registerEtfs(path("/"), HostNodes.directory(dir)));
        kernel.removeEtfs(path("/k"));
        assertErrno(Errno.ENOENT, () -> kernel.removeEtfs(path("/k")));
        assertErrno(Errno.ENOENT, () -> read("/k"));
    }
}
