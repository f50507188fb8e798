// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;

/// How a loop waits. Its own way is epoll; a transport that gets its requests from elsewhere, such as FUSE over
/// io_uring, supplies another: it waits there, with [EventLoop#epollFd()] among what it waits for, and handles its
/// own events before it returns, on the loop's thread.
@FunctionalInterface
public interface Waiter {
    /// Waits until [EventLoop#epollFd()] is readable, something of the waiter's own happened and was handled, or
    /// the time is over; a signal may end it too.
    ///
    /// It is enough to be told when that descriptor becomes readable: after each time, the loop comes back with a
    /// timeout of 0 until it has found nothing more.
    ///
    /// @param timeoutNanos for ever if negative, not at all if 0
    /// @return whether the epoll descriptor may be readable
    /// @throws IOException ends the loop: [EventLoop#run()] throws it
    boolean await(long timeoutNanos) throws IOException;
}
