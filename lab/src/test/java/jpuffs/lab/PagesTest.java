// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.core.Tree;
import jpuffs.puffs.FileServer;
import jpuffs.puffs.MountOptions;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.OperationHook;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.dtfs.Dtfs;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import jpuffs.syspuffs.Caching;
import jpuffs.syspuffs.SysPuffs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the page cache of the kernel half saves, and that it never shows in what is read.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagesTest {
    private static final Name FILE = Name.of("f");
    private static final int PAGE = 4096;

    /// Counts requests.
    private static final class Counting implements OperationHook {
        private final Map<Opcode, Integer> counts = new ConcurrentHashMap<>();

        @Override
        public void before(Opcode op, long unique, long nodeid, Caller caller) {
            counts.merge(op, 1, Integer::sum);
        }

        @Override
        public void after(Opcode op, long unique, int errno) {}

        int of(Opcode op) {
            return counts.getOrDefault(op, 0);
        }
    }

    private final Counting counting = new Counting();

    private SysPuffs serve(FileSystem fs, Caching caching) throws IOException {
        MountOptions options = MountOptions.defaults().withHook(counting).withKernelCache(true);
        return SysPuffs.serve(fs, options, end -> SysPuffs.attach(end, SysPuffs.TIMEOUT, caching));
    }

    private static FileSystem dtfs() {
        return new Dtfs(Tmpfs.Options.DEFAULT);
    }

    private static Handle create(SysPuffs half, int flags) throws IOException {
        return half.root().create(FILE, Mode.S_IFREG | 0644, OpenFlags.O_RDWR | flags, Cred.ROOT);
    }

    @Test
    void readingGoesOnAhead() throws Exception {
        try (var half = serve(dtfs(), new Caching(1 << 20, 128 << 10, false));
                Arena arena = Arena.ofConfined()) {
            Handle file = create(half, 0);
            file.write(arena.allocate(64 * PAGE), 0);
            MemorySegment page = arena.allocate(PAGE);
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 64; i++) {
                    assertThat(file.read(page, (long) i * PAGE)).isEqualTo(PAGE);
                }
                assertThat(file.read(page, 64L * PAGE)).isZero();
            }
            assertThat(counting.of(Opcode.READ)).isBetween(1, 6);
            file.flush();
            file.release();
        }
    }

    @Test
    void smallWritesBecomeLargeOnes() throws Exception {
        try (var half = serve(dtfs(), new Caching(1 << 20, 0, true));
                Arena arena = Arena.ofConfined()) {
            Handle file = create(half, 0);
            MemorySegment part = arena.allocate(100);
            for (int i = 0; i < 1000; i++) {
                assertThat(file.write(part.fill((byte) i), i * 100L)).isEqualTo(100);
            }
            assertThat(counting.of(Opcode.WRITE)).isZero();
            assertThat(file.getattr().size()).isEqualTo(100_000);
            assertThat(counting.of(Opcode.WRITE)).isBetween(1, 2);
            MemorySegment back = arena.allocate(1);
            assertThat(file.read(back, 99_999)).isEqualTo(1);
            assertThat(back.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 999);
            file.flush();
            file.release();
        }
    }

    /// A file that cannot take more than it has: the write was told as a success, so closing must tell.
    @Test
    void aWriteThatFailsLaterIsTold() throws Exception {
        FileSystem small = new Dtfs(Tmpfs.Options.DEFAULT.with("size", "64k"));
        try (var half = serve(small, new Caching(1 << 20, 0, true));
                Arena arena = Arena.ofConfined()) {
            Handle file = create(half, 0);
            MemorySegment data = arena.allocate(72 << 10); // less than a message to an ordinary user
            assertThat(file.write(data, 0)).isEqualTo(72 << 10);
            assertThatThrownBy(() -> file.fsync(false)).hasMessageContaining("ENOSPC");
            file.flush(); // told once
            file.release();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {OpenFlags.O_APPEND, OpenFlags.O_SYNC, OpenFlags.O_DSYNC})
    void someWritesDoNotWait(int flags) throws Exception {
        try (var half = serve(dtfs(), new Caching(1 << 20, 0, true));
                Arena arena = Arena.ofConfined()) {
            Handle file = create(half, flags);
            file.write(arena.allocate(PAGE), 0);
            assertThat(counting.of(Opcode.WRITE)).isEqualTo(1);
            file.release();
        }
    }

    @Test
    void allOpenFilesHaveTheSamePages() throws Exception {
        try (var half = serve(dtfs(), new Caching(1 << 20, 0, false));
                Arena arena = Arena.ofConfined()) {
            Handle file = create(half, 0);
            file.write(arena.allocate(PAGE).fill((byte) 1), 0);
            MemorySegment page = arena.allocate(PAGE);
            file.read(page, 0);
            int before = counting.of(Opcode.READ);
            file.read(page, 0);
            assertThat(counting.of(Opcode.READ)).isEqualTo(before);
            Handle again = half.root().lookup(FILE).open(OpenFlags.O_RDWR);
            again.write(arena.allocate(10).fill((byte) 2), 0);
            assertThat(file.read(page, 0)).isEqualTo(PAGE);
            assertThat(page.get(ValueLayout.JAVA_BYTE, 9)).isEqualTo((byte) 2);
            again.release();
            file.release();
        }
    }

    /// What the server changes by itself and tells of is seen.
    @Test
    void notificationsDropPages() throws Exception {
        var content = new AtomicInteger('a');
        Node file = new Node() {
            @Override
            public Attr getattr() {
                return Attr.file(0444, 10);
            }

            @Override
            public int read(MemorySegment dst, long off) {
                return (int) dst.asSlice(0, Math.clamp(10 - off, 0, dst.byteSize()))
                        .fill(content.byteValue())
                        .byteSize();
            }
        };
        try (Socket.Pair pair = SysPuffs.pair();
                Arena arena = Arena.ofConfined()) {
            var attached = new FutureTask<>(
                    () -> SysPuffs.attach(pair.first(), SysPuffs.TIMEOUT, new Caching(1 << 20, 0, false)));
            Thread.ofPlatform().daemon().start(attached);
            var options = MountOptions.defaults().withKernelCache(true);
            try (var server = FileServer.serve(Fd.of(pair.second().release()), Tree.of("f", file), options);
                    var half = attached.get()) {
                Handle handle = half.root().lookup(FILE).open(OpenFlags.O_RDONLY);
                assertThat(first(handle, arena)).isEqualTo('a');
                content.set('b');
                assertThat(first(handle, arena)).as("kept").isEqualTo('a');
                assertThat(server.notifier().invalInode(file, 0, 0)).isTrue();
                assertThat(first(handle, arena)).isEqualTo('b');
                handle.release();
            }
        }
    }

    private static int first(Handle handle, Arena arena) throws IOException {
        MemorySegment buffer = arena.allocate(10);
        assertThat(handle.read(buffer, 0)).isEqualTo(10);
        return buffer.get(ValueLayout.JAVA_BYTE, 0);
    }

    /// Random reads and writes by two open files, with a cache so small that pages come and go, against an array.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsReadIsWhatWasWritten(boolean writeBack) throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        var random = new Random(seed);
        byte[] model = new byte[200_000];
        int size = 0;
        try (var half = serve(dtfs(), new Caching(40_000, 10_000, writeBack));
                Arena arena = Arena.ofConfined()) {
            Handle first = create(half, 0);
            Handle[] files = {
                first, first.node().open(OpenFlags.O_RDWR), first.node().open(OpenFlags.O_WRONLY)
            };
            MemorySegment buffer = arena.allocate(20_000);
            for (int step = 0; step < 3000; step++) {
                int off = random.nextInt(180_000);
                int length = random.nextBoolean() ? random.nextInt(20_000) : random.nextInt(300);
                int who = random.nextInt(3);
                if (random.nextInt(20) == 0) {
                    assertThat(files[who].getattr().size())
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo(size);
                } else if (random.nextBoolean()) {
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    System.arraycopy(bytes, 0, model, off, length);
                    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
                    assertThat(files[who].write(buffer.asSlice(0, length), off)).isEqualTo(length);
                    size = length == 0 ? size : Math.max(size, off + length);
                } else if (who < 2) {
                    int count = files[who].read(buffer.asSlice(0, length), off);
                    int expected = Math.clamp(size - off, 0, length);
                    assertThat(count).as("seed %d, step %d", seed, step).isEqualTo(expected);
                    byte[] read = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                    assertThat(read)
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo(Arrays.copyOfRange(model, off, off + count));
                }
            }
            for (Handle file : files) {
                file.flush();
                file.release();
            }
        }
    }
}
