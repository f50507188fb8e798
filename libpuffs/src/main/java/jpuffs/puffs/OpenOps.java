// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ESTALE;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.puffs.wire.Wire.CreateIn;
import jpuffs.puffs.wire.Wire.EntryOut;
import jpuffs.puffs.wire.Wire.FlushIn;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.OpenIn;
import jpuffs.puffs.wire.Wire.OpenOut;
import jpuffs.puffs.wire.Wire.ReleaseIn;
import jpuffs.sys.Fcntl;

/// Opening and closing of files and directories.
final class OpenOps {
    private static final int BY_DRIVER = Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_TRUNC | Fcntl.O_NOCTTY;

    /// What may stand beside FOPEN_PASSTHROUGH (Linux: `fs/fuse/iomode.c`).
    private static final int BESIDE_PASSTHROUGH = OpenOut.DIRECT_IO | OpenOut.PARALLEL_DIRECT_WRITES | OpenOut.NOFLUSH;

    /// What a handle may ask for.
    private static final int OF_HANDLES = OpenOut.PASSTHROUGH - 1;

    private final Session session;

    OpenOps(Session session) {
        this.session = session;
    }

    void open(Request r) throws IOException {
        int flags = r.argInt(OpenIn.FLAGS);
        boolean kill = (r.argInt(OpenIn.OPEN_FLAGS) & OpenIn.KILL_SUIDGID) != 0;
        Inode inode = session.nodes.get(r.nodeid);
        Handle handle = inode.node.open(forServer(flags));
        boolean done = false;
        try {
            if ((flags & Fcntl.O_TRUNC) != 0) {
                truncate(handle, kill);
            }
            opened(r, inode, handle, 0);
            done = true;
        } finally {
            if (!done) {
                abandon(handle);
            }
        }
    }

    private static void truncate(Handle handle, boolean kill) throws IOException {
        SetAttr change = SetAttr.none().withSize(0);
        handle.setattr(kill ? change.with(SetAttr.KILL_SUID) : change);
    }

    /// Where directories need no opening, a kernel that is told so at the first one asks no more: two requests less
    /// for each listing.
    void opendir(Request r) throws IOException {
        if (session.listsUnopened()) {
            r.error = ENOSYS.number();
            return;
        }
        Inode inode = session.nodes.get(r.nodeid);
        Handle handle = inode.node.open(forServer(r.argInt(OpenIn.FLAGS)) | Fcntl.O_DIRECTORY);
        boolean done = false;
        try {
            opened(r, inode, handle, 0);
            done = true;
        } finally {
            if (!done) {
                abandon(handle);
            }
        }
    }

    /// The kernel is not told of this handle.
    private static void abandon(Handle handle) {
        try {
            handle.release();
        } catch (IOException | RuntimeException e) {
            Session.LOG.log(Level.WARNING, "release of a handle that could not be used", e);
        }
    }

    /// The flags an open of the server gets. With a write-back cache the kernel reads what it fills up, and it
    /// appends by itself.
    private int forServer(int flags) {
        int result = flags & ~BY_DRIVER;
        if (session.options.writeback()) {
            result &= ~Fcntl.O_APPEND;
            if ((result & Fcntl.O_ACCMODE) == Fcntl.O_WRONLY) {
                result = result & ~Fcntl.O_ACCMODE | Fcntl.O_RDWR;
            }
        }
        return result;
    }

    /// Makes and opens. If somebody made the file after the kernel had looked for it, ESTALE lets the kernel look
    /// again: it checks the permissions of files that are there, and takes what CREATE answers for new.
    void create(Request r) throws IOException {
        int flags = r.argInt(CreateIn.FLAGS);
        int mode = Mode.S_IFREG | r.argInt(CreateIn.MODE) & Mode.PERMISSIONS;
        int umask = r.argInt(CreateIn.UMASK);
        Name name = r.component();
        Node parent = session.nodes.get(r.nodeid).node;
        int masked = session.masked(parent, mode, umask);
        try {
            replyCreated(r, parent.create(name, masked, forServer(flags), r.caller.cred()));
        } catch (ErrnoException e) {
            throw e.errno() == EEXIST && (flags & Fcntl.O_EXCL) == 0 ? ESTALE.error("%s came meanwhile", name) : e;
        }
    }

    void tmpfile(Request r) throws IOException {
        int mode = Mode.S_IFREG | r.argInt(CreateIn.MODE) & Mode.PERMISSIONS;
        Node parent = session.nodes.get(r.nodeid).node;
        int masked = session.masked(parent, mode, r.argInt(CreateIn.UMASK));
        int flags = forServer(r.argInt(CreateIn.FLAGS));
        replyCreated(r, parent.tmpfile(masked, flags, r.caller.cred()));
    }

    private void replyCreated(Request r, Handle handle) throws IOException {
        Inode inode = null;
        boolean done = false;
        try {
            inode = session.replyNew(r, handle.node(), Mode.S_IFREG, EntryOut.SIZE + OpenOut.SIZE);
            opened(r, inode, handle, EntryOut.SIZE);
            done = true;
        } finally {
            if (!done) {
                abandon(handle);
                if (inode != null) {
                    session.nodes.forget(inode, 1);
                }
            }
        }
    }

    /// Enters a handle and tells the kernel of it: nothing can fail any more once it is counted.
    private void opened(Request r, Inode inode, Handle handle, int at) throws ErrnoException {
        int flags = fopenFlags(inode, handle);
        int backing = inode.type == Mode.S_IFREG ? session.backing.descriptor(handle) : -1;
        MemorySegment out = r.room(at + OpenOut.SIZE);
        int id;
        synchronized (inode) {
            id = session.backing.open(inode, backing);
            inode.opens++;
        }
        OpenFile file = session.files.add(inode, handle, id != 0);
        out.set(Request.LONG, at + OpenOut.FH, file.fh());
        out.set(
                Request.INT,
                at + OpenOut.OPEN_FLAGS,
                id == 0 ? flags : flags & BESIDE_PASSTHROUGH | OpenOut.PASSTHROUGH);
        out.set(Request.INT, at + OpenOut.BACKING_ID, id);
        r.replyLength = at + OpenOut.SIZE;
    }

    /// The constants of [Handle] are those of the protocol, but for one.
    private int fopenFlags(Inode inode, Handle handle) {
        int asked = handle.caching();
        int flags = asked & OF_HANDLES;
        boolean direct = session.options.directIo()
                || (asked & Handle.DIRECT_IF_COHERENT) != 0 && session.negotiation.has(Init.DIRECT_IO_ALLOW_MMAP);
        if (direct && inode.type == Mode.S_IFREG) {
            flags |= OpenOut.DIRECT_IO;
        }
        if (session.options.kernelCache()) {
            flags |= OpenOut.KEEP_CACHE;
        }
        // The kernel leaves it to FLUSH to give up the POSIX locks of a process that closes a file.
        return session.fs.keepsLocks() ? flags & ~OpenOut.NOFLUSH : flags;
    }

    /// A descriptor is closed: its process' POSIX locks on the file go (fcntl(2)), delayed errors are told.
    void flush(Request r) throws IOException {
        OpenFile file = session.files.get(r.argLong(FlushIn.FH));
        try {
            if (file.inode().locked) {
                unlock(file, r.argLong(FlushIn.LOCK_OWNER), false, r.pid);
            }
        } finally {
            file.handle().flush();
        }
    }

    void release(Request r) throws IOException {
        OpenFile file = session.files.remove(r.argLong(ReleaseIn.FH));
        try {
            if ((r.argInt(ReleaseIn.RELEASE_FLAGS) & ReleaseIn.FLOCK_UNLOCK) != 0) {
                unlock(file, r.argLong(ReleaseIn.LOCK_OWNER), true, r.pid);
            }
        } catch (IOException e) {
            Session.LOG.log(Level.WARNING, "unlock of node " + file.inode().nodeid, e);
        } finally {
            close(file);
        }
    }

    /// Ends an open file that was taken out of the table. A failure to release it is only logged.
    void close(OpenFile file) throws IOException {
        try {
            file.handle().release();
        } catch (IOException e) {
            Session.LOG.log(Level.WARNING, "release of node " + file.inode().nodeid, e);
        } finally {
            closed(file);
        }
    }

    private void closed(OpenFile file) throws IOException {
        Inode inode = file.inode();
        boolean last;
        synchronized (inode) {
            inode.opens--;
            if (file.backed()) {
                session.backing.close(inode);
            }
            last = inode.opens == 0;
        }
        if (last) {
            try {
                inode.node.inactive();
            } finally {
                session.nodes.forget(inode, 0);
            }
        }
    }

    private static void unlock(OpenFile file, long owner, boolean flock, int pid) throws IOException {
        file.handle().setlk(new Lock(Lock.Type.NONE, owner, 0, Long.MAX_VALUE, pid, flock), false);
    }
}
