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
    /// Of asm-generic/ioctl.h: the process brings data, it wants some, how much.
    int IOC_WRITE = 1 << 30;

    int IOC_READ = 1 << 31;
    int IOC_SIZE_SHIFT = 16;
    int IOC_SIZE = (1 << 14) - 1;

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

    /// Whether there are ioctl(2) commands with other data than their number says, as those of terminals: then all
    /// come to [#ioctl(int,long,IoctlMemory)], if the kernel lets a device have such (CUSE does, a FUSE mount does
    /// not). Default: false.
    default boolean isUnrestricted() {
        return false;
    }

    /// ioctl(2) of a device that [#isUnrestricted]. Default: as the number of the command says.
    ///
    /// @param argument of the call, an address in `memory` or anything else
    default int ioctl(int command, long argument, IoctlMemory memory) throws IOException {
        int size = command >>> IOC_SIZE_SHIFT & IOC_SIZE;
        MemorySegment in = (command & IOC_WRITE) != 0 ? memory.in(argument, size) : MemorySegment.NULL;
        MemorySegment out = (command & IOC_READ) != 0 ? memory.out(argument, size) : MemorySegment.NULL;
        return ioctl(command, in, out);
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
