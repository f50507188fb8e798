// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileDiskTest {
    @TempDir
    private Path dir;

    static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    static MemorySegment filled(int bytes, int value) {
        MemorySegment segment = MemorySegment.ofArray(new byte[bytes]);
        return segment.fill((byte) value);
    }

    static byte[] read(BlockDevice disk, long off, int count) throws IOException {
        byte[] bytes = new byte[count];
        disk.read(MemorySegment.ofArray(bytes), off);
        return bytes;
    }

    @Test
    void isTheFile() throws IOException {
        Path file = dir.resolve("disk");
        try (FileDisk disk = FileDisk.create(file, 10_000)) {
            assertThat(disk.size()).isEqualTo(9728); // whole blocks
            disk.write(filled(1024, 7), 512);
            disk.flush();
            assertThat(read(disk, 1024, 512)).containsOnly(7);
            assertErrno(Errno.EINVAL, () -> disk.write(filled(512, 1), 100));
            assertErrno(Errno.ENOSPC, () -> disk.write(filled(1024, 1), 9216));
        }
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes).hasSize(10_000);
        assertThat(bytes[1535]).isEqualTo((byte) 7);
        assertThat(bytes[1536]).isZero();
    }

    @Test
    void isLocked() throws IOException {
        Path file = dir.resolve("disk");
        try (FileDisk disk = FileDisk.create(file, 4096)) {
            assertThat(disk.isReadOnly()).isFalse();
            assertErrno(Errno.EBUSY, () -> FileDisk.open(file, true));
            assertErrno(Errno.EBUSY, () -> FileDisk.create(file, 512));
            assertThat(file).hasSize(4096);
        }
        try (FileDisk disk = FileDisk.open(file, true)) {
            assertErrno(Errno.EROFS, () -> disk.write(filled(512, 1), 0));
            disk.flush();
        }
    }

    @Test
    void isNoDirectory() {
        assertErrno(Errno.EINVAL, () -> FileDisk.open(dir, true));
        assertThatThrownBy(() -> FileDisk.open(dir.resolve("none"), true)).isInstanceOf(IOException.class);
    }

    @Test
    void aCutFileEndsInAnError() throws IOException {
        Path file = dir.resolve("disk");
        try (FileDisk disk = FileDisk.create(file, 4096)) {
            Files.write(file, new byte[1000]);
            assertErrno(Errno.EIO, () -> read(disk, 0, 4096));
        }
    }

    @Test
    void interruptsCloseNothing() throws Exception {
        try (FileDisk disk = FileDisk.create(dir.resolve("disk"), 1 << 20)) {
            disk.write(filled(1 << 20, 5), 0);
            var task = new FutureTask<>(() -> {
                for (int i = 0; i < 300; i++) {
                    assertThat(read(disk, 0, 64 << 10)).containsOnly(5);
                }
                return Thread.currentThread().isInterrupted();
            });
            Thread thread = Thread.ofPlatform().start(task);
            while (!task.isDone()) {
                thread.interrupt();
                assertThat(read(disk, 512, 512)).containsOnly(5);
            }
            assertThat(task.get()).isTrue();
        }
    }

    @Test
    void closedIsClosed() throws IOException {
        FileDisk disk = FileDisk.create(dir.resolve("disk"), 4096);
        disk.close();
        assertErrno(Errno.EBADF, () -> read(disk, 0, 512));
    }

    @Test
    void memoryTakesOnlyWhatIsWritten() throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(1L << 40);
        disk.write(filled(1024, 3), (1L << 40) - 1024);
        assertThat(read(disk, (1L << 40) - 1024, 1024)).containsOnly(3);
        assertThat(read(disk, 1L << 30, 512)).containsOnly(0);
        assertThat(disk.memory()).isLessThan(1 << 20);
        disk.trim(0, 1L << 20);
        disk.zero((1L << 40) - 65536, 65536);
        assertThat(disk.memory()).isZero();
    }

    @Test
    void copyOnWriteLeavesTheBaseAlone() throws IOException {
        MemoryDisk base = MemoryDisk.ofSize(200 << 10);
        base.write(filled(200 << 10, 1), 0);
        MemoryDisk over = MemoryDisk.over(base);
        over.write(filled(128 << 10, 2), 60 << 10);
        over.zero(0, 512);
        assertThat(read(over, 0, 512)).containsOnly(0);
        assertThat(read(over, 512, 512)).containsOnly(1);
        assertThat(read(over, 60 << 10, 128 << 10)).containsOnly(2);
        assertThat(read(over, 188 << 10, 12 << 10)).containsOnly(1);
        assertThat(read(base, 0, 200 << 10)).containsOnly(1);
    }

    @Test
    void aFaultyDiskFailsWhenTold() throws IOException {
        var disk = new FaultDisk(MemoryDisk.ofSize(8192));
        disk.fail(n -> n == 1);
        disk.write(filled(1024, 1), 0);
        assertErrno(Errno.EIO, () -> disk.write(filled(1024, 2), 1024));
        assertThat(read(disk, 1024, 1024)).startsWith(2).endsWith(0); // torn
        disk.heal();
        disk.write(filled(1024, 2), 1024);
        assertThat(disk.operations()).isEqualTo(3);
    }

    @Test
    void anyCrashCanBeSeen() throws IOException {
        var disk = new FaultDisk(MemoryDisk.ofSize(8192));
        disk.write(filled(512, 1), 0);
        disk.flush();
        disk.write(filled(1024, 2), 0);
        disk.write(filled(512, 3), 2048);
        assertThat(disk.events()).isEqualTo(4);
        assertThat(read(disk.crash(1), 0, 512)).containsOnly(1);
        assertThat(read(disk.crash(3), 0, 1024)).containsOnly(2);
        assertThat(read(disk.crash(3), 2048, 512)).containsOnly(0);
        boolean lost = false;
        boolean torn = false;
        for (int seed = 0; seed < 200; seed++) {
            byte[] first = read(disk.crash(4, seed), 0, 1024);
            assertThat(first[0]).isIn((byte) 1, (byte) 2); // flushed, perhaps overwritten
            assertThat(read(disk.crash(4, seed), 0, 1024)).isEqualTo(first);
            torn |= first[0] != 2 && first[512] == 2;
            lost |= first[0] == 1 && read(disk.crash(4, seed), 2048, 512)[0] == 3;
        }
        assertThat(torn).isTrue();
        assertThat(lost).isTrue();
    }
}
