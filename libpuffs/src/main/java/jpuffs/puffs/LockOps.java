// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Lock;
import jpuffs.puffs.wire.Wire.FileLock;
import jpuffs.puffs.wire.Wire.LkIn;

/// Advisory locks, for file systems that keep them.
final class LockOps {
    private static final int F_RDLCK = 0;
    private static final int F_WRLCK = 1;
    private static final int F_UNLCK = 2;

    private final Session session;

    LockOps(Session session) {
        this.session = session;
    }

    void getlk(Request r) throws IOException {
        OpenFile file = session.files.get(r.argLong(LkIn.FH));
        Lock asked = lock(r);
        Lock held = file.handle().getlk(asked);
        MemorySegment out = r.room(FileLock.SIZE);
        Lock told = held == null ? asked : held;
        out.set(Request.LONG, FileLock.START, told.start());
        out.set(Request.LONG, FileLock.END, told.end());
        out.set(Request.INT, FileLock.TYPE, held == null ? F_UNLCK : type(held));
        out.set(Request.INT, FileLock.PID, told.pid());
        r.replyLength = FileLock.SIZE;
    }

    private static int type(Lock lock) {
        return switch (lock.type()) {
            case READ -> F_RDLCK;
            case WRITE -> F_WRLCK;
            case NONE -> F_UNLCK;
        };
    }

    void setlk(Request r, boolean wait) throws IOException {
        OpenFile file = session.files.get(r.argLong(LkIn.FH));
        Lock lock = lock(r);
        if (!lock.flock() && lock.type() != Lock.Type.NONE) {
            file.inode().locked = true;
        }
        file.handle().setlk(lock, wait);
    }

    private static Lock lock(Request r) throws IOException {
        boolean flock = (r.argInt(LkIn.FLAGS) & LkIn.FLOCK) != 0;
        Lock.Type type = switch (r.argInt(LkIn.TYPE)) {
            case F_RDLCK -> Lock.Type.READ;
            case F_WRLCK -> Lock.Type.WRITE;
            case F_UNLCK -> Lock.Type.NONE;
            default -> throw EINVAL.error("lock of type %d", r.argInt(LkIn.TYPE));
        };
        long start = flock ? 0 : r.argLong(LkIn.START);
        long end = flock ? Long.MAX_VALUE : r.argLong(LkIn.END);
        if (start < 0 || end < start) {
            throw EINVAL.error("lock from %d to %d", start, end);
        }
        int pid = r.argInt(LkIn.PID) == 0 ? r.pid : r.argInt(LkIn.PID);
        return new Lock(type, r.argLong(LkIn.OWNER), start, end, pid, flock);
    }
}
