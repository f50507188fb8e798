// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.puffs.wire.Wire;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fd;
import jpuffs.sys.Sys;

/// FUSE over io_uring (Linux 6.14): one queue for each CPU the machine may have, each served where its requests
/// arise.
///
/// A [RingLoop] for each CPU in use serves its queue, and shares those of CPUs that are not in use. Forgets,
/// interrupts and notifications stay on `/dev/fuse`. The kernel blocks every request until all queues are
/// registered.
final class RingTransport {
    private static final int MAX_DEPTH = 8;

    /// What the payload buffers of all queues may take; depth falls with the number of CPUs to keep to it.
    private static final long MAX_PAYLOADS = 256L << 20;

    private final List<RingLoop> loops = new ArrayList<>();
    private final int queues;
    private final int depth;

    private RingTransport(int queues, int depth) {
        this.queues = queues;
        this.depth = depth;
    }

    /// Makes the rings; nothing is registered yet.
    ///
    /// @throws IOException ENOSYS, EPERM, ENOMEM where the kernel does not allow rings
    ///
    /// @param broken runs if the kernel does not take the rings, from any thread: it serves no requests then
    static RingTransport open(Fd device, Session session, BufferPool pool, Runnable broken) throws IOException {
        int queues = Sys.possibleCpus();
        int payload = Math.max(Wire.MIN_READ_BUFFER, session.options.maxWrite());
        int depth = Math.clamp(MAX_PAYLOADS / ((long) queues * payload), 1, MAX_DEPTH);
        var transport = new RingTransport(queues, depth);
        int threads = Math.min(queues, Runtime.getRuntime().availableProcessors());
        try {
            for (int cpu = 0; cpu < threads; cpu++) {
                transport.loops.add(RingLoop.open(cpu, device, session, pool, broken));
            }
            for (int queue = 0; queue < queues; queue++) {
                transport.loops.get(queue % threads).addQueue(queue, depth, payload);
            }
            return transport;
        } catch (IOException | RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    /// Starts a thread for each loop, which registers its queues. After INIT was answered.
    void start() {
        loops.forEach(RingLoop::start);
    }

    /// Cancels the context that serves a request; `missed` runs if no loop has it.
    void interrupt(long unique, Runnable missed) {
        var asked = new AtomicInteger(loops.size());
        for (RingLoop loop : loops) {
            loop.interrupt(unique, found -> {
                if (found) {
                    asked.set(Integer.MIN_VALUE);
                } else if (asked.decrementAndGet() == 0) {
                    missed.run();
                }
            });
        }
    }

    String description() {
        return "io_uring, " + queues + " queues of " + depth;
    }

    void stop() {
        loops.forEach(RingLoop::stop);
    }

    void join(long seconds) throws InterruptedException {
        for (RingLoop loop : loops) {
            loop.join(seconds);
        }
    }

    /// After the loops have ended.
    void close() {
        for (RingLoop loop : loops) {
            try {
                loop.close();
            } catch (IOException | RuntimeException e) {
                Session.LOG.log(Level.WARNING, "close of a ring", e);
            }
        }
        loops.clear();
    }
}
