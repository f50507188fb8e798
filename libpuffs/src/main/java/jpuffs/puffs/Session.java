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
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.puffs.wire.Wire;
import org.jspecify.annotations.Nullable;

/// The protocol between the kernel and one file system: decodes requests, drives the waist, checks what it answers
/// and encodes replies. Knows no descriptor: a transport brings requests and takes replies.
///
/// Safe for several threads if the file system is.
final class Session {
    static final Logger LOG = System.getLogger("jpuffs.puffs");

    private static final Name DEFAULT_ACL = Name.of("system.posix_acl_default");
    private static final int NOT_SUPPORTED = ENOSYS.number();

    /// Of many requests that are there at once, after so many what they have sent to others goes out: those work on
    /// it while we go on. Measured with psshfs (docs/notes/030-psshfs.md).
    static final int PORTION = 4;

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
    private volatile boolean destroyed;

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

    /// Whether the kernel has directories that it did not open.
    boolean listsUnopened() {
        return negotiation.has(Wire.Init.NO_OPENDIR_SUPPORT);
    }

    /// The open file of this number. Directories that were not opened have the number 0, and say what their node
    /// says.
    ///
    /// @throws ErrnoException EBADF, ESTALE
    OpenFile openFile(Request r, long fh) throws ErrnoException {
        if (fh == 0 && listsUnopened()) {
            Inode inode = nodes.get(r.nodeid);
            if (inode.type == Mode.S_IFDIR) {
                return new OpenFile(fh, inode, new Handle(inode.node, OpenFlags.O_DIRECTORY), false);
            }
        }
        return files.get(fh);
    }

    Notifier notifier() {
        return notifier;
    }

    /// Serves one request to its end, but for sending the reply: leaves error and length in `request`. Does not
    /// throw.
    void serve(Request request) {
        Opcode op = request.op;
        if (op == null || (op == Opcode.CUSE_INIT && options.cuse() == null)) {
            request.error = NOT_SUPPORTED;
            return;
        }
        if (request.nodeid == 0 && options.cuse() != null) { // a device has one node, and the kernel no number for it
            request.nodeid = Wire.ROOT_ID;
        }
        OperationEvent event = event();
        run(op, request);
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

    /// Whatever happens, even an Error: the caller gets an answer and the server lives on.
    private void run(Opcode op, Request request) {
        try {
            if (hook != null) {
                hook.before(op, request.unique, request.nodeid, request.caller);
            }
            if (request.argsLength() < (op == Opcode.INIT ? op.argSize() : argSize(op))) {
                throw Errno.EINVAL.error("%s: %d bytes of arguments", op, request.argsLength());
            }
            dispatch(op, request);
        } catch (Throwable e) {
            failed(op, request, e);
        }
        try {
            if (hook != null) {
                hook.after(op, request.unique, request.error);
            }
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "hook", e);
        }
    }

    private static void failed(Opcode op, Request request, Throwable failure) {
        request.error = Errno.of(failure).number();
        request.replyLength = 0;
        if (!(failure instanceof IOException)) {
            LOG.log(Level.ERROR, () -> what(op, request) + ": bug of the file system", failure);
        } else if (!op.isAnswered()) {
            LOG.log(Level.WARNING, () -> what(op, request) + ": " + failure.getMessage());
        } else if (failure instanceof ErrnoException) {
            LOG.log(Level.TRACE, () -> what(op, request) + ": " + failure.getMessage());
        } else {
            LOG.log(Level.DEBUG, () -> what(op, request), failure);
        }
    }

    private static String what(Opcode op, Request request) {
        return op + " on node " + request.nodeid;
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
            case CUSE_INIT -> negotiation.cuseInit(r);
            case SYNCFS -> fs.sync();
            case DESTROY -> destroy();
            case NOTIFY_REPLY -> notifier.retrieved(r);
            case INTERRUPT, BMAP, SETUPMAPPING, REMOVEMAPPING -> throw ENOSYS.error();
        }
    }

    /// Asks the file system, as a kernel half does that can take no for an answer. (Linux sends a DESTROY for block
    /// devices only, and when it has let go.)
    private void destroy() throws IOException {
        fs.unmount(false);
        destroyed = true;
    }

    /// Asks the file system, as [FileSystem#unmount]; but not again when it has agreed to a DESTROY, or was told
    /// that it has no choice.
    void unmount(boolean force) throws IOException {
        if (!destroyed) {
            destroyed = force;
            fs.unmount(force);
        }
    }

    private void batchForget(Request r) throws IOException {
        long count = Math.min(r.argInt(0) & 0xffff_ffffL, r.dataLength() / Wire.ForgetOne.SIZE);
        IOException failure = null;
        for (long i = 0; i < count; i++) {
            long nodeid = r.dataLong(i, Wire.ForgetOne.SIZE, Wire.ForgetOne.NODEID);
            try {
                nodes.forget(nodeid, r.dataLong(i, Wire.ForgetOne.SIZE, Wire.ForgetOne.NLOOKUP));
            } catch (IOException e) {
                failure = e; // the others are forgotten all the same
            }
        }
        if (failure != null) {
            throw failure;
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
        Inode inode = nodes.acquire(node, attr, r.nodeid);
        writeEntry(r, inode, attr, total);
        return inode;
    }

    /// Writes the fuse_entry_out of a look-up that is counted; takes the count back if that fails.
    void writeEntry(Request r, Inode inode, Attr attr, int total) throws IOException {
        try {
            encoder.entry(r.room(total), 0, inode, attr);
        } catch (Throwable e) {
            nodes.forget(inode, 1);
            throw e;
        }
        r.replyLength = total;
    }

    /// As [#replyEntry], for a file the operation made, which has to be of the type in `mode`: the kernel drops
    /// others without a FORGET.
    Inode replyNew(Request r, Node node, int mode, int total) throws IOException {
        Attr attr;
        try {
            attr = node.getattr();
            if (Mode.type(attr.mode()) != Mode.type(mode)) {
                throw refuse("%s: mode %o was made, not %o", r.what(), attr.mode(), mode);
            }
        } catch (Throwable e) {
            nodes.drop(node);
            throw e;
        }
        return replyEntry(r, node, attr, total);
    }

    /// `mode` with the umask applied, unless the kernel did it already or a default ACL of `parent` takes its
    /// place.
    int masked(Node parent, int mode, int umask) throws IOException {
        boolean ours = negotiation.has(Wire.Init.DONT_MASK);
        return ours && !hasDefaultAcl(parent) ? mode & ~(umask & 0777) : mode;
    }

    private static boolean hasDefaultAcl(Node directory) throws IOException {
        try {
            return directory.getxattr(DEFAULT_ACL) != null;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return false; // a part of the file system that keeps none
            }
            throw e;
        }
    }

    /// Ends everything the kernel left open: handles, then nodes.
    void close() {
        for (OpenFile file : files.removeAll()) {
            try {
                opens.close(file);
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "release at the end", e);
            }
        }
        nodes.clear(e -> LOG.log(Level.WARNING, "reclaim at the end", e));
    }
}
