// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Notifications, and what the real kernel makes of them. Everything is cached for an hour unless it is told
/// otherwise.
class NotifyMountedTest extends MountedFixture {
    private static final Duration HOUR = Duration.ofHours(1);

    private final MemFs fs = new MemFs();
    private final MemNode directory1 = fs.root.addDirectory("d");
    private final MemNode file = directory1.addFile("f", "hello, world");
    private FileServer server;
    private Notifier notifier;
    private Path path;

    @BeforeEach
    void start() throws IOException {
        var options = MountOptions.defaults()
                .withEntryTtl(HOUR)
                .withAttrTtl(HOUR)
                .withNegativeTtl(HOUR)
                .withKernelCache(true);
        server = mount(fs, options);
        notifier = server.notifier();
        path = mnt.resolve("d/f");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private int calls(String operation) throws IOException {
        return server.call(() -> fs.calls(operation));
    }

    @Test
    void invalInodeDropsDataAndAttributes() throws IOException {
        assertThat(Files.readString(path)).isEqualTo("hello, world");
        server.call(() -> file.data = bytes("another text"));
        assertThat(Files.readString(path)).as("cached").isEqualTo("hello, world");
        assertThat(notifier.invalInode(file, 0, 0)).isTrue();
        assertThat(Files.readString(path)).isEqualTo("another text");
        server.call(() -> file.data = bytes("short"));
        assertThat(notifier.invalInode(file, -1, 0)).isTrue();
        assertThat(Files.size(path)).isEqualTo(5);
    }

    @Test
    void invalEntryDropsANameAndAMissingOne() throws Exception {
        assertThat(Files.exists(path)).isTrue();
        assertThat(Files.exists(mnt.resolve("d/new"))).isFalse();
        server.call(() -> {
            directory1.unlink(Name.of("f"));
            return directory1.addFile("new", "");
        });
        assertThat(Files.exists(path)).as("cached").isTrue();
        assertThat(Files.exists(mnt.resolve("d/new"))).as("cached").isFalse();
        assertThat(notifier.invalEntry(directory1, Name.of("f"))).isTrue();
        assertThat(notifier.invalEntry(directory1, Name.of("new"))).isTrue();
        assertThat(Files.exists(path)).isFalse();
        assertThat(Files.exists(mnt.resolve("d/new"))).isTrue();
        assertThat(notifier.invalEntry(directory1, Name.of("never seen"))).isFalse();
        awaitThat("forget", () -> file.answered == 0);
    }

    @Test
    void expireEntryAsksAgain() throws IOException {
        assertThat(Files.exists(path)).isTrue();
        int before = calls("lookup");
        assertThat(Files.exists(path)).isTrue();
        assertThat(calls("lookup")).isEqualTo(before);
        assertThat(notifier.expireEntry(directory1, Name.of("f"))).isTrue();
        assertThat(Files.exists(path)).isTrue();
        assertThat(calls("lookup")).isEqualTo(before + 1);
    }

    @Test
    void deleteRemovesAName() throws Exception {
        assertThat(Files.exists(path)).isTrue();
        server.call(() -> {
            directory1.unlink(Name.of("f"));
            return null;
        });
        assertThat(Files.exists(path)).as("cached").isTrue();
        assertThat(notifier.delete(directory1, file, Name.of("f"))).isTrue();
        assertThat(Files.exists(path)).isFalse();
        awaitThat("forget", () -> file.answered == 0); // until then the kernel is asked, and knows that it is missing
        assertThat(notifier.delete(directory1, file, Name.of("f"))).isFalse();
    }

    @Test
    void storeFillsTheCacheAndRetrieveReadsIt() throws IOException {
        assertThat(Files.readString(path)).isEqualTo("hello, world");
        int reads = calls("read");
        assertThat(notifier.store(file, 7, MemorySegment.ofArray(bytes("cache"))))
                .isTrue();
        assertThat(Files.readString(path)).isEqualTo("hello, cache");
        assertThat(calls("read")).isEqualTo(reads);
        assertThat(notifier.retrieve(file, 0, 100)).isEqualTo(bytes("hello, cache"));
        assertThat(notifier.retrieve(file, 7, 3)).isEqualTo(bytes("cac"));
        assertThat(notifier.retrieve(file, 4_096, 100)).isEmpty();
        assertThat(notifier.invalInode(file, 0, 0)).isTrue();
        assertThat(notifier.retrieve(file, 0, 100)).isEmpty();
    }

    @Test
    void incEpochAsksForEveryNameAgain() throws IOException {
        assertThat(Files.exists(path)).isTrue();
        int before = calls("lookup");
        notifier.incEpoch();
        assertThat(Files.exists(path)).isTrue();
        assertThat(calls("lookup")).isEqualTo(before + 2);
    }

    @Test
    void pruneMakesTheKernelForget() throws Exception {
        assertThat(Files.exists(path)).isTrue();
        assertThat(file.answered).isPositive();
        notifier.prune(List.of(file));
        awaitThat("forget", () -> file.answered == 0);
        assertThat(Files.exists(path)).isTrue();
    }

    @Test
    void resendAsksForWhatIsNotAnswered() throws Exception {
        var gate = new Gate("read");
        fs.before = gate;
        var text = new AtomicReference<String>();
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                text.set(Files.readString(path));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        gate.awaitWaiting(1);
        notifier.resend();
        gate.awaitWaiting(1);
        gate.open();
        reader.join();
        assertThat(text.get()).isEqualTo("hello, world");
    }

    @Test
    void aWakerEndsAPoll() throws Exception {
        pollUntilWoken();
    }

    private void pollUntilWoken() throws Exception {
        try (Fd open = Fd.open(path, Fcntl.O_RDONLY, 0)) {
            assertThat(Poll.one(open.number(), Poll.POLLIN, 0)).isZero();
            var ready = new AtomicReference<Integer>();
            Thread poller = Thread.ofPlatform().start(() -> {
                try {
                    ready.set(Poll.one(open.number(), Poll.POLLIN, 30_000_000_000L));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            awaitThat("a waker", () -> !file.wakers.isEmpty());
            server.call(() -> {
                file.ready = Poll.POLLIN;
                return null;
            });
            file.wakers.getLast().run();
            poller.join();
            assertThat(ready.get()).isEqualTo(Poll.POLLIN);
        }
    }

    /// The kernel holds the lock of the directory while it waits for the answer; the notification waits for that
    /// lock. Others are not held up by it.
    @Test
    void aPollIsWokenThoughAnotherNotificationWaits() throws Exception {
        assertThat(Files.exists(path)).isTrue();
        var gate = new Gate("mkdir");
        fs.before = gate;
        Thread maker = Thread.ofPlatform()
                .start(() -> assertThat(mnt.resolve("d/new").toFile().mkdir()).isTrue());
        gate.awaitWaiting(1);
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                notifier.invalEntry(directory1, Name.of("f"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        pollUntilWoken();
        gate.open();
        waiting.join();
        maker.join();
    }

    @Test
    void flagsOfHandlesAreHeard() throws IOException {
        assertThat(new Handle(file, 0).caching()).isEqualTo(Handle.NOFLUSH);
        assertThat(Files.readString(path)).isEqualTo("hello, world");
        assertThat(calls("flush")).isZero();
        try (Arena arena = Arena.ofConfined();
                Fd open = Fd.open(path, Fcntl.O_RDWR, 0)) {
            assertThat(open.pread(arena.allocate(5), 7)).isEqualTo(5);
        }
    }
}
