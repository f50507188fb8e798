// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// Descriptors opened with O_PATH, which hold a file without having it open: how to get one, and how to come from
/// one to an open file. Numbers are closed by [At#close].
public final class OPath {
    private static final Name SELF_FD = Name.of("/proc/self/fd");

    /// `/proc/self/fd`, opened once for the life of the process: a walk of one component instead of four. 0 if not
    /// opened yet.
    private static final AtomicInteger PROC = new AtomicInteger();

    private static volatile boolean hasOpenTree = true; // until the kernel or a filter of system calls refuses

    private OPath() {}

    /// Opens what `fd` holds, be it O_PATH, whatever names it has now. Never follows a link: of an O_PATH
    /// descriptor of a symbolic link it is ELOOP.
    ///
    /// @param flags of open(2), without O_CREAT and O_NOFOLLOW; O_CLOEXEC is added
    public static int reopen(int fd, int flags) throws ErrnoException {
        int proc = procFd();
        try (Scratch scratch = Scratch.take()) {
            long path = scratch.number(fd);
            return (int) Native.check(Native.call(scratch, Syscalls.OPENAT, proc, path, flags | Fcntl.O_CLOEXEC, 0));
        }
    }

    /// A new O_PATH descriptor of what `fd`, open in any way, refers to.
    public static int of(int fd) throws ErrnoException {
        if (hasOpenTree) {
            long result = openTree(fd);
            if (result >= 0) {
                return (int) result;
            }
            if (result != -Errno.ENOSYS.number() && result != -Errno.EPERM.number()) {
                throw Native.failure(result);
            }
            hasOpenTree = false;
        }
        return reopen(fd, Fcntl.O_PATH);
    }

    private static long openTree(int fd) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            int flags = Fcntl.AT_EMPTY_PATH | Fcntl.O_CLOEXEC;
            return Native.call(scratch, Syscalls.OPEN_TREE, fd, scratch.path(At.EMPTY), flags, 0);
        }
    }

    /// Sets the size of the regular file `fd` holds.
    public static void truncate(int fd, long size) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.TRUNCATE, scratch.procPath(fd), size));
        }
    }

    /// The descriptor of `/proc/self/fd`.
    static int procFd() throws ErrnoException {
        int known = PROC.get();
        if (known != 0) {
            return known;
        }
        int fd = At.openat(Fcntl.AT_FDCWD, SELF_FD, Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC, 0);
        if (!PROC.compareAndSet(0, fd)) {
            At.close(fd);
        }
        return PROC.get();
    }
}
