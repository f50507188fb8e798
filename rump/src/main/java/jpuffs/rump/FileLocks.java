// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EOVERFLOW;

import java.io.IOException;
import jpuffs.core.ErrnoException;
import jpuffs.core.Lock;
import jpuffs.core.OpenFlags;
import org.jspecify.annotations.Nullable;

/// The record locks of fcntl(2), owned by processes, and the locks of flock(2), owned by open files. They are kept
/// by the file system if it says so, else with the vnode. (Linux: `fs/locks.c`.)
final class FileLocks {
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;

    private FileLocks() {}

    /// fcntl(2), F_GETLK.
    static @Nullable Flock get(Proc process, File file, Flock wanted) throws IOException {
        Lock lock = resolve(process, file, wanted);
        if (lock.type() == Lock.Type.NONE) {
            throw EINVAL.error();
        }
        Lock found = keeps(file)
                ? file.handle().getlk(lock)
                : process.kernel().locks().get(file.vnode, lock);
        if (found == null) {
            return null;
        }
        long len = found.end() == Long.MAX_VALUE ? 0 : found.end() - found.start() + 1;
        return new Flock(found.type(), 0, found.start(), len, found.pid());
    }

    /// fcntl(2), F_SETLK and F_SETLKW.
    static void set(Proc process, File file, Flock wanted, boolean wait) throws IOException {
        Lock lock = resolve(process, file, wanted);
        boolean allowed = switch (lock.type()) {
            case READ -> OpenFlags.canRead(file.flags());
            case WRITE -> OpenFlags.canWrite(file.flags());
            case NONE -> true;
        };
        if (!allowed) {
            throw EBADF.error();
        }
        file.hold();
        try {
            take(file, lock, wait);
            process.locked(file);
        } finally {
            file.drop(); // it may have been closed meanwhile
        }
    }

    /// flock(2). Going from one type to the other is not atomic: the old lock is given up first.
    static void flock(Proc process, File file, int operation) throws IOException {
        Lock.Type type = switch (operation & ~LOCK_NB) {
            case LOCK_SH -> Lock.Type.READ;
            case LOCK_EX -> Lock.Type.WRITE;
            case LOCK_UN -> Lock.Type.NONE;
            default -> throw EINVAL.error();
        };
        if (file.flock != Lock.Type.NONE && file.flock != type) {
            releaseFlock(file);
        }
        Lock lock = whole(type, file.id, process.pid(), true);
        file.hold();
        try {
            take(file, lock, (operation & LOCK_NB) == 0);
            file.flock = type;
        } finally {
            file.drop(); // if it was closed meanwhile, with the lock
        }
    }

    /// Gives up the flock(2) lock of a file.
    static void releaseFlock(File file) {
        if (file.flock != Lock.Type.NONE) {
            release(file, whole(Lock.Type.NONE, file.id, 0, true));
            file.flock = Lock.Type.NONE;
        }
    }

    /// Gives up all record locks of a process on the file, as closing any descriptor of it does.
    static void releaseRecords(Proc process, File file) {
        release(file, whole(Lock.Type.NONE, process.pid(), process.pid(), false));
    }

    private static Lock whole(Lock.Type type, long owner, int pid, boolean flock) {
        return new Lock(type, owner, 0, Long.MAX_VALUE, pid, flock);
    }

    private static void release(File file, Lock unlock) {
        if (file.vnode.mount.isGone()) {
            return;
        }
        try {
            put(file, unlock, false);
        } catch (IOException | RuntimeException e) {
            Kernel.LOG.log(System.Logger.Level.WARNING, "giving up locks", e);
        }
    }

    /// Takes a lock. One that must wait does so without the kernel lock, as the others must go on.
    private static void take(File file, Lock lock, boolean wait) throws IOException {
        try {
            put(file, lock, false);
        } catch (ErrnoException e) {
            if (!wait || e.errno() != EAGAIN) {
                throw e;
            }
            file.kernel().withoutLock(() -> put(file, lock, true));
        }
    }

    private static void put(File file, Lock lock, boolean wait) throws IOException {
        if (keeps(file)) {
            file.handle().setlk(lock, wait);
        } else {
            file.kernel().locks().set(file.vnode, lock, wait);
        }
    }

    private static boolean keeps(File file) {
        return file.vnode.mount.fs.keepsLocks() && file.vnode.fifo == null;
    }

    private static Lock resolve(Proc process, File file, Flock flock) throws IOException {
        long base = switch (flock.whence()) {
            case Process.SEEK_SET -> 0;
            case Process.SEEK_CUR -> file.position;
            case Process.SEEK_END -> file.vnode.attr().size();
            default -> throw EINVAL.error();
        };
        long start = sum(base, flock.start());
        long len = flock.len();
        long first = len < 0 ? sum(start, len) : start;
        if (start < 0 || first < 0) {
            throw EINVAL.error();
        }
        long last = len == 0 ? Long.MAX_VALUE : len < 0 ? start - 1 : sum(start, len - 1);
        return new Lock(flock.type(), process.pid(), first, last, process.pid(), false);
    }

    private static long sum(long a, long b) throws ErrnoException {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException _) {
            throw EOVERFLOW.error();
        }
    }
}
