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
    private final Client client;
    private final Uring ring;
    private boolean reading;
    private boolean polling;
    private boolean epollReady;
    private boolean stopping;

    /// Who gets the requests and sends the replies.
    interface Client {
        /// Where the next request goes; null if none is wanted now.
        @Nullable
        MemorySegment room();

        /// Takes a request of `n` bytes in [#room], or a negative errno.
        void received(long n);

        /// The kernel has what [#send] was given.
        void sent();

        /// The kernel did not take a reply; n is a negative errno.
        void refused(int request, int n);
    }

    private DeviceRing(EventLoop loop, Fd device, Client client, Uring ring) {
        this.loop = loop;
        this.device = device;
        this.client = client;
        this.ring = ring;
    }

    /// Makes `loop` wait here.
    ///
    /// @param device non-blocking
    /// @return null where the kernel or its settings do not allow it
    static @Nullable DeviceRing open(EventLoop loop, Fd device, Client client) {
        try {
            var made = new DeviceRing(loop, device, client, Uring.open(ENTRIES, 0));
            loop.waitIn(made);
            return made;
        } catch (ErrnoException e) {
            Session.LOG.log(Level.DEBUG, "no io_uring: " + e.getMessage());
            return null;
        }
    }

    /// Sends a reply in the next round. Its memory is taken until [Client#sent].
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
            client.sent();
        }
        int count = ring.completions();
        for (int i = 0; i < count; i++) {
            completed(ring.userData(i), ring.result(i), ring.flags(i));
        }
        ring.advance(count);
        boolean ready = epollReady;
        epollReady = false;
        return ready;
    }

    private void ask() throws ErrnoException {
        MemorySegment room = reading || stopping ? null : client.room();
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
                client.received(result);
            }
        } else if (userData == EPOLL) {
            epollReady = true;
            polling = (flags & Uring.CQE_F_MORE) != 0;
        } else if (userData != CANCEL) {
            client.refused((int) userData, result);
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
