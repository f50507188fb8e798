// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINTR;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jpuffs.core.ErrnoException;

/// Holds up the operations of one name, as [MemFs#before]: each that comes is counted and waits until the gate is
/// opened. What interrupts it is EINTR.
final class Gate implements MemFs.Before {
    private final String operation;
    private final Semaphore entered = new Semaphore(0);
    private final CountDownLatch open = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    Gate(String operation) {
        this.operation = operation;
    }

    @Override
    public void operation(String name) throws ErrnoException {
        if (!name.equals(operation)) {
            return;
        }
        entered.release();
        try {
            open.await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw EINTR.error();
        }
    }

    /// Waits until so many more have come.
    void awaitWaiting(int count) throws InterruptedException {
        entered.acquire(count);
    }

    /// Whether one was interrupted, within 20 seconds.
    boolean awaitInterrupt() throws InterruptedException {
        return interrupted.await(20, TimeUnit.SECONDS);
    }

    void open() {
        open.countDown();
    }
}
