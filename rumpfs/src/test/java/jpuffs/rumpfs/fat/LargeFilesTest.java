// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Ukfs;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Files of 4 GiB, on disks in memory, where zeros take no room.
@Timeout(60)
class LargeFilesTest {
    private static final byte[] PATH = "/large".getBytes(UTF_8);
    private static final long GIB = 1L << 30;

    /// What is done with a file that is open.
    private interface Work {
        void run(Process process, int fd) throws IOException;
    }

    private static void with(Kit kit, Work work) throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(8 * GIB);
        kit.type().newfs(disk, FsOptions.NONE, Rumpuser.HOST);
        try (Ukfs fs = Ukfs.mount(kit.type(), disk, FsOptions.NONE, Rumpuser.HOST)) {
            int fd = fs.process().openat(AT_FDCWD, PATH, O_CREAT | O_RDWR, 0644);
            work.run(fs.process(), fd);
            fs.process().close(fd);
        }
        var report = new ArrayList<String>();
        assertThat(kit.type().fsck(disk, false, report::add, Rumpuser.HOST))
                .as("%s", report)
                .isEqualTo(FsckResult.CLEAN);
    }

    private static int write(Process process, int fd, String text, long off) throws ErrnoException {
        return process.pwrite(fd, MemorySegment.ofArray(text.getBytes(UTF_8)), off);
    }

    private static byte[] read(Process process, int fd, int size, long off) throws ErrnoException {
        var bytes = new byte[size];
        return Arrays.copyOf(bytes, process.pread(fd, MemorySegment.ofArray(bytes), off));
    }

    @Test
    void exfatHasFilesOfMoreThan4GiB() throws IOException {
        long[] offsets = {0, 2 * GIB - 2, 4 * GIB - 2, 4 * GIB + 12_345, 5 * GIB};
        with(Kit.EXFAT, (process, fd) -> {
            for (long off : offsets) {
                assertThat(write(process, fd, "@" + off, off)).isEqualTo(("@" + off).length());
            }
            for (long off : offsets) {
                assertThat(read(process, fd, ("@" + off).length(), off))
                        .asString()
                        .isEqualTo("@" + off);
            }
            assertThat(read(process, fd, 3, 3 * GIB)).containsExactly(0, 0, 0);
            assertThat(process.fstat(fd).attr().size()).isEqualTo(5 * GIB + 11);
            process.ftruncate(fd, 4 * GIB + 1);
            assertThat(read(process, fd, 10, 4 * GIB)).hasSize(1);
            process.ftruncate(fd, 6 * GIB);
            assertThat(read(process, fd, 200, 4 * GIB + 1)).hasSize(200).containsOnly(0);
            assertThat(read(process, fd, 5, 0)).startsWith("@0".getBytes(UTF_8));
        });
    }

    @Test
    void fatHasFilesOfAByteLessThan4GiB() throws IOException {
        long max = 4 * GIB - 1;
        with(Kit.MSDOSFS, (process, fd) -> {
            write(process, fd, "begin", 0);
            assertThat(write(process, fd, "end", max - 3)).isEqualTo(3);
            assertThat(process.fstat(fd).attr().size()).isEqualTo(max);
            assertThat(write(process, fd, "END", max - 2))
                    .as("no more than there is room for")
                    .isEqualTo(2);
            assertThat(read(process, fd, 10, max - 3)).asString().isEqualTo("eEN");
            requireTooBig(() -> write(process, fd, "x", max));
            requireTooBig(() -> process.ftruncate(fd, max + 1));
            assertThat(read(process, fd, 5, 0)).asString().isEqualTo("begin");
            assertThat(read(process, fd, 4096, 3 * GIB)).hasSize(4096).containsOnly(0);
        });
    }

    private static void requireTooBig(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFBIG));
    }
}
