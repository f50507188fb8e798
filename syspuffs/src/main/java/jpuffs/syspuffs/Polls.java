// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Blocking;
import org.jspecify.annotations.Nullable;

/// Who waits for files to become ready. The server says so unasked, at a time when perhaps nobody else asks it
/// anything, so while somebody waits a thread looks what it has said.
final class Polls {
    /// How long a file that has become ready may go unnoticed.
    private static final Duration LOOK = Duration.ofMillis(2);

    private final SysPuffs fs;
    private final AtomicLong nextKh = new AtomicLong(1);
    private final Map<Long, Runnable> wakers = new HashMap<>(); // guarded by this
    private boolean looking; // guarded by this

    Polls(SysPuffs fs) {
        this.fs = fs;
    }

    /// A number for an open file, by which the server calls its wakers.
    long newKh() {
        return nextKh.getAndIncrement();
    }

    /// Takes the place of an earlier waker of the file.
    synchronized void add(long kh, Runnable waker) {
        wakers.put(kh, waker);
        if (!looking) {
            looking = true;
            Thread.ofVirtual().name("syspuffs-poll").start(this::look);
        }
    }

    /// Nobody waits for the file any more.
    synchronized void remove(long kh) {
        wakers.remove(kh);
    }

    /// The server says that the file may be ready.
    void wake(long kh) {
        Runnable waker = take(kh);
        if (waker != null) {
            waker.run();
        }
    }

    private synchronized @Nullable Runnable take(long kh) {
        return wakers.remove(kh);
    }

    private void look() {
        try {
            while (isWaiting()) {
                fs.connection.drain();
                Blocking.pause(LOOK);
            }
        } catch (ErrnoException e) {
            Connection.LOG.log(System.Logger.Level.DEBUG, "poll: " + e.getMessage());
        }
    }

    private synchronized boolean isWaiting() {
        looking = !wakers.isEmpty() && !fs.connection.isDead();
        return looking;
    }
}
