// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.EAGAIN;

import java.lang.foreign.MemorySegment;
import jpuffs.eventloop.BackOff;
import jpuffs.sys.Fd;

/// Reads what is there or comes at once: many an answer comes sooner than a thread that sleeps wakes up, so one looks
/// again and again for a while before. What was in vain is tried less and less often. For one thread at a time.
final class BusyReader {
    /// About what it takes to sleep and to be woken on another CPU, twice.
    private static final long LOOK_NANOS = 50_000;

    private final Fd fd;
    private final BackOff backOff = new BackOff();

    /// @param fd non-blocking
    BusyReader(Fd fd) {
        this.fd = fd;
    }

    /// As [Fd#tryRead].
    long read(MemorySegment inbox) {
        long n = fd.tryRead(inbox);
        if (n != -EAGAIN.number() || !backOff.isDue()) {
            return n;
        }
        long end = System.nanoTime() + LOOK_NANOS;
        while (n == -EAGAIN.number() && System.nanoTime() - end < 0) {
            n = fd.tryRead(inbox);
        }
        backOff.learn(n != -EAGAIN.number());
        return n;
    }
}
