// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.FilterDevice;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several threads work on one mount: data of different files moves at the same time, and nothing is mixed up.
@Timeout(120)
class ParallelTest {
    private static final int THREADS = 4;

    @TempDir
    private Path directory;

    /// A disk on which two large transfers must be under way before one ends.
    private static final class MeetingDisk extends FilterDevice {
        private static final int LARGE = 64 << 10;
        private volatile CyclicBarrier meeting = new CyclicBarrier(1);

        MeetingDisk(BlockDevice below) {
            super(below);
        }

        void meet(int count) {
            meeting = new CyclicBarrier(count);
        }

        private void meet(MemorySegment data) throws IOException {
            if (data.byteSize() >= LARGE) {
                try {
                    meeting.await(30, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IOException("alone", e);
                }
            }
        }

        @Override
        public void read(MemorySegment dst, long off) throws IOException {
            meet(dst);
            super.read(dst, off);
        }

        @Override
        public void write(MemorySegment src, long off) throws IOException {
            meet(src);
            super.write(src, off);
        }
    }

    @Test
    void dataOfTwoFilesMovesAtOnce() throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 32 << 20, "-t ext4");
        try (var disk = FileDisk.open(image, false)) {
            var meeting = new MeetingDisk(disk);
            FileSystem fs = Fixture.mount(meeting, "");
            Handle one = create(fs.root(), "one");
            Handle two = create(fs.root(), "two");
            var data = MemorySegment.ofArray(new byte[MeetingDisk.LARGE]);
            meeting.meet(2);
            together(List.of(() -> one.write(data, 0), () -> two.write(data, 0)));
            together(List.of(() -> one.read(buffer(), 0), () -> two.read(buffer(), 0)));
            together(List.of(() -> one.read(buffer(), 0), () -> one.read(buffer(), 0)));
            together(List.of(() -> one.read(buffer(), 0), () -> two.write(data, 0)));
            meeting.meet(1);
            one.release();
            two.release();
            fs.unmount(true);
        }
        Tool.requireClean(image);
    }

    private static MemorySegment buffer() {
        return MemorySegment.ofArray(new byte[MeetingDisk.LARGE]);
    }

    private static Handle create(Node parent, String name) throws IOException {
        return parent.create(Name.of(name), 0644, OpenFlags.O_RDWR, Cred.ROOT);
    }

    private static void together(List<Callable<Object>> tasks) throws Exception {
        try (var threads = Executors.newFixedThreadPool(tasks.size())) {
            for (Future<Object> result : threads.invokeAll(tasks, 100, TimeUnit.SECONDS)) {
                result.get();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 -b 1024", "-t ext4 -O inline_data", "-t ext2 -b 1024", "-t ext3 -b 4096"})
    void nothingIsMixedUp(String options) throws Exception {
        long seed = Seeds.of("ParallelTest " + options);
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 64 << 20, options);
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = Fixture.mount(disk, "");
            var tasks = new ArrayList<Callable<Object>>();
            var done = new CountDownLatch(THREADS);
            for (int i = 0; i < THREADS; i++) {
                var worker = new Worker(fs, i, new SplittableRandom(seed + i));
                tasks.add(() -> {
                    try {
                        worker.run(150);
                    } finally {
                        done.countDown();
                    }
                    return true;
                });
            }
            tasks.add(() -> {
                while (done.getCount() > 0) {
                    fs.sync();
                }
                return true;
            });
            together(tasks);
            fs.unmount(true);
        }
        Tool.requireClean(image);
    }

    /// Works on files of its own and reads one that all write.
    private static final class Worker {
        private static final int FILES = 3;
        private static final int MAX = 200_000;

        private final FileSystem fs;
        private final int number;
        private final SplittableRandom random;
        private final byte[][] content = new byte[FILES][0];

        Worker(FileSystem fs, int number, SplittableRandom random) {
            this.fs = fs;
            this.number = number;
            this.random = random;
        }

        void run(int operations) throws IOException {
            for (int i = 0; i < operations; i++) {
                int file = random.nextInt(FILES);
                switch (random.nextInt(6)) {
                    case 0 -> remove(file);
                    case 1 -> truncate(file);
                    default -> write(file);
                }
                check(random.nextInt(FILES));
            }
        }

        private Name name(int file) {
            return Name.of("t" + number + "-" + file);
        }

        private void write(int file) throws IOException {
            var data = new byte[1 + random.nextInt(60_000)];
            random.nextBytes(data);
            int at = random.nextInt(MAX - data.length);
            Node known = fs.root().lookup(name(file));
            Handle handle = known == null ? create(fs.root(), name(file).toString()) : known.open(OpenFlags.O_RDWR);
            assertThat(handle.write(MemorySegment.ofArray(data), at)).isEqualTo(data.length);
            handle.release();
            handle.node().reclaim(1);
            byte[] grown = java.util.Arrays.copyOf(content[file], Math.max(content[file].length, at + data.length));
            System.arraycopy(data, 0, grown, at, data.length);
            content[file] = grown;
        }

        private void truncate(int file) throws IOException {
            Node node = fs.root().lookup(name(file));
            if (node != null) {
                int size = random.nextInt(MAX);
                node.setattr(SetAttr.none().withSize(size));
                content[file] = java.util.Arrays.copyOf(content[file], size);
                node.reclaim(1);
            }
        }

        private void remove(int file) throws IOException {
            Node node = fs.root().lookup(name(file));
            if (node != null) {
                node.reclaim(1);
                fs.root().unlink(name(file));
                content[file] = new byte[0];
            }
        }

        private void check(int file) throws IOException {
            Node node = fs.root().lookup(name(file));
            if (node == null) {
                assertThat(content[file]).isEmpty();
                return;
            }
            var bytes = new byte[MAX];
            int count = node.read(MemorySegment.ofArray(bytes), 0);
            assertThat(java.util.Arrays.copyOf(bytes, count)).isEqualTo(content[file]);
            node.reclaim(1);
        }
    }
}
