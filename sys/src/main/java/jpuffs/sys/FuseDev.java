// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// `/dev/fuse` and its ioctls (`include/uapi/linux/fuse.h`).
public final class FuseDev {
    static final int CLONE = 0x8004e500;
    static final int BACKING_OPEN = 0x4010e501;
    static final int BACKING_CLOSE = 0x4004e502;
    static final int SYNC_INIT = 0xe503;

    private static final Name PATH = Name.of("/dev/fuse");

    private FuseDev() {}

    /// Opens the device for a new connection.
    ///
    /// @param flags O_NONBLOCK or 0
    /// @throws ErrnoException ENOENT or ENODEV where the kernel has no FUSE, EACCES without permission
    public static Fd open(int flags) throws ErrnoException {
        int fd = At.tryOpenat(Fcntl.AT_FDCWD, PATH, Fcntl.O_RDWR | flags, 0);
        if (fd >= 0) {
            return Fd.of(fd);
        }
        Errno errno = Errno.of(-fd);
        if (errno == Errno.ENOENT || errno == Errno.ENODEV) {
            throw errno.error("/dev/fuse: %s (is the module loaded? modprobe fuse)", errno.text());
        }
        throw Native.failure(fd, "/dev/fuse");
    }

    /// A further descriptor for the connection of `device`, with its own queue of requests in work.
    public static Fd cloneOf(Fd device, int flags) throws ErrnoException {
        Fd clone = open(flags);
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, device.number());
            clone.ioctl(CLONE, scratch.at(Scratch.STRUCT));
            return clone;
        } catch (ErrnoException e) {
            clone.close();
            throw e;
        }
    }

    /// Registers the open file `fd` for passthrough; returns its id, or -errno: -EPERM without CAP_SYS_ADMIN or
    /// before the connection agreed to passthrough, -EOPNOTSUPP or -ELOOP for a file that cannot be one.
    public static int tryBackingOpen(Fd device, int fd) {
        try (Scratch scratch = Scratch.take()) {
            scratch.pair(Scratch.STRUCT, Integer.toUnsignedLong(fd), 0); // struct fuse_backing_map
            return (int) device.tryIoctl(BACKING_OPEN, scratch.at(Scratch.STRUCT));
        }
    }

    /// Ends what [#tryBackingOpen] began; files opened with the id keep it. ENOENT.
    public static void backingClose(Fd device, int id) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, id);
            device.ioctl(BACKING_CLOSE, scratch.at(Scratch.STRUCT));
        }
    }

    /// Makes the coming mount(2) of `device` wait until INIT was answered, by another thread, and fail if that
    /// answer is an error. ENOTTY or EINVAL where the kernel (before 6.18) has it not.
    public static void syncInit(Fd device) throws ErrnoException {
        device.ioctl(SYNC_INIT, 0);
    }
}
