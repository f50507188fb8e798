// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.core.Tree;
import jpuffs.puffs.MountOptions;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.dtfs.Dtfs;
import jpuffs.syspuffs.SysPuffs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What NetBSD's tests/fs/puffs has in t_basic and t_io, on a file server of this process.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BasicTest {
    private static final int DIR = Process.AT_FDCWD;

    private static byte[] path(String path) {
        return path.getBytes(UTF_8);
    }

    private static SysPuffs serve(FileSystem fs) throws IOException {
        return SysPuffs.serve(fs, MountOptions.defaults());
    }

    /// root_reg, root_lnk, root_fifo, root_chrdev: the root may be a file of another type.
    @ParameterizedTest
    @ValueSource(ints = {Mode.S_IFREG, Mode.S_IFLNK, Mode.S_IFIFO, Mode.S_IFCHR, Mode.S_IFBLK, Mode.S_IFSOCK})
    void theRootIsOfAnyType(int type) throws Exception {
        Attr attr = Attr.of(type | 0644);
        Node root = () -> attr;
        try (var half = serve(FileSystem.of(root))) {
            assertThat(half.root().getattr().mode()).isEqualTo(type | 0644);
            assertThatThrownBy(() -> half.root().lookup(Name.of("x"))).hasMessageContaining("ENOTDIR");
        }
    }

    /// A file that counts what it is told of its life.
    private static final class Counted implements Node {
        private final AtomicInteger inactive = new AtomicInteger();
        private final AtomicInteger reclaimed = new AtomicInteger();

        @Override
        public Attr getattr() {
            return Attr.file(0644, 0).withIno(7);
        }

        @Override
        public int read(MemorySegment dst, long off) {
            return 0;
        }

        @Override
        public void inactive() {
            inactive.incrementAndGet();
        }

        @Override
        public void reclaim(long answers) {
            reclaimed.addAndGet((int) answers);
        }
    }

    /// inactive_basic, inactive_reclaim: a file that is closed becomes inactive; one that is forgotten is
    /// reclaimed, for as many answers as there were.
    @Test
    void aFileIsInactiveAndReclaimed() throws Exception {
        var file = new Counted();
        try (var half = serve(Tree.of("f", file))) {
            Node found = half.root().lookup(Name.of("f"));
            Handle handle = found.open(OpenFlags.O_RDONLY);
            assertThat(file.inactive).hasValue(0);
            handle.release();
            half.statfs(); // the server has answered the release before
            assertThat(file.inactive).hasValue(1);
            assertThat(half.root().lookup(Name.of("f"))).isSameAs(found);
            assertThat(file.reclaimed).hasValue(0);
            found.reclaim(2);
            half.statfs();
            assertThat(file.reclaimed).hasPositiveValue();
        }
    }

    /// reclaim_hardlink and unlink_accessible: what is open or has another name is there.
    @Test
    void aFileLivesWithItsLastNameAndHandle() throws Exception {
        try (var half = serve(new Dtfs(Tmpfs.Options.DEFAULT));
                var kernel = new Kernel(half);
                Process process = kernel.newProcess(Cred.ROOT);
                Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom("still here");
            int fd = process.openat(DIR, path("/a"), OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0644);
            assertThat(process.write(fd, text)).isEqualTo((int) text.byteSize());
            process.linkat(DIR, path("/a"), DIR, path("/b"), 0);
            process.unlinkat(DIR, path("/a"), 0);
            assertThat(process.fstatat(DIR, path("/b"), 0).attr().nlink()).isEqualTo(1);
            process.unlinkat(DIR, path("/b"), 0);
            MemorySegment back = arena.allocate(text.byteSize());
            assertThat(process.pread(fd, back, 0)).isEqualTo((int) text.byteSize());
            assertThat(back.mismatch(text)).isEqualTo(-1);
            process.close(fd);
            assertThatThrownBy(() -> process.openat(DIR, path("/b"), OpenFlags.O_RDONLY, 0))
                    .hasMessageContaining("ENOENT");
        }
    }

    /// signals: a call that waits for the server is interrupted, which is the server's to decide.
    @Test
    void aCallThatWaitsIsInterrupted() throws Exception {
        var asked = new CountDownLatch(1);
        Node slow = new Node() {
            @Override
            public Attr getattr() {
                return Attr.file(0644, 100);
            }

            @Override
            public int read(MemorySegment dst, long off) throws IOException {
                asked.countDown();
                try {
                    new CountDownLatch(1).await(); // gives way to other requests
                    return 0;
                } catch (InterruptedException _) {
                    throw jpuffs.core.Errno.EINTR.error();
                }
            }
        };
        try (var half = serve(Tree.of("slow", slow));
                Arena arena = Arena.ofShared()) {
            Handle handle = half.root().lookup(Name.of("slow")).open(OpenFlags.O_RDONLY);
            var read = new FutureTask<>(() -> handle.read(arena.allocate(10), 0));
            Thread thread = Thread.ofPlatform().daemon().start(read);
            asked.await();
            assertThat(half.root().getattr().mode()).as("others are served").isNotZero();
            thread.interrupt();
            assertThatThrownBy(read::get).hasMessageContaining("EINTR");
            handle.release();
        }
    }

    /// nocache: transfers of all sizes, many times what a message holds, with no cache on the way.
    @Test
    void largeTransfers() throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        var random = new Random(seed);
        try (var half = SysPuffs.serve(
                        new Dtfs(Tmpfs.Options.DEFAULT), MountOptions.defaults().withDirectIo(true));
                Arena arena = Arena.ofConfined()) {
            Handle file = half.root().create(Name.of("f"), Mode.S_IFREG | 0644, OpenFlags.O_RDWR, Cred.ROOT);
            for (int size : new int[] {1, 511, 4096, 65_537, 1 << 20, (1 << 20) + 1, 5_000_001}) {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                MemorySegment out = arena.allocate(size).copyFrom(MemorySegment.ofArray(bytes));
                long at = random.nextInt(1 << 20);
                assertThat(file.write(out, at)).as("seed %d", seed).isEqualTo(size);
                MemorySegment in = arena.allocate(size);
                assertThat(file.read(in, at)).as("seed %d", seed).isEqualTo(size);
                assertThat(in.mismatch(out)).as("seed %d", seed).isEqualTo(-1);
            }
            file.release();
        }
    }

    /// poll(2) of a file of the server: the server tells when it is ready.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPolledFileBecomesReady(boolean local) throws Exception {
        var wakers = new java.util.concurrent.LinkedBlockingQueue<Runnable>();
        var ready = new AtomicInteger();
        Node file = new Node() {
            @Override
            public Attr getattr() {
                return Attr.of(Mode.S_IFREG | 0644);
            }

            @Override
            public int poll(int events, @org.jspecify.annotations.Nullable Runnable waker) {
                if (waker != null) {
                    wakers.add(waker);
                }
                return events & ready.get();
            }
        };
        FileSystem fs = Tree.of("f", file);
        try (var half = local ? SysPuffs.local(fs, MountOptions.defaults()) : serve(fs)) {
            Handle handle = half.root().lookup(Name.of("f")).open(OpenFlags.O_RDONLY);
            var woken = new CountDownLatch(1);
            assertThat(handle.poll(1, null)).isZero();
            assertThat(handle.poll(1, woken::countDown)).isZero();
            ready.set(1);
            wakers.take().run();
            woken.await();
            assertThat(handle.poll(1, null)).isEqualTo(1);
            handle.release();
        }
    }

    @Test
    void aServerWithoutPollIsAlwaysReady() throws Exception {
        try (var half = serve(Tree.of("f", Tree.text("x")))) {
            Handle handle = half.root().lookup(Name.of("f")).open(OpenFlags.O_RDONLY);
            assertThatThrownBy(() -> handle.poll(1, () -> {})).hasMessageContaining("ENOSYS");
            handle.release();
        }
    }
}
