// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTTY;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A character device. A device without state per open file implements the operations here; one with such state
/// answers a device of its own from [#open].
///
/// Buffers are borrowed until return. [#read] and [#write] block, parking their virtual thread, until there is
/// something to give or room to take; with O_NONBLOCK they fail with EAGAIN instead. An interrupted one ends with
/// EINTR, or with the count done so far.
public interface CharDevice {
    /// A process opens the device: answers what its operations go to. Default: this device itself.
    ///
    /// @param flags of open(2)
    default CharDevice open(int flags) throws IOException {
        return this;
    }

    /// Fills `dst`, at least partly; returns the count, 0 at the end. Default: EINVAL.
    ///
    /// @param off the file position, for devices that have one
    /// @param flags of open(2), O_NONBLOCK among them
    default int read(MemorySegment dst, long off, int flags) throws IOException {
        throw EINVAL.error();
    }

    /// Takes bytes of `src`, at least one; returns the count. Default: EINVAL.
    default int write(MemorySegment src, long off, int flags) throws IOException {
        throw EINVAL.error();
    }

    /// ioctl(2) with the data its command number says; the result of the call. Default: ENOTTY.
    default int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        throw ENOTTY.error();
    }

    /// The events of poll(2) among `events` that are ready now. Default: ENOSYS (always ready).
    ///
    /// @param waker if not null, called once when others may be ready, from any thread
    default int poll(int events, @Nullable Runnable waker) throws IOException {
        throw ENOSYS.error();
    }

    /// A process closed its last descriptor of what [#open] answered. Default: nothing to do.
    default void close() throws IOException {}
}
