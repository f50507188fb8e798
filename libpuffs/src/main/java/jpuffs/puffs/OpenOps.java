// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.puffs.Wire.CreateIn;
import jpuffs.puffs.Wire.EntryOut;
import jpuffs.puffs.Wire.FlushIn;
import jpuffs.puffs.Wire.OpenIn;
import jpuffs.puffs.Wire.OpenOut;
import jpuffs.puffs.Wire.ReleaseIn;
import jpuffs.sys.Fcntl;

/// Opening and closing of files and directories.
final class OpenOps {
    private static final int BY_DRIVER = Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_TRUNC | Fcntl.O_NOCTTY;

    /// What may stand beside FOPEN_PASSTHROUGH (Linux: `fs/fuse/iomode.c`).
    private static final int BESIDE_PASSTHROUGH = OpenOut.DIRECT_IO | OpenOut.PARALLEL_DIRECT_WRITES | OpenOut.NOFLUSH;

    private final Session session;

    OpenOps(Session session) {
        this.session = session;
    }

    void open(Request r) throws IOException {
        int flags = r.argInt(OpenIn.FLAGS);
        boolean kill = (r.argInt(OpenIn.OPEN_FLAGS) & OpenIn.KILL_SUIDGID) != 0;
        Inode inode = session.nodes.get(r.nodeid);
        Handle handle = inode.node.open(forServer(flags));
        if ((flags & Fcntl.O_TRUNC) != 0) {
            truncate(handle, kill);
        }
        opened(r, add(inode, handle), 0);
    }

    private static void truncate(Handle handle, boolean kill) throws IOException {
        SetAttr change = SetAttr.none().withSize(0);
        try {
            handle.setattr(kill ? change.with(SetAttr.KILL_SUID) : change);
        } catch (IOException | RuntimeException e) {
            handle.release();
            throw e;
        }
    }

    void opendir(Request r) throws IOException {
        Inode inode = session.nodes.get(r.nodeid);
        Handle handle = inode.node.open(forServer(r.argInt(OpenIn.FLAGS)) | Fcntl.O_DIRECTORY);
        opened(r, add(inode, handle), 0);
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

    void create(Request r) throws IOException {
        int flags = r.argInt(CreateIn.FLAGS);
        int mode = Mode.S_IFREG | r.argInt(CreateIn.MODE) & Mode.PERMISSIONS;
        int umask = r.argInt(CreateIn.UMASK);
        Name name = r.component();
        Node parent = session.nodes.get(r.nodeid).node;
        int masked = session.masked(parent, mode, umask);
        Handle handle;
        try {
            handle = parent.create(name, masked, forServer(flags), r.caller.cred());
        } catch (ErrnoException e) {
            if (e.errno() != EEXIST || (flags & Fcntl.O_EXCL) != 0) {
                throw e;
            }
            handle = openExisting(parent, name, flags);
        }
        replyCreated(r, handle);
    }

    /// Somebody made the file after the kernel had looked for it.
    private Handle openExisting(Node parent, Name name, int flags) throws IOException {
        Node node = parent.lookup(name);
        if (node == null) {
            throw ENOENT.error();
        }
        if (!node.getattr().isRegular()) {
            throw EISDIR.error();
        }
        Handle handle = node.open(forServer(flags));
        if ((flags & Fcntl.O_TRUNC) != 0) {
            truncate(handle, true);
        }
        return handle;
    }

    void tmpfile(Request r) throws IOException {
        int mode = Mode.S_IFREG | r.argInt(CreateIn.MODE) & Mode.PERMISSIONS;
        Node parent = session.nodes.get(r.nodeid).node;
        int masked = session.masked(parent, mode, r.argInt(CreateIn.UMASK));
        int flags = forServer(r.argInt(CreateIn.FLAGS));
        replyCreated(r, parent.tmpfile(masked, flags, r.caller.cred()));
    }

    private void replyCreated(Request r, Handle handle) throws IOException {
        Inode inode;
        try {
            Attr attr = handle.getattr();
            inode = session.replyEntry(r, handle.node(), attr, EntryOut.SIZE + OpenOut.SIZE);
        } catch (IOException | RuntimeException e) {
            handle.release();
            throw e;
        }
        opened(r, add(inode, handle), EntryOut.SIZE);
    }

    private OpenFile add(Inode inode, Handle handle) {
        boolean backed;
        synchronized (inode) {
            backed = session.backing.open(inode, handle);
            inode.opens++;
        }
        return session.files.add(inode, handle, backed);
    }

    private void opened(Request r, OpenFile file, int at) throws ErrnoException {
        int flags = fopenFlags(file);
        MemorySegment out = r.room(at + OpenOut.SIZE);
        out.set(Request.LONG, at + OpenOut.FH, file.fh());
        out.set(Request.INT, at + OpenOut.OPEN_FLAGS, flags);
        out.set(Request.INT, at + OpenOut.BACKING_ID, file.backed() ? file.inode().backingId : 0);
        r.replyLength = at + OpenOut.SIZE;
    }

    /// The constants of [Handle] are those of the protocol.
    private int fopenFlags(OpenFile file) {
        int flags = file.handle().caching();
        if (session.options.directIo() && file.inode().type == Mode.S_IFREG) {
            flags |= OpenOut.DIRECT_IO;
        }
        if (session.options.kernelCache()) {
            flags |= OpenOut.KEEP_CACHE;
        }
        if (session.fs.keepsLocks()) {
            flags &= ~OpenOut.NOFLUSH; // closing releases locks
        }
        return file.backed() ? flags & BESIDE_PASSTHROUGH | OpenOut.PASSTHROUGH : flags;
    }

    /// A descriptor is closed: its process' POSIX locks on the file go (fcntl(2)), delayed errors are told.
    void flush(Request r) throws IOException {
        OpenFile file = session.files.get(r.argLong(FlushIn.FH));
        if (file.inode().locked) {
            unlock(file, r.argLong(FlushIn.LOCK_OWNER), false, r.pid);
        }
        file.handle().flush();
    }

    void release(Request r) throws IOException {
        OpenFile file = session.files.remove(r.argLong(ReleaseIn.FH));
        try {
            if ((r.argInt(ReleaseIn.RELEASE_FLAGS) & ReleaseIn.FLOCK_UNLOCK) != 0) {
                unlock(file, r.argLong(ReleaseIn.LOCK_OWNER), true, r.pid);
            }
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
        boolean forgotten;
        synchronized (inode) {
            inode.opens--;
            if (file.backed()) {
                session.backing.close(inode);
            }
            last = inode.opens == 0;
            forgotten = inode.lookups == 0;
        }
        if (last) {
            inode.node.inactive();
        }
        if (last && forgotten) {
            session.nodes.forget(inode, 0);
        }
    }

    private static void unlock(OpenFile file, long owner, boolean flock, int pid) throws IOException {
        file.handle().setlk(new Lock(Lock.Type.NONE, owner, 0, Long.MAX_VALUE, pid, flock), false);
    }
}
