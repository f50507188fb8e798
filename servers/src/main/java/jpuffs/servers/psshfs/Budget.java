// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import jpuffs.core.ErrnoException;

/// A bound of the memory that something may take, in bytes.
final class Budget {
    private final long limit;
    private final Waiters waiters = new Waiters();
    private long taken;

    Budget(long limit) {
        this.limit = limit;
    }

    /// Waits until there is room. Yields. Takes nothing.
    void await() throws ErrnoException {
        while (!hasRoom()) {
            waiters.await();
        }
    }

    boolean hasRoom() {
        return taken < limit;
    }

    /// Takes, beyond the limit too.
    void take(long bytes) {
        taken += bytes;
    }

    void give(long bytes) {
        taken -= bytes;
        if (hasRoom()) {
            waiters.wake();
        }
    }

    /// For tests that look for leaks.
    long taken() {
        return taken;
    }
}
