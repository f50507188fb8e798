// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOTTY;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.sys.Fcntl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Open files.
@Timeout(value = 60, unit = SECONDS)
class NullDataTest {
    @TempDir
    Path dir;

    private Mirror mirror;
    private Handle file;

    @BeforeEach
    void open() throws IOException {
        mirror = Mirror.of(dir);
        file = mirror.create("f", Fcntl.O_RDWR);
    }

    @AfterEach
    void close() throws IOException {
        file.release();
        mirror.close();
    }

    @Test
    void readsAndWrites() throws IOException {
        assertThat(Mirror.write(file, "0123456789", 0)).isEqualTo(10);
        assertThat(Mirror.read(file, 3, 4)).isEqualTo("3456");
        assertThat(Mirror.read(file, 8, 4)).isEqualTo("89");
        assertThat(Mirror.read(file, 10, 4)).isEmpty();
        assertThat(Mirror.read(file, 1000, 4)).isEmpty();
        assertThat(Mirror.write(file, "x", 20)).isEqualTo(1);
        assertThat(file.getattr().size()).isEqualTo(21);
        assertThat(Mirror.read(file, 9, 3)).isEqualTo("9\0\0");
        file.fsync(true);
        file.fsync(false);
        file.flush();
    }

    @Test
    void theAccessModeIsKept() throws IOException {
        Handle reader = file.node().open(Fcntl.O_RDONLY);
        assertFails(EBADF, () -> Mirror.write(reader, "x", 0));
        reader.release();
        Handle writer = file.node().open(Fcntl.O_WRONLY);
        assertFails(EBADF, () -> Mirror.read(writer));
        assertThat(Mirror.write(writer, "y", 0)).isEqualTo(1);
        writer.release();
    }

    @Test
    void appendingGoesToTheEndOfTheHostsFile() throws IOException {
        Handle appender = file.node().open(Fcntl.O_WRONLY | Fcntl.O_APPEND);
        Files.writeString(mirror.host("f"), "host");
        assertThat(Mirror.write(appender, "more", 0)).isEqualTo(4);
        assertThat(mirror.host("f")).hasContent("hostmore");
        appender.release();
    }

    @Test
    void anUnlinkedFileIsUsable() throws IOException {
        Mirror.write(file, "still", 0);
        Files.delete(mirror.host("f"));
        assertThat(Mirror.read(file)).isEqualTo("still");
        Handle again = file.node().open(Fcntl.O_RDWR);
        assertThat(Mirror.read(again)).isEqualTo("still");
        assertThat(again.getattr().nlink()).isZero();
        again.release();
    }

    @Test
    void withoutAHandle() throws IOException {
        Node node = file.node();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, Mirror.bytes("text"));
            assertThat(node.write(text, 2)).isEqualTo(4);
            MemorySegment back = arena.allocate(10);
            assertThat(node.read(back, 2)).isEqualTo(4);
            assertThat(back.asSlice(0, 4).mismatch(text)).isEqualTo(-1);
            node.fsync(false);
            assertThat(node.seek(0, true)).isEqualTo(6);
            node.fallocate(0, 0, 100);
            assertThat(node.getattr().size()).isEqualTo(100);
            assertFails(EISDIR, () -> mirror.root.read(back, 0));
            assertFails(EISDIR, () -> mirror.root.write(back, 0));
        }
    }

    @Test
    void filesOver4GiB() throws IOException {
        long far = (5L << 30) + 123;
        assertThat(Mirror.write(file, "far", far)).isEqualTo(3);
        assertThat(Mirror.read(file, far, 10)).isEqualTo("far");
        assertThat(file.getattr().size()).isEqualTo(far + 3);
        assertThat(file.seek(0, false)).isBetween(1L << 30, far);
        assertThat(file.seek(0, true)).isZero();
        assertFails(ENXIO, () -> file.seek(far + 3, false));
    }

    @Test
    void fallocateAsTheHost() throws IOException {
        Mirror.write(file, "x".repeat(8192), 0);
        file.fallocate(Fcntl.FALLOC_FL_KEEP_SIZE, 0, 65536);
        assertThat(file.getattr().size()).isEqualTo(8192);
        file.fallocate(Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE, 0, 4096);
        assertThat(Mirror.read(file, 4095, 2)).isEqualTo("\0x");
        assertRefused(EOPNOTSUPP, () -> file.fallocate(Fcntl.FALLOC_FL_PUNCH_HOLE, 0, 4096));
        assertRefused(EINVAL, () -> file.fallocate(0, 0, 0));
    }

    @Test
    void copiesInTheKernel() throws IOException {
        Mirror.write(file, "0123456789", 0);
        Handle target = mirror.create("g", Fcntl.O_RDWR);
        assertThat(file.copyFileRange(2, target, 5, 100)).isEqualTo(8);
        assertThat(Mirror.read(target)).isEqualTo("\0\0\0\0\00023456789");
        assertThat(file.copyFileRange(10, target, 0, 100)).isZero();
        assertFails(EOPNOTSUPP, () -> file.copyFileRange(0, new Handle(file.node(), 0), 0, 1));
        target.release();
    }

    @Test
    void directIoAlignsForTheDriver() throws IOException {
        Handle direct;
        try {
            direct = file.node().open(Fcntl.O_RDWR | Fcntl.O_DIRECT);
        } catch (ErrnoException e) {
            Assumptions.assumeTrue(e.errno() != Errno.EINVAL, "the host's file system has no O_DIRECT");
            throw e;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment odd = arena.allocate(8192, 4096).asSlice(16, 4096);
            odd.fill((byte) 7);
            assertThat(direct.write(odd, 4096)).isEqualTo(4096);
            odd.fill((byte) 0);
            assertThat(direct.read(odd, 4096)).isEqualTo(4096);
            assertThat(odd.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 7);
            assertThat(direct.read(odd, 8192)).isZero();
        }
        direct.release();
    }

    private static final int NOFLUSH_PARALLEL = Handle.NOFLUSH | Handle.PARALLEL_WRITES;

    private int cachingOfNextOpen() throws IOException {
        Handle handle = file.node().open(Fcntl.O_RDONLY);
        handle.release();
        return handle.caching();
    }

    @Test
    void theCacheIsKeptWhileNothingChanges() throws IOException, InterruptedException {
        Mirror.write(file, "text", 0);
        Thread.sleep(60); // the times must be older than a tick of the host's clock
        assertThat(cachingOfNextOpen()).isEqualTo(NOFLUSH_PARALLEL);
        assertThat(cachingOfNextOpen()).isEqualTo(NOFLUSH_PARALLEL | Handle.KEEP_CACHE);
        Files.writeString(mirror.host("f"), "host");
        assertThat(cachingOfNextOpen()).isEqualTo(NOFLUSH_PARALLEL);
        assertThat(cachingOfNextOpen()).as("changed just now").isEqualTo(NOFLUSH_PARALLEL);
        Files.setLastModifiedTime(mirror.host("f"), FileTime.from(Instant.EPOCH));
        Thread.sleep(60);
        assertThat(cachingOfNextOpen()).isEqualTo(NOFLUSH_PARALLEL);
        assertThat(cachingOfNextOpen()).isEqualTo(NOFLUSH_PARALLEL | Handle.KEEP_CACHE);
    }

    @Test
    void theKernelGetsADescriptorWhereItMay() throws IOException {
        assertThat(file.backingFd()).isEqualTo(-1);
        try (Mirror passing = Mirror.withPassthrough(dir)) {
            Handle handle = passing.look("f").open(Fcntl.O_RDONLY);
            assertThat(handle.backingFd()).isNotNegative();
            assertThat(handle.caching()).isEqualTo(NOFLUSH_PARALLEL);
            handle.release();
            passing.look("f").setattr(SetAttr.none().withMode(04755));
            Handle writer = passing.look("f").open(Fcntl.O_WRONLY);
            assertThat(writer.backingFd())
                    .as("writing must clear the set-id bit")
                    .isEqualTo(-1);
            assertThat(writer.caching()).isEqualTo(NOFLUSH_PARALLEL | Handle.DIRECT_IO);
            writer.release();
            Handle reader = passing.look("f").open(Fcntl.O_RDONLY);
            assertThat(reader.backingFd()).isNotNegative();
            reader.release();
            Handle directory = passing.root.open(Fcntl.O_RDONLY);
            assertThat(directory.backingFd()).isEqualTo(-1);
            directory.release();
        }
    }

    @Test
    void inodeFlags() throws IOException {
        int getFlags = 0x80086601;
        int setFlags = 0x40086602;
        int noDump = 0x40;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(4);
            try {
                assertThat(file.ioctl(getFlags, MemorySegment.NULL, flags)).isZero();
            } catch (ErrnoException e) {
                Assumptions.assumeTrue(e.errno() != ENOTTY, "the host's file system has no inode flags");
                throw e;
            }
            int old = flags.get(ValueLayout.JAVA_INT, 0);
            flags.set(ValueLayout.JAVA_INT, 0, old | noDump);
            assertThat(file.ioctl(setFlags, flags, MemorySegment.NULL)).isZero();
            assertThat(mirror.root.lookup(Mirror.name("f"))).isSameAs(mirror.got(file.node()));
            assertThat(file.node().ioctl(getFlags, MemorySegment.NULL, flags)).isZero();
            assertThat(flags.get(ValueLayout.JAVA_INT, 0)).isEqualTo(old | noDump);
            assertFails(EINVAL, () -> file.ioctl(getFlags, MemorySegment.NULL, MemorySegment.NULL));
            assertFails(ENOTTY, () -> file.ioctl(0x5401, flags, flags)); // TCGETS
            assertFails(ENOTTY, () -> file.ioctl(0x40049409, flags, flags)); // FICLONE: takes a descriptor
        }
    }

    @Test
    void theFileSystemIsTheHosts() throws IOException {
        StatFs stat = mirror.fs.statfs();
        var store = Files.getFileStore(dir);
        assertThat((long) stat.blockSize() * stat.blocks()).isEqualTo(store.getTotalSpace());
        assertThat(stat.nameMax()).isEqualTo(255);
        mirror.fs.sync();
        assertThat(mirror.fs.isThreadSafe()).isTrue();
        assertThat(mirror.fs.isExportable()).isFalse();
    }
}
