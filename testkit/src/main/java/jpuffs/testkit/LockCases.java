// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EDEADLK;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.sys.Fcntl.SEEK_CUR;
import static jpuffs.sys.Fcntl.SEEK_END;
import static jpuffs.sys.Fcntl.SEEK_SET;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.ErrnoException;
import jpuffs.core.Lock;
import jpuffs.rump.Flock;

/// Locks of fcntl(2) and flock(2) between processes. (NetBSD: t_vnops fcntl_lock, fcntl_getlock_pids.)
final class LockCases {
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;

    private LockCases() {}

    /// Two processes that have the file `f` open.
    private record Pair(Client a, int fdA, Client b, int fdB) {
        static Pair of(Env env) throws Exception {
            Client a = env.newProcess();
            Client b = env.newProcess();
            return new Pair(a, a.open("f", O_CREAT | O_RDWR), b, b.open("f", O_RDWR));
        }

        void lockA(Flock lock) throws ErrnoException {
            a.setlk(fdA, lock);
        }

        void lockB(Flock lock) throws ErrnoException {
            b.setlk(fdB, lock);
        }
    }

    private static Pair pair(Env env) throws Exception {
        env.requires(Feature.RECORD_LOCKS);
        return Pair.of(env);
    }

    private static Pair flockPair(Env env) throws Exception {
        env.requires(Feature.FLOCK);
        return Pair.of(env);
    }

    static void writeLockExcludes(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 0));
        fails(EAGAIN, () -> pair.lockB(Flock.write(0, 0)));
        fails(EAGAIN, () -> pair.lockB(Flock.read(0, 0)));
        pair.lockA(Flock.unlock(0, 0));
        pair.lockB(Flock.write(0, 0));
    }

    static void readLocksAreShared(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.read(0, 10));
        pair.lockB(Flock.read(5, 10));
        fails(EAGAIN, () -> pair.lockA(Flock.write(8, 1)));
        pair.lockA(Flock.write(0, 5));
        fails(EAGAIN, () -> pair.lockB(Flock.read(4, 1)));
    }

    static void rangesAreExact(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(10, 10));
        pair.lockB(Flock.write(0, 10));
        pair.lockB(Flock.write(20, 10));
        fails(EAGAIN, () -> pair.lockB(Flock.write(19, 1)));
        fails(EAGAIN, () -> pair.lockB(Flock.write(0, 11)));
        fails(EAGAIN, () -> pair.lockB(Flock.read(10, 1)));
    }

    static void unlockInTheMiddleSplits(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 100));
        pair.lockA(Flock.unlock(40, 20));
        pair.lockB(Flock.write(40, 20));
        fails(EAGAIN, () -> pair.lockB(Flock.write(39, 1)));
        fails(EAGAIN, () -> pair.lockB(Flock.write(60, 1)));
        assertHeld(pair, 0, 40, Lock.Type.WRITE);
    }

    static void downgradeInTheMiddle(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 100));
        pair.lockA(Flock.read(40, 20));
        pair.lockB(Flock.read(40, 20));
        fails(EAGAIN, () -> pair.lockB(Flock.read(39, 1)));
        fails(EAGAIN, () -> pair.lockA(Flock.write(40, 1)));
    }

    static void neighboursBecomeOne(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 10));
        pair.lockA(Flock.write(20, 10));
        pair.lockA(Flock.write(10, 10));
        assertHeld(pair, 0, 30, Lock.Type.WRITE);
    }

    /// Expects what B finds in its way to start at `start`.
    private static void assertHeld(Pair pair, long start, long len, Lock.Type type) throws ErrnoException {
        Flock found = requireNonNull(pair.b.getlk(pair.fdB, Flock.write(start, 0)));
        assertThat(List.of(found.start(), found.len())).containsExactly(start, len);
        assertThat(found.type()).isEqualTo(type);
        assertThat(found.whence()).isEqualTo(SEEK_SET);
        assertThat(found.pid()).isEqualTo(pair.a.calls().getpid());
    }

    static void getlkTellsWhoHolds(Env env) throws Exception {
        Pair pair = pair(env);
        assertThat(pair.b.getlk(pair.fdB, Flock.write(0, 0))).isNull();
        pair.lockA(Flock.read(5, 7));
        assertHeld(pair, 5, 7, Lock.Type.READ);
        assertThat(pair.b.getlk(pair.fdB, Flock.read(0, 0))).isNull();
        assertThat(pair.b.getlk(pair.fdB, Flock.write(0, 5))).isNull();
        assertThat(pair.a.getlk(pair.fdA, Flock.write(0, 0))).isNull();
        pair.lockA(Flock.write(5, 0));
        assertHeld(pair, 5, 0, Lock.Type.WRITE);
    }

    static void getlkOfFiveProcesses(Env env) throws Exception {
        env.requires(Feature.RECORD_LOCKS);
        Client asker = env.newProcess();
        int fd = asker.open("f", O_CREAT | O_RDWR);
        var pids = new ArrayList<Integer>();
        for (int i = 0; i < 5; i++) {
            Client holder = env.newProcess();
            holder.setlk(holder.open("f", O_RDWR), Flock.write(i * 10L, 10));
            pids.add(holder.calls().getpid());
        }
        for (int i = 0; i < 5; i++) {
            Flock found = requireNonNull(asker.getlk(fd, Flock.write(i * 10L + 5, 1)));
            assertThat(found.pid()).isEqualTo(pids.get(i));
            assertThat(found.start()).isEqualTo(i * 10L);
        }
    }

    static void lockOfOneProcessNeverConflicts(Env env) throws Exception {
        Pair pair = pair(env);
        int second = pair.a.open("f", O_RDWR);
        pair.lockA(Flock.write(0, 10));
        pair.a.setlk(second, Flock.write(5, 10));
        pair.a.setlk(second, Flock.read(0, 15));
        pair.lockB(Flock.read(0, 15));
    }

    /// POSIX: closing any descriptor of a file gives up all locks of the process on it.
    static void anyCloseGivesUpLocks(Env env) throws Exception {
        Pair pair = pair(env);
        int second = pair.a.open("f", O_RDONLY);
        pair.lockA(Flock.write(0, 0));
        fails(EAGAIN, () -> pair.lockB(Flock.write(0, 0)));
        pair.a.close(second);
        pair.lockB(Flock.write(0, 0));
    }

    static void exitGivesUpLocks(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 0));
        pair.a.calls().close();
        Poll.until("the lock is free", () -> pair.b.getlk(pair.fdB, Flock.write(0, 0)) == null);
        pair.lockB(Flock.write(0, 0));
    }

    static void lockNeedsOpenMode(Env env) throws Exception {
        env.requires(Feature.RECORD_LOCKS);
        Client root = env.root();
        root.create("f");
        int reader = root.open("f", O_RDONLY);
        int writer = root.open("f", O_WRONLY);
        fails(EBADF, () -> root.setlk(reader, Flock.write(0, 0)));
        fails(EBADF, () -> root.setlk(writer, Flock.read(0, 0)));
        root.setlk(reader, Flock.read(0, 0));
        root.setlk(writer, Flock.write(0, 0));
        fails(EBADF, () -> root.setlk(Client.NO_FD, Flock.write(0, 0)));
    }

    static void lockRelativeToPositionAndEnd(Env env) throws Exception {
        Pair pair = pair(env);
        pair.a.write(pair.fdA, "0123456789");
        pair.a.lseek(pair.fdA, 4, SEEK_SET);
        pair.lockA(new Flock(Lock.Type.WRITE, SEEK_CUR, 1, 2, 0));
        assertHeld(pair, 5, 2, Lock.Type.WRITE);
        pair.lockA(Flock.unlock(0, 0));
        pair.lockA(new Flock(Lock.Type.WRITE, SEEK_END, -3, 0, 0));
        assertHeld(pair, 7, 0, Lock.Type.WRITE);
        pair.lockA(Flock.unlock(0, 0));
        pair.lockA(new Flock(Lock.Type.WRITE, SEEK_SET, 8, -3, 0));
        assertHeld(pair, 5, 3, Lock.Type.WRITE);
    }

    static void badLocks(Env env) throws Exception {
        Pair pair = pair(env);
        fails(EINVAL, () -> pair.lockA(Flock.write(-1, 1)));
        fails(EINVAL, () -> pair.lockA(new Flock(Lock.Type.WRITE, 9, 0, 1, 0)));
        fails(EINVAL, () -> pair.lockA(Flock.write(2, -3)));
        fails(EINVAL, () -> pair.a.getlk(pair.fdA, Flock.unlock(0, 1)));
    }

    static void lockBeyondTheEnd(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(1L << 40, 1L << 40));
        fails(EAGAIN, () -> pair.lockB(Flock.write(3L << 39, 1)));
        pair.lockA(Flock.write(Long.MAX_VALUE, 1));
        fails(EAGAIN, () -> pair.lockB(Flock.write(Long.MAX_VALUE, 0)));
    }

    static void waitingLockIsGranted(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 0));
        Job job = Job.start(() -> pair.b.calls().setlk(pair.fdB, Flock.write(0, 0), true));
        Thread.sleep(50);
        assertThat(job.isDone()).isFalse();
        pair.lockA(Flock.unlock(0, 0));
        job.await();
        fails(EAGAIN, () -> pair.lockA(Flock.read(0, 0)));
    }

    static void waitingLockIsGrantedAtExit(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(10, 10));
        Job job = Job.start(() -> pair.b.calls().setlk(pair.fdB, Flock.write(0, 0), true));
        pair.a.calls().close();
        job.await();
    }

    static void deadlockIsFound(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 1));
        pair.lockB(Flock.write(1, 1));
        var deadlocks = new AtomicInteger();
        Job job = Job.start(() -> {
            if (!waitFor(pair.b, pair.fdB, Flock.write(0, 1), deadlocks)) {
                pair.lockB(Flock.unlock(0, 0));
            }
        });
        if (!waitFor(pair.a, pair.fdA, Flock.write(1, 1), deadlocks)) {
            pair.lockA(Flock.unlock(0, 0));
        }
        job.await();
        assertThat(deadlocks.get()).isEqualTo(1);
    }

    /// Waits for a lock; whether it was had, and not EDEADLK.
    private static boolean waitFor(Client client, int fd, Flock lock, AtomicInteger deadlocks) throws Exception {
        try {
            client.calls().setlk(fd, lock, true);
            return true;
        } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(EDEADLK);
            deadlocks.incrementAndGet();
            return false;
        }
    }

    static void locksOfFilesAreApart(Env env) throws Exception {
        Pair pair = pair(env);
        pair.lockA(Flock.write(0, 0));
        int other = pair.b.open("g", O_CREAT | O_RDWR);
        pair.b.setlk(other, Flock.write(0, 0));
        if (env.has(Feature.LINKS)) {
            env.root().link("f", "h");
            int link = pair.b.open("h", O_RDWR);
            fails(EAGAIN, () -> pair.b.setlk(link, Flock.write(0, 0)));
        }
    }

    static void flockExcludes(Env env) throws Exception {
        Pair pair = flockPair(env);
        pair.a.flock(pair.fdA, LOCK_EX);
        fails(EAGAIN, () -> pair.b.flock(pair.fdB, LOCK_EX | LOCK_NB));
        fails(EAGAIN, () -> pair.b.flock(pair.fdB, LOCK_SH | LOCK_NB));
        pair.a.flock(pair.fdA, LOCK_UN);
        pair.b.flock(pair.fdB, LOCK_EX | LOCK_NB);
    }

    static void flockIsShared(Env env) throws Exception {
        Pair pair = flockPair(env);
        pair.a.flock(pair.fdA, LOCK_SH);
        pair.b.flock(pair.fdB, LOCK_SH);
        fails(EAGAIN, () -> pair.a.flock(pair.fdA, LOCK_EX | LOCK_NB));
        pair.b.flock(pair.fdB, LOCK_UN);
        pair.a.flock(pair.fdA, LOCK_EX | LOCK_NB);
    }

    static void flockBelongsToOpenFile(Env env) throws Exception {
        env.requires(Feature.FLOCK);
        Client root = env.root();
        int first = root.open("f", O_CREAT | O_RDWR);
        int copy = root.dup(first);
        int second = root.open("f", O_RDWR);
        root.flock(first, LOCK_EX);
        root.flock(copy, LOCK_EX | LOCK_NB);
        fails(EAGAIN, () -> root.flock(second, LOCK_EX | LOCK_NB));
        root.close(first);
        fails(EAGAIN, () -> root.flock(second, LOCK_EX | LOCK_NB));
        root.close(copy);
        root.flock(second, LOCK_EX | LOCK_NB);
    }

    static void flockOfReadOnlyDescriptor(Env env) throws Exception {
        env.requires(Feature.FLOCK);
        Client root = env.root();
        root.create("f");
        int fd = root.open("f", O_RDONLY);
        root.flock(fd, LOCK_EX | LOCK_NB);
        root.flock(fd, LOCK_UN);
        root.flock(fd, LOCK_UN);
        fails(EINVAL, () -> root.flock(fd, 0));
        fails(EINVAL, () -> root.flock(fd, LOCK_SH | LOCK_EX));
    }

    static void flockWaits(Env env) throws Exception {
        Pair pair = flockPair(env);
        pair.a.flock(pair.fdA, LOCK_EX);
        Job job = Job.start(() -> pair.b.flock(pair.fdB, LOCK_EX));
        Thread.sleep(50);
        assertThat(job.isDone()).isFalse();
        pair.a.close(pair.fdA);
        job.await();
    }

    static void flockAndRecordLocksAreApart(Env env) throws Exception {
        env.requires(Feature.RECORD_LOCKS);
        Pair pair = flockPair(env);
        pair.lockA(Flock.write(0, 0));
        pair.b.flock(pair.fdB, LOCK_EX | LOCK_NB);
        fails(EAGAIN, () -> pair.lockB(Flock.write(0, 0)));
    }

    static void manyLocks(Env env) throws Exception {
        Pair pair = pair(env);
        for (int i = 0; i < 500; i++) {
            pair.lockA(Flock.write(i * 2L, 1));
            pair.lockB(Flock.write(i * 2L + 1, 1));
        }
        fails(EAGAIN, () -> pair.lockA(Flock.write(999, 1)));
        fails(EAGAIN, () -> pair.lockB(Flock.read(500, 1)));
        pair.lockA(Flock.unlock(0, 0));
        pair.lockB(Flock.write(0, 0));
    }
}
