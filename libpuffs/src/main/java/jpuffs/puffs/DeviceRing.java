// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Waiter;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import jpuffs.sys.Uring;
import org.jspecify.annotations.Nullable;

/// How a loop waits for the requests of a device with one system call each: one io_uring_enter(2) hands in the
/// replies of the last round, asks for the next request and waits for it. With epoll there are three.
///
/// All but [#close] is for the loop's thread and its contexts.
final class DeviceRing implements Waiter {
    private static final int ENTRIES = 64;

    private static final long REQUEST = -1;
    private static final long EPOLL = -2;
    private static final long CANCEL = -3;

    /// How long a cancelled read may take, which the kernel cancels at once.
    private static final long CANCEL_NANOS = 1_000_000_000;

    private final EventLoop loop;
    private final Fd device;
    private final FdTransport transport;
    private final Uring ring;
    private boolean reading;
    private boolean polling;
    private boolean epollReady;
    private boolean stopping;

    private DeviceRing(EventLoop loop, Fd device, FdTransport transport, Uring ring) {
        this.loop = loop;
        this.device = device;
        this.transport = transport;
        this.ring = ring;
    }

    /// Makes `loop` wait here.
    ///
    /// @param device non-blocking
    /// @return null where the kernel or its settings do not allow it
    static @Nullable DeviceRing open(EventLoop loop, Fd device, FdTransport transport) {
        try {
            var made = new DeviceRing(loop, device, transport, Uring.open(ENTRIES, 0));
            loop.waitIn(made);
            return made;
        } catch (ErrnoException e) {
            Session.LOG.log(Level.DEBUG, "no io_uring: " + e.getMessage());
            return null;
        }
    }

    /// Sends a reply in the next round. Its memory is taken until [FdTransport#sent].
    ///
    /// @return false if that is not possible: nothing is sent
    boolean send(MemorySegment reply, int request) {
        try {
            ring.writeSilently(device.number(), reply, request);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    @Override
    public boolean await(long timeoutNanos) throws IOException {
        ask();
        if (timeoutNanos != 0 && !epollReady && ring.completions() == 0) {
            ring.submitAndWait(1, timeoutNanos);
        } else if (!ring.isSubmitted()) {
            ring.submit();
        }
        if (ring.isSubmitted()) {
            transport.sent();
        }
        while (ring.completions() > 0) {
            long userData = ring.userData(0);
            int result = ring.result(0);
            int flags = ring.flags(0);
            ring.advance(1); // before what it leads to: that may be the end, which waits here too
            completed(userData, result, flags);
        }
        boolean ready = epollReady;
        epollReady = false;
        return ready;
    }

    private void ask() throws ErrnoException {
        MemorySegment room = reading || stopping ? null : transport.room();
        if (room != null) {
            ring.read(device.number(), room, REQUEST);
            reading = true;
        }
        if (!polling) {
            ring.poll(loop.epollFd(), Poll.POLLIN, true, EPOLL);
            polling = true;
        }
    }

    private void completed(long userData, int result, int flags) {
        if (userData == REQUEST) {
            reading = false;
            if (!stopping) {
                transport.received(result);
            }
        } else if (userData == EPOLL) {
            epollReady = true;
            polling = (flags & Uring.CQE_F_MORE) != 0;
        } else if (userData != CANCEL) {
            transport.refused((int) userData, result);
        }
    }

    /// Hands in what [#send] has left, and takes the request back that was asked for: it would keep the device open.
    void stop() {
        stopping = true;
        try {
            if (reading) {
                ring.cancel(REQUEST, CANCEL);
            }
            for (long end = System.nanoTime() + CANCEL_NANOS; reading && end - System.nanoTime() > 0; ) {
                epollReady |= await(CANCEL_NANOS);
            }
            epollReady |= await(0);
        } catch (IOException e) {
            Session.LOG.log(Level.WARNING, "replies may be lost", e);
        }
    }

    void close() {
        ring.close();
    }
}
