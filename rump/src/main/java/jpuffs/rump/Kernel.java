// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Locks;
import jpuffs.core.Node;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A kernel in this program: a tree of mounted file systems and the processes that use it. Several kernels do not
/// know each other.
///
/// One lock guards all of a kernel; a system call holds it from beginning to end, also over the operations of the
/// file system. It is given up while a call waits for another process (a lock on a file, the other end of a fifo).
public final class Kernel implements AutoCloseable {
    /// A mount that cannot be written (mount(2)).
    public static final int MS_RDONLY = 1;

    static final System.Logger LOG = System.getLogger("jpuffs.rump");

    private static final int COPY_BUFFER = 64 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Arena arena = Arena.ofShared();
    private final Rumpuser host;
    private final Condition closing = lock.newCondition();
    private boolean closed;
    private @Nullable Thread syncDaemon;
    private @Nullable MemorySegment copyBuffer;
    private final MountTable mounts = new MountTable();
    private final Etfs etfs = new Etfs();
    private @Nullable Mount etfsMount;
    private final List<Proc> processes = new ArrayList<>();
    private final Locks locks = new Locks();
    private int nextPid = 1;
    private long nextFileId = 1;

    /// A kernel whose root file system is `root`, writable, on the host's [Rumpuser].
    public Kernel(FileSystem root) throws ErrnoException {
        this(root, 0, Rumpuser.HOST);
    }

    /// @param flags of mount(2): [#MS_RDONLY] or 0
    /// @param host what it has of the host: the clock, threads
    public Kernel(FileSystem root, int flags, Rumpuser host) throws ErrnoException {
        this.host = host;
        run(Caller.KERNEL, () -> mounts.mountRoot(root, flags));
    }

    /// A new process in the root directory, with umask 022 and no open files.
    public Process newProcess(Cred cred) {
        lock.lock();
        try {
            return new Process(new Proc(this, cred, mounts.root()));
        } finally {
            lock.unlock();
        }
    }

    /// Unmounts everything, the last mount first, and closes this kernel; its processes have ended before.
    ///
    /// @throws ErrnoException EBUSY if a file is still in use, or the veto of a file system: then it and those
    ///     mounted before go on
    public void unmountAll() throws ErrnoException {
        run(Caller.KERNEL, () -> {
            mounts.unmountAll();
            return true;
        });
        close();
    }

    /// Puts a file, directory or device of the host at a path: see [HostNodes]. (NetBSD: rump_etfs_register(3).)
    ///
    /// @param key an absolute path, compared as it is but for leading slashes; what the file systems have at
    ///     that name is not reached any more
    /// @throws ErrnoException EINVAL for a key without a leading slash or with one at the end, EEXIST
    public void registerEtfs(byte[] key, Node node) throws ErrnoException {
        run(Caller.KERNEL, () -> {
            etfs.register(key, node);
            return true;
        });
    }

    /// Takes it away. What is open stays open.
    ///
    /// @throws ErrnoException ENOENT
    public void removeEtfs(byte[] key) throws ErrnoException {
        run(Caller.KERNEL, () -> {
            etfs.remove(key);
            return true;
        });
    }

    Etfs etfs() {
        return etfs;
    }

    /// The root of [#etfs()], which is beside the tree.
    Vnode etfsRoot() throws IOException {
        if (etfsMount == null) {
            etfsMount = mounts.mountBeside(etfs);
        }
        return etfsMount.root;
    }

    /// Starts a kernel thread that makes what was written to the mounts durable, as update(8) does. It lives until
    /// [#close]; what fails is logged.
    ///
    /// @param interval between the end of one round and the beginning of the next
    public void startSyncDaemon(Duration interval) {
        lock.lock();
        try {
            if (syncDaemon == null) {
                syncDaemon = host.startThread("ioflush", () -> syncEvery(interval));
            }
        } finally {
            lock.unlock();
        }
    }

    private void syncEvery(Duration interval) {
        try {
            while (true) {
                lock.lockInterruptibly();
                try {
                    boolean told = !closed && closing.await(interval.toNanos(), TimeUnit.NANOSECONDS);
                    if (closed) {
                        return;
                    }
                    if (told) {
                        continue;
                    }
                } finally {
                    lock.unlock();
                }
                sync();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the end of the host's threads
        }
    }

    private void sync() {
        try {
            run(Caller.KERNEL, () -> {
                mounts.sync();
                return true;
            });
        } catch (ErrnoException e) {
            LOG.log(System.Logger.Level.WARNING, "sync", e);
        }
    }

    /// Ends all processes and unmounts all file systems by force. Their errors are logged.
    @Override
    public void close() {
        lock.lock();
        try {
            List.copyOf(processes).forEach(this::exit);
            mounts.clear();
            closed = true;
            closing.signalAll();
            if (arena.scope().isAlive()) {
                arena.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends a process.
    void exit(Proc process) {
        lock.lock();
        try {
            process.caller().run(process::exit);
            processes.remove(process);
        } finally {
            lock.unlock();
        }
    }

    /// Runs a system call.
    <R> R run(Caller caller, ScopedValue.CallableOp<R, IOException> call) throws ErrnoException {
        lock.lock();
        try {
            return caller.call(call);
        } catch (ErrnoException e) {
            throw e;
        } catch (IOException e) {
            throw Errno.of(e).error("%s", e);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "failed with a bug", e);
            throw EIO.error("%s", e);
        } finally {
            lock.unlock();
        }
    }

    MountTable mounts() {
        return mounts;
    }

    Time now() {
        return host.now();
    }

    /// The new process's id.
    int enlist(Proc process) {
        processes.add(process);
        return nextPid++;
    }

    long nextFileId() {
        return nextFileId++;
    }

    /// The buffer of calls that copy: native, as a file system may want it, and anybody's until the lock is given
    /// up.
    MemorySegment copyBuffer() {
        if (copyBuffer == null) {
            copyBuffer = arena.allocate(COPY_BUFFER);
        }
        return copyBuffer;
    }

    Fifo newFifo() {
        return new Fifo(lock.newCondition());
    }

    /// The locks on files of all mounts but those that keep them by themselves.
    Locks locks() {
        return locks;
    }

    /// A wait in the middle of a system call.
    @FunctionalInterface
    interface Wait {
        void run() throws IOException;
    }

    /// Runs `wait` while others have the kernel.
    void withoutLock(Wait wait) throws IOException {
        lock.unlock();
        try {
            wait.run();
        } finally {
            lock.lock();
        }
    }
}
