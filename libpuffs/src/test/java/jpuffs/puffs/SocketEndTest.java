// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTCONN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How a server ends: by itself, by its peer, by both at once.
class SocketEndTest extends SocketFixture {
    @Test
    void aPeerThatHangsUpFreesEverything() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        kernel.open(id);
        readsWaitFor(new CountDownLatch(1));
        kernel.postRead(id, fh, 10);
        kernel.postWrite(id, fh, new byte[100_000]);
        entered.acquire(2);
        kernel.hangUp();
        server.await();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(fs.unmounts).isEqualTo(1);
        assertThat(file.reclaims).containsExactly(1L);
    }

    /// Releases may wait for something, which only a context of the loop can.
    @Test
    void whatIsLeftOpenIsReleasedOnTheLoop() throws Exception {
        start();
        kernel.open(kernel.lookup(ROOT, "f").ok().nodeid());
        var contexts = new ArrayList<Boolean>();
        fs.before = name -> {
            if (name.equals("release") || name.equals("reclaim") || name.equals("unmount")) {
                CallContext context = CallContext.current();
                contexts.add(context != null && context.loop() == server.loop());
            }
        };
        kernel.hangUp();
        server.await();
        assertThat(contexts).hasSize(4).containsOnly(true);
    }

    @Test
    void aFileSystemThatFailsAtTheEndIsLeftAllTheSame() throws Exception {
        start();
        kernel.open(kernel.lookup(ROOT, "f").ok().nodeid());
        fs.before = name -> {
            throw new IllegalStateException("on purpose: " + name);
        };
        kernel.hangUp();
        server.await();
        fs.before = _ -> {};
    }

    @Test
    void aVetoKeepsItRunning() throws IOException {
        start();
        fs.veto = EBUSY;
        assertErrno(EBUSY, () -> server.unmount(false));
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        kernel.lookup(ROOT, "f").ok();
        fs.veto = null;
        server.unmount(false);
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
    }

    @Test
    void forceIsStrongerThanAVeto() throws IOException {
        start();
        fs.veto = EBUSY;
        server.unmount(true);
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(fs.unmounts).isEqualTo(1);
    }

    @Test
    void aBugInUnmountIsAVeto() throws IOException {
        start();
        fs.before = _ -> {
            throw new IllegalStateException("on purpose");
        };
        assertErrno(EIO, () -> server.unmount(false));
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        fs.before = _ -> {};
    }

    @Test
    void unmountingTwiceIsNothingNew() throws Exception {
        start();
        server.unmount(false);
        server.unmount(false);
        server.unmount(true);
        server.close();
        server.await();
        assertThat(server.await(0)).isTrue();
        assertThat(fs.unmounts).isEqualTo(1);
    }

    @Test
    void unmountingAtTheSameTimeIsBusyUnlessForced() throws Exception {
        start();
        var veto = new CountDownLatch(1);
        fs.before = name -> {
            if (name.equals("unmount")) {
                entered.release();
                awaitQuietly(veto);
            }
        };
        var failure = new AtomicReference<Throwable>();
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                server.unmount(false);
            } catch (IOException e) {
                failure.set(e);
            }
        });
        entered.acquire();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTING);
        assertErrno(EBUSY, () -> server.unmount(false));
        Thread forced = Thread.ofPlatform().start(server::close);
        entered.acquire();
        veto.countDown();
        forced.join();
        first.join();
        assertThat(failure.get()).isNull();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
    }

    @Test
    void itMayBeUnmountedFromWithin() throws Exception {
        start();
        server.call(() -> {
            server.unmount(true);
            return null;
        });
        server.await();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
    }

    @RepeatedHangUps
    void hangingUpAndUnmountingAtOnce(int round) throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        kernel.open(id);
        Thread peer = Thread.ofPlatform().start(kernel::hangUp);
        Thread closer = Thread.ofPlatform().start(server::close);
        if (round % 2 == 0) {
            try {
                server.unmount(false);
            } catch (ErrnoException e) {
                assertThat(e.errno()).isIn(EBUSY, ENOTCONN);
            }
        }
        peer.join();
        closer.join();
        server.await();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
    @interface RepeatedHangUps {}

    @Test
    void callsAfterTheEndFailAtOnce() throws Exception {
        start();
        assertThat(server.call(() -> 42)).isEqualTo(42);
        assertErrno(
                ENOENT,
                () -> server.call(() -> {
                    throw ENOENT.error();
                }));
        assertErrno(
                EIO,
                () -> server.call(() -> {
                    throw new IllegalStateException("on purpose");
                }));
        kernel.hangUp();
        server.await();
        assertErrno(ENOTCONN, () -> server.call(() -> 42));
        assertErrno(ENOTCONN, () -> server.notifier().incEpoch());
    }
}
