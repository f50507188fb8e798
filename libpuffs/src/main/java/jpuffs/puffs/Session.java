// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOSYS;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import jdk.jfr.FlightRecorder;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// The protocol between the kernel and one file system: decodes requests, drives the waist, checks what it answers
/// and encodes replies. Knows no descriptor: a [Transport] brings requests and takes replies.
///
/// Safe for several threads if the file system is.
final class Session {
    static final Logger LOG = System.getLogger("jpuffs.puffs");

    private static final Name DEFAULT_ACL = Name.of("system.posix_acl_default");
    private static final int NOT_SUPPORTED = ENOSYS.number();

    final FileSystem fs;
    final MountOptions options;
    final NodeTable nodes;
    final OpenTable files = new OpenTable();
    final Encoder encoder;
    final Negotiation negotiation;
    final Backing backing;

    private final NameOps names;
    private final AttrOps attrs;
    private final XattrOps xattrs;
    private final OpenOps opens;
    private final IoOps io;
    private final DirOps dirs;
    private final LockOps locks;
    private final Notifier notifier;
    private final @Nullable OperationHook hook;

    Session(FileSystem fs, MountOptions options) throws IOException {
        this.fs = fs;
        this.options = options;
        nodes = new NodeTable(fs);
        encoder = new Encoder(options);
        negotiation = new Negotiation(fs, options);
        backing = new Backing();
        names = new NameOps(this);
        attrs = new AttrOps(this);
        xattrs = new XattrOps(this);
        opens = new OpenOps(this);
        io = new IoOps(this);
        dirs = new DirOps(this);
        locks = new LockOps(this);
        notifier = new Notifier(this);
        hook = options.dump() ? new OpDump(options.hook()) : options.hook();
    }

    Notifier notifier() {
        return notifier;
    }

    /// Serves one request to its end, but for sending the reply: leaves error and length in `request`. Does not
    /// throw.
    void serve(Request request) {
        Opcode op = request.op;
        if (op == null) {
            request.error = NOT_SUPPORTED;
            return;
        }
        OperationEvent event = event();
        if (hook != null) {
            hook.before(op, request.unique, request.nodeid, request.caller);
        }
        run(op, request);
        if (hook != null) {
            hook.after(op, request.unique, request.error);
        }
        if (event != null) {
            event.end();
            if (event.shouldCommit()) {
                event.commit(op, request);
            }
        }
    }

    /// An event that has begun; null if the flight recorder was never on. Before that the class is not even
    /// touched: its first use sets up the recorder, which takes as much time as all the rest of the start.
    private static @Nullable OperationEvent event() {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        var event = new OperationEvent();
        event.begin();
        return event;
    }

    private void run(Opcode op, Request request) {
        try {
            if (request.argsLength() < op.argSize()) {
                throw Errno.EINVAL.error("%s: %d bytes of arguments", op, request.argsLength());
            }
            dispatch(op, request);
        } catch (ErrnoException e) {
            fail(request, e.errno());
            LOG.log(Level.TRACE, () -> op + " on node " + request.nodeid + ": " + e.getMessage());
        } catch (IOException e) {
            fail(request, Errno.of(e));
            LOG.log(Level.DEBUG, () -> op + " on node " + request.nodeid, e);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            fail(request, Errno.of(e));
            LOG.log(Level.ERROR, () -> op + " on node " + request.nodeid + ": bug of the file system", e);
        }
    }

    private static void fail(Request request, Errno errno) {
        request.error = errno.number();
        request.replyLength = 0;
    }

    /// Logs an answer of the file system that is not sent, since it is impossible.
    static ErrnoException refuse(String format, Object... args) {
        ErrnoException e = EIO.error(format, args);
        LOG.log(Level.WARNING, "refused an answer of the file system: " + e.getMessage());
        return e;
    }

    private void dispatch(Opcode op, Request r) throws IOException {
        switch (op) {
            case LOOKUP -> names.lookup(r);
            case FORGET -> nodes.forget(r.nodeid, r.argLong(0));
            case BATCH_FORGET -> batchForget(r);
            case GETATTR -> attrs.getattr(r);
            case STATX -> attrs.statx(r);
            case SETATTR -> attrs.setattr(r);
            case STATFS -> attrs.statfs(r);
            case ACCESS -> attrs.access(r);
            case READLINK -> names.readlink(r);
            case SYMLINK -> names.symlink(r);
            case MKNOD -> names.mknod(r);
            case MKDIR -> names.mkdir(r);
            case UNLINK -> names.unlink(r);
            case RMDIR -> names.rmdir(r);
            case RENAME -> names.rename(r, 0);
            case RENAME2 -> names.rename(r, r.argInt(Wire.RenameIn.FLAGS));
            case LINK -> names.link(r);
            case OPEN -> opens.open(r);
            case OPENDIR -> opens.opendir(r);
            case CREATE -> opens.create(r);
            case TMPFILE -> opens.tmpfile(r);
            case FLUSH -> opens.flush(r);
            case RELEASE, RELEASEDIR -> opens.release(r);
            case READ -> io.read(r);
            case WRITE -> io.write(r);
            case FSYNC, FSYNCDIR -> io.fsync(r);
            case FALLOCATE -> io.fallocate(r);
            case LSEEK -> io.lseek(r);
            case COPY_FILE_RANGE -> io.copyFileRange(r, false);
            case COPY_FILE_RANGE_64 -> io.copyFileRange(r, true);
            case IOCTL -> io.ioctl(r);
            case POLL -> io.poll(r);
            case READDIR -> dirs.readdir(r, false);
            case READDIRPLUS -> dirs.readdir(r, true);
            case SETXATTR -> xattrs.setxattr(r);
            case GETXATTR -> xattrs.getxattr(r);
            case LISTXATTR -> xattrs.listxattr(r);
            case REMOVEXATTR -> xattrs.removexattr(r);
            case GETLK -> locks.getlk(r);
            case SETLK -> locks.setlk(r, false);
            case SETLKW -> locks.setlk(r, true);
            case INIT -> negotiation.init(r);
            case SYNCFS -> fs.sync();
            case DESTROY -> {}
            case NOTIFY_REPLY -> notifier.retrieved(r);
            case INTERRUPT, BMAP, SETUPMAPPING, REMOVEMAPPING -> throw ENOSYS.error();
        }
    }

    private void batchForget(Request r) throws IOException {
        long count = Math.min(r.argInt(0) & 0xffff_ffffL, r.dataLength() / Wire.ForgetOne.SIZE);
        for (long i = 0; i < count; i++) {
            long nodeid = r.dataLong(i, Wire.ForgetOne.SIZE, Wire.ForgetOne.NODEID);
            nodes.forget(nodeid, r.dataLong(i, Wire.ForgetOne.SIZE, Wire.ForgetOne.NLOOKUP));
        }
    }

    /// The size of the argument structure of an operation, as this kernel sends it.
    int argSize(@Nullable Opcode op) {
        if (op == null) {
            return 0;
        }
        return op == Opcode.SETXATTR && negotiation.has(Wire.Init.SETXATTR_EXT)
                ? Wire.SetxattrIn.EXT_SIZE
                : op == Opcode.INIT ? Wire.InitIn.FULL_SIZE : op.argSize();
    }

    /// Tells the kernel of a node in a reply that begins with a fuse_entry_out of `total` bytes in all; counts the
    /// look-up.
    Inode replyEntry(Request r, Node node, Attr attr, int total) throws IOException {
        Inode inode = nodes.acquire(node, attr, r.nodeid, 1);
        try {
            encoder.entry(r.room(total), 0, inode, attr);
        } catch (IOException | RuntimeException e) {
            nodes.forget(inode, 1);
            throw e;
        }
        r.replyLength = total;
        return inode;
    }

    /// `mode` with the umask applied, unless the kernel did it already or a default ACL of `parent` takes its
    /// place.
    int masked(Node parent, int mode, int umask) throws IOException {
        boolean ours = negotiation.has(Wire.Init.DONT_MASK);
        return ours && parent.getxattr(DEFAULT_ACL) == null ? mode & ~(umask & 0777) : mode;
    }

    /// Ends everything the kernel left open: handles, then nodes.
    void close() {
        for (OpenFile file : files.all()) {
            try {
                file.handle().release();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "release at the end", e);
            }
        }
        nodes.clear(e -> LOG.log(Level.WARNING, "reclaim at the end", e));
    }
}
