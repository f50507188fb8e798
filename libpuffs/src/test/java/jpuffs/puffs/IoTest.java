// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTTY;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.puffs.DirectKernel.Body;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operations on the content of open files.
class IoTest extends SessionFixture {
    private MemNode file;
    private long id;
    private long fh;

    private void startFile(String text) throws IOException {
        file = fs.root.addFile("f", text);
        start();
        id = kernel.find(ROOT, "f");
        fh = kernel.open(id, 2);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void readsEndAtTheEnd() throws IOException {
        startFile("hello, world");
        assertThat(kernel.read(id, fh, 7, 100).ok().bytes()).isEqualTo(bytes("world"));
        assertThat(kernel.read(id, fh, 0, 0).ok().bytes()).isEmpty();
        assertThat(kernel.read(id, fh, 12, 100).ok().bytes()).isEmpty();
        assertThat(kernel.read(id, fh, Long.MAX_VALUE - 100, 100).ok().bytes()).isEmpty();
        kernel.write(id, fh, (1 << 20) - 1, bytes("x")).ok();
        assertThat(kernel.read(id, fh, 0, 1 << 20).ok().bytes()).hasSize(1 << 20);
    }

    @ParameterizedTest
    @CsvSource({"-1,10", "0,-1", "0,1048577", "9223372036854775807,1", "9223372036854775800,4096"})
    void rangesThatCannotBeAreRefused(long off, int size) throws IOException {
        startFile("");
        kernel.read(id, fh, off, size).fails(EINVAL);
        Body body = body().u64(fh).u64(off).u32(size).zeros(20).zeros(8192);
        kernel.call(Opcode.WRITE, id, body).fails(EINVAL);
        assertThat(fs.calls("read") + fs.calls("write")).isZero();
    }

    @Test
    void writesSayHowMuch() throws IOException {
        startFile("hello");
        assertThat(kernel.write(id, fh, 5, bytes(", world")).ok().u64(0)).isEqualTo(7);
        assertThat(file.data).isEqualTo(bytes("hello, world"));
        kernel.write(id, fh, 1 << 20, bytes("x")).fails(EFBIG);
        Body announced = body().u64(fh).u64(0).u32(100).zeros(20).zeros(99);
        kernel.call(Opcode.WRITE, id, announced).fails(EINVAL);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "READ", "WRITE", "FSYNC", "FSYNCDIR", "FALLOCATE", "LSEEK", "COPY_FILE_RANGE", "COPY_FILE_RANGE_64",
                "IOCTL", "POLL", "FLUSH", "GETLK", "SETLK", "SETLKW", "RELEASE", "READDIR"
            })
    void filesThatAreNotOpenAreEbadf(Opcode op) throws IOException {
        startFile("");
        byte[] body = new byte[op.argSize() + 64];
        System.arraycopy(body().u64(99).toBytes(), 0, body, 0, 8);
        body[24] = 3; // of LSEEK nothing, of FALLOCATE a mode
        if (op == Opcode.LSEEK) {
            body[16] = 4;
        } else if (op == Opcode.FALLOCATE) {
            body[16] = 1;
        } else if (op == Opcode.IOCTL) {
            body[24] = 0;
        }
        kernel.call(op.number(), id, body).fails(EBADF);
    }

    // Set-id bits

    private Reply writeWithKill() {
        Body body = body().u64(fh)
                .u64(0)
                .u32(1)
                .u32(Wire.IoIn.WRITE_KILL_SUIDGID)
                .zeros(16)
                .bytes((byte) 'x');
        return kernel.call(Opcode.WRITE, id, body);
    }

    @Test
    void writesByOneWithoutPrivilegeClearTheSetIdBits() throws IOException {
        startFile("");
        file.attr = file.attr.withMode(0106777);
        writeWithKill().ok();
        assertThat(file.attr.mode()).isEqualTo(0100777);
        file.attr = file.attr.withMode(0106666);
        writeWithKill().ok();
        assertThat(file.attr.mode()).as("no set-group-id program").isEqualTo(0102666);
        kernel.write(id, fh, 0, bytes("x")).ok();
        assertThat(file.attr.mode()).as("by a privileged one").isEqualTo(0102666);
    }

    @ParameterizedTest
    @EnumSource(names = {"EROFS", "EOPNOTSUPP", "ENOSYS"})
    void whereAttributesDoNotChangeThereAreNone(Errno errno) throws IOException {
        startFile("");
        failing("setattr", errno);
        writeWithKill().ok();
        assertThat(file.data).isEqualTo(bytes("x"));
    }

    @Test
    void aWriteThatCannotClearThemFails() throws IOException {
        startFile("");
        failing("setattr", EIO);
        writeWithKill().fails(EIO);
        assertThat(file.data).isEmpty();
    }

    private void failing(String operation, Errno errno) {
        fs.before = name -> {
            if (name.equals(operation)) {
                throw errno.error();
            }
        };
    }

    // fallocate, lseek, copy_file_range

    @Test
    void fallocate() throws IOException {
        startFile("");
        fallocate(10, 20, 0).ok();
        assertThat(file.data).hasSize(30);
        fallocate(0, 1, 3).fails(EOPNOTSUPP);
        fallocate(-1, 1, 0).fails(EINVAL);
        fallocate(0, 0, 0).fails(EINVAL);
        fallocate(Long.MAX_VALUE, 1, 0).fails(EINVAL);
        fallocate(1, Long.MIN_VALUE, 0).fails(EINVAL);
    }

    private Reply fallocate(long off, long length, int mode) {
        return kernel.call(
                Opcode.FALLOCATE,
                id,
                body().u64(fh).u64(off).u64(length).u32(mode).u32(0));
    }

    @Test
    void lseek() throws IOException {
        startFile("12345");
        assertThat(lseek(1, 3).ok().u64(0)).isEqualTo(1);
        assertThat(lseek(1, 4).ok().u64(0)).isEqualTo(5);
        lseek(5, 3).fails(ENXIO);
        lseek(-1, 3).fails(ENXIO);
        lseek(0, 0).fails(EINVAL);
        lseek(0, 5).fails(EINVAL);
    }

    private Reply lseek(long off, int whence) {
        return kernel.call(Opcode.LSEEK, id, body().u64(fh).u64(off).u32(whence).u32(0));
    }

    @ParameterizedTest
    @EnumSource(names = {"COPY_FILE_RANGE", "COPY_FILE_RANGE_64"})
    void copies(Opcode op) throws IOException {
        startFile("hello");
        assertThat(copy(op, 1, 5, 3, 0).ok().u64(0)).isEqualTo(3);
        assertThat(file.data).isEqualTo(bytes("helloell"));
        assertThat(copy(op, 100, 5, 3, 0).ok().u64(0)).isZero();
        copy(op, -1, 0, 1, 0).fails(EINVAL);
        copy(op, 0, -1, 1, 0).fails(EINVAL);
        copy(op, 0, 0, -1, 0).fails(EINVAL);
        copy(op, 0, 0, 1, 1).fails(EINVAL);
        copy(op, Long.MAX_VALUE, 0, 4096, 0).fails(EINVAL);
        copy(op, 0, Long.MAX_VALUE, 4096, 0).fails(EINVAL);
    }

    private Reply copy(Opcode op, long off, long toOff, long length, long flags) {
        Body body =
                body().u64(fh).u64(off).u64(id).u64(fh).u64(toOff).u64(length).u64(flags);
        return kernel.call(op, id, body);
    }

    // ioctl and poll

    @Test
    void ioctl() throws IOException {
        startFile("");
        Reply reply = ioctl(MemNode.REVERSE, 0, 4, 4, "abcd").ok();
        assertThat(reply.u32(0)).isEqualTo(42);
        assertThat(reply.bytes()).hasSize(20).endsWith(bytes("dcba"));
        ioctl(1, 0, 0, 0, "").fails(ENOTTY);
        ioctl(MemNode.REVERSE, Wire.IoctlIn.UNRESTRICTED, 4, 4, "abcd").fails(ENOTTY);
        ioctl(MemNode.REVERSE, 0, 5, 4, "abcd").fails(EINVAL);
        ioctl(MemNode.REVERSE, 0, -1, 4, "abcd").fails(EINVAL);
        ioctl(MemNode.REVERSE, 0, 4, -1, "abcd").fails(EINVAL);
        ioctl(MemNode.REVERSE, 0, 4, Integer.MAX_VALUE, "abcd").fails(EINVAL);
    }

    private Reply ioctl(int command, int flags, int inSize, int outSize, String data) {
        Body body = body().u64(fh).u32(flags).u32(command).u64(0).u32(inSize).u32(outSize);
        return kernel.call(Opcode.IOCTL, id, body.bytes(bytes(data)));
    }

    @Test
    void pollTakesAWakerOnlyIfTheKernelWaits() throws IOException {
        startFile("");
        file.ready = 5;
        assertThat(poll(0).ok().u64(0)).isEqualTo(1);
        assertThat(file.wakers).isEmpty();
        assertThat(poll(Wire.PollIn.SCHEDULE_NOTIFY).ok().u64(0)).isEqualTo(1);
        assertThat(file.wakers).hasSize(1);
    }

    private Reply poll(int flags) {
        return kernel.call(Opcode.POLL, id, body().u64(fh).u64(99).u32(flags).u32(1));
    }

    @Test
    void fsyncAndSyncfs() throws IOException {
        startFile("");
        kernel.call(Opcode.FSYNC, id, body().u64(fh).u32(0).u32(0)).ok();
        kernel.call(Opcode.FSYNC, id, body().u64(fh).u32(1).u32(0)).ok();
        kernel.call(Opcode.SYNCFS, ROOT, body().u64(0)).ok();
        assertThat(fs.calls("fsync")).isEqualTo(1);
        assertThat(fs.calls("fdatasync")).isEqualTo(1);
        assertThat(fs.syncs).isEqualTo(1);
    }

    // Answers that cannot be

    /// A file whose every answer is this number.
    private record Counting(long answer) implements Node {
        @Override
        public Attr getattr() {
            return Attr.file(0666, 100);
        }

        @Override
        public int read(MemorySegment dst, long off) {
            return (int) answer;
        }

        @Override
        public int write(MemorySegment src, long off) {
            return (int) answer;
        }

        @Override
        public long seek(long off, boolean hole) {
            return answer;
        }

        @Override
        public long copyFileRange(long off, Node target, long targetOff, long len) {
            return answer;
        }

        @Override
        public int ioctl(int command, MemorySegment in, MemorySegment out) {
            return (int) answer;
        }

        @Override
        public Attr setattr(SetAttr change) {
            return getattr();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -5, Integer.MIN_VALUE, 11})
    void countsThatCannotBeAreRefused(long answer) throws IOException {
        start(FileSystem.of(new Counting(answer)), MountOptions.defaults());
        id = ROOT;
        fh = kernel.open(ROOT, 2);
        kernel.read(id, fh, 0, 10).fails(EIO);
        kernel.write(id, fh, 0, new byte[10]).fails(EIO);
        copy(Opcode.COPY_FILE_RANGE, 0, 0, 10, 0).fails(EIO);
        copy(Opcode.COPY_FILE_RANGE_64, 0, 0, 10, 0).fails(EIO);
        lseek(20, 3).fails(EIO);
        if (answer < 0) {
            ioctl(1, 0, 0, 0, "").fails(EIO);
        }
        kernel.getattr(ROOT).ok();
    }

    // Operations without code

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 19, 54, 63, 64, 4096, -1, Integer.MIN_VALUE})
    void unknownOperationsAreEnosys(int opcode) throws IOException {
        start();
        kernel.call(opcode, ROOT, new byte[16]).fails(ENOSYS);
    }

    @ParameterizedTest
    @EnumSource(names = {"BMAP", "SETUPMAPPING", "REMOVEMAPPING"})
    void operationsWithoutMeaningHereAreEnosys(Opcode op) throws IOException {
        start();
        kernel.call(op.number(), ROOT, new byte[op.argSize()]).fails(ENOSYS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CUSE_INIT") // for devices only
    void tooFewArgumentsAreEinval(Opcode op) throws IOException {
        start();
        for (int size = 0; size < op.argSize(); size++) {
            kernel.call(op.number(), ROOT, new byte[size]).fails(EINVAL);
        }
    }

    /// A file system that supports nothing but the mandatory.
    @Test
    void theDefaultsAreThoseOfTheWaist() throws IOException {
        Node bare = () -> Attr.file(0644, 0);
        start(FileSystem.of(bare), MountOptions.defaults());
        id = ROOT;
        fh = kernel.open(ROOT, 0);
        kernel.read(id, fh, 0, 10).fails(Errno.EISDIR);
        kernel.write(id, fh, 0, new byte[1]).fails(EROFS);
        fallocate(0, 1, 0).fails(EOPNOTSUPP);
        lseek(0, 3).fails(ENOSYS);
        ioctl(1, 0, 0, 0, "").fails(ENOTTY);
        poll(0).fails(ENOSYS);
        kernel.call(Opcode.FSYNC, id, body().u64(fh).u64(0)).ok();
        kernel.call(Opcode.GETXATTR, id, body().u32(8).u32(0).name("user.a")).fails(EOPNOTSUPP);
        assertThat(kernel.call(Opcode.LISTXATTR, id, body().u32(8).u32(0)).ok().bytes())
                .isEmpty();
        kernel.call(Opcode.READLINK, id, body()).fails(EINVAL);
    }
}
