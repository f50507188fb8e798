// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Entry;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.AttrOut;
import jpuffs.puffs.wire.Wire.CreateIn;
import jpuffs.puffs.wire.Wire.EntryOut;
import jpuffs.puffs.wire.Wire.GetattrIn;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.MkdirIn;
import jpuffs.puffs.wire.Wire.MknodIn;
import jpuffs.puffs.wire.Wire.OpenIn;
import jpuffs.puffs.wire.Wire.OpenOut;
import jpuffs.puffs.wire.Wire.RenameIn;
import jpuffs.puffs.wire.Wire.SetattrIn;
import org.jspecify.annotations.Nullable;

/// A file of the server: each operation is a request, but for what is known for sure already. The content of files
/// is read and written by handles only.
final class RemoteNode implements Node {
    private static final int MAX_TARGET = 4096;

    /// The name Linux sends with a file that has none (TMPFILE).
    private static final Name NO_NAME = Name.of("/");

    private final SysPuffs fs;
    final long id;
    final int type;
    private final long generation;
    final @Nullable FilePages pages; // null: none are kept

    /// Counted by the server, and by our driver. Guarded by the [NodeTable].
    long lookups;

    long answers;

    // Guarded by this.
    private @Nullable Attr attr;
    private long attrUntil;
    private int changes;

    RemoteNode(SysPuffs fs, long id, long generation, int type) {
        this.fs = fs;
        this.id = id;
        this.generation = generation;
        this.type = type;
        this.pages = type == Mode.S_IFREG ? fs.cache.forFile(this) : null;
    }

    @Override
    public long generation() {
        return generation;
    }

    // Pages: see FilePages

    void invalidatePages() {
        if (pages != null) {
            pages.invalidate();
        }
    }

    void settle() {
        if (pages != null) {
            pages.settle();
        }
    }

    void settleAndDrop() {
        if (pages != null) {
            pages.settleAndDrop();
        }
    }

    /// The server has forgotten it, or given its number to another file.
    void forget() {
        if (pages != null) {
            pages.forget();
        }
    }

    // Attributes

    /// The attributes known are those of the past.
    synchronized void invalidate() {
        attr = null;
        changes++;
    }

    synchronized void remember(Attr attr, long until) {
        this.attr = attr;
        this.attrUntil = until;
        if (pages != null) {
            pages.learn(attr);
        }
    }

    private synchronized int changes() {
        return changes;
    }

    private synchronized void remember(Attr attr, long until, int asked) {
        if (changes == asked) {
            remember(attr, until);
        }
    }

    private synchronized @Nullable Attr known() {
        return attr != null && Attrs.isFuture(attrUntil) ? attr : null;
    }

    @Override
    public Attr getattr() throws IOException {
        return getattr(null);
    }

    Attr getattr(@Nullable RemoteHandle handle) throws IOException {
        settle();
        if (known() != null) {
            fs.connection.drain(); // which may end it
        }
        Attr known = known();
        if (known != null) {
            return known;
        }
        int asked = changes();
        try (var message = new Message(Opcode.GETATTR, id, 16, 0)) {
            if (handle != null) {
                message.set(GetattrIn.FLAGS, GetattrIn.FLAG_FH).set(GetattrIn.FH, handle.fh());
            }
            return attrs(fs.call(message, AttrOut.SIZE), asked);
        }
    }

    private Attr attrs(Reply reply, int asked) throws IOException {
        Attr now = Attrs.read(reply.exactly(AttrOut.SIZE), AttrOut.ATTR);
        if (Mode.type(now.mode()) != type) {
            throw reply.wrong("node %d was of type %o, is of %o", id, type, Mode.type(now.mode()));
        }
        remember(now, Attrs.until(reply, AttrOut.ATTR_VALID, AttrOut.ATTR_VALID_NSEC), asked);
        return now;
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        return setattr(change, null);
    }

    Attr setattr(SetAttr change, @Nullable RemoteHandle handle) throws IOException {
        settleAndDrop();
        SetAttr wanted = fs.terms().has(Init.HANDLE_KILLPRIV_V2) ? change : withoutKill(change);
        invalidate();
        int asked = changes();
        try (var message = new Message(Opcode.SETATTR, id, 88, 0)) {
            int valid = Attrs.write(message, wanted);
            if (handle != null) {
                message.set(SetattrIn.VALID, valid | SetattrIn.VALID_FH).set(SetattrIn.FH, handle.fh());
            }
            return attrs(fs.call(message, AttrOut.SIZE), asked);
        }
    }

    /// The same for a server that does not know of the set-id bits: the new mode.
    private SetAttr withoutKill(SetAttr change) throws IOException {
        if (!change.has(SetAttr.KILL_SUID)) {
            return change;
        }
        SetAttr plain = new SetAttr(
                change.valid() & ~SetAttr.KILL_SUID,
                change.mode(),
                change.uid(),
                change.gid(),
                change.size(),
                change.atime(),
                change.mtime(),
                change.ctime());
        Attr now = getattr();
        int mode = Mode.withoutSuid(change.has(SetAttr.MODE) ? change.mode() : now.mode());
        return mode == now.mode() ? plain : plain.withMode(mode);
    }

    // Names

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        Entry entry = entry(name);
        return entry == null ? null : entry.node();
    }

    @Override
    public @Nullable Entry entry(Name name) throws IOException {
        if (isKnown(name)) {
            fs.connection.drain(); // which may end it
        }
        EntryCache.Known known = fs.names.find(id, name);
        if (known != null && known.isValid()) {
            RemoteNode child = known.child();
            if (child == null) {
                return null;
            }
            if (fs.nodes.answer(child)) {
                return new Entry(child, attrOf(child));
            }
        }
        return ask(name);
    }

    private boolean isKnown(Name name) {
        EntryCache.Known known = fs.names.find(id, name);
        return known != null && known.isValid();
    }

    /// The attributes of a node that was answered: if they are not to be had, it was not.
    private static Attr attrOf(RemoteNode child) throws IOException {
        boolean done = false;
        try {
            Attr attr = child.getattr();
            done = true;
            return attr;
        } finally {
            if (!done) {
                child.reclaim(1);
            }
        }
    }

    private @Nullable Entry ask(Name name) throws IOException {
        try (var message = Message.named(Opcode.LOOKUP, id, 0, name)) {
            Reply reply = fs.call(message, EntryOut.SIZE).exactly(EntryOut.SIZE);
            if (reply.u64(EntryOut.NODEID) == 0) {
                fs.names.enter(id, name, null, entryUntil(reply, 0));
                return null;
            }
            if (reply.u64(EntryOut.NODEID) == id) {
                throw reply.wrong("the directory itself for a name in it");
            }
            RemoteNode child = made(reply, name, 0);
            // With pages, what was written and not sent yet must go first.
            return new Entry(child, child.pages == null ? Attrs.read(reply, EntryOut.ATTR) : attrOf(child));
        } catch (ErrnoException e) {
            if (e.errno() == ENOENT) {
                fs.names.forget(id, name);
                return null;
            }
            throw e;
        }
    }

    static long entryUntil(Reply reply, int at) {
        return Attrs.until(reply, at + EntryOut.ENTRY_VALID, at + EntryOut.ENTRY_VALID_NSEC);
    }

    /// What a name stands for now, by a fuse_entry_out; answered to the driver.
    private RemoteNode made(Reply reply, Name name, int type) throws IOException {
        RemoteNode child = fs.answered(fs.nodes.learn(reply, 0, type));
        fs.names.enter(id, name, child, entryUntil(reply, 0));
        return child;
    }

    /// A file is to be new: its node must be too.
    private RemoteNode create(Message message, Name name, int type) throws IOException {
        try (message) {
            changed(name);
            Reply reply = fs.call(message, EntryOut.SIZE).exactly(EntryOut.SIZE);
            RemoteNode old = fs.nodes.find(reply.u64(EntryOut.NODEID));
            if (old != null && fs.nodes.isUsed(old) && old.generation == reply.u64(EntryOut.GENERATION)) {
                throw reply.wrong("node %d for a new file, which is in use", old.id);
            }
            return made(reply, name, type);
        } finally {
            invalidate();
        }
    }

    /// The name is about to mean something else.
    private void changed(Name name) {
        RemoteNode child = fs.names.forget(id, name);
        if (child != null) {
            child.invalidate();
        }
    }

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        var message = Message.named(Opcode.MKNOD, id, 16, name);
        message.set(MknodIn.MODE, mode).set(MknodIn.RDEV, rdev);
        return create(message, name, Mode.type(mode));
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        var message = Message.named(Opcode.MKDIR, id, 8, name);
        message.set(MkdirIn.MODE, mode & Mode.PERMISSIONS);
        return create(message, name, Mode.S_IFDIR);
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        Name to = Name.of(target);
        var message = new Message(Opcode.SYMLINK, id, 0, name.length() + to.length() + 2);
        return create(message.add(name).add(to), name, Mode.S_IFLNK);
    }

    @Override
    public void link(Node target, Name name) throws IOException {
        var file = (RemoteNode) target;
        file.invalidate();
        try (var message = Message.named(Opcode.LINK, id, 8, name).set(0, file.id)) {
            Reply reply = fs.call(message, EntryOut.SIZE).exactly(EntryOut.SIZE);
            RemoteNode linked = fs.nodes.learn(reply, 0, file.type);
            if (linked != file) {
                throw reply.wrong("node %d, linked was %d", linked.id, file.id);
            }
            fs.names.enter(id, name, file, entryUntil(reply, 0));
        } finally {
            invalidate();
        }
    }

    @Override
    public void unlink(Name name) throws IOException {
        remove(Opcode.UNLINK, name);
    }

    @Override
    public void rmdir(Name name) throws IOException {
        remove(Opcode.RMDIR, name);
    }

    private void remove(Opcode op, Name name) throws IOException {
        EntryCache.Known known = fs.names.find(id, name);
        try (var message = Message.named(op, id, 0, name)) {
            fs.call(message, 0);
        } finally {
            changed(name);
            if (known != null && known.child() != null) {
                known.child().invalidate();
            }
            invalidate();
        }
    }

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        var to = (RemoteNode) newDirectory;
        Opcode op = flags == 0 ? Opcode.RENAME : Opcode.RENAME2;
        try (var message = new Message(op, id, flags == 0 ? 8 : 16, name.length() + newName.length() + 2)) {
            message.set(RenameIn.NEWDIR, to.id).add(name).add(newName);
            if (flags == 0) {
                fs.call(message, 0);
            } else {
                fs.callIfThere(message.set(RenameIn.FLAGS, flags), 0, EINVAL);
            }
        } finally {
            changed(name);
            to.changed(newName);
            invalidate();
            to.invalidate();
        }
    }

    @Override
    public byte[] readlink() throws IOException {
        try (var message = new Message(Opcode.READLINK, id, 0, 0)) {
            Reply reply = fs.call(message, MAX_TARGET);
            byte[] target = reply.bytes();
            if (target.length == 0 || target.length == MAX_TARGET || hasNul(target)) {
                throw reply.wrong("a link of %d bytes", target.length);
            }
            return target;
        }
    }

    private static boolean hasNul(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    // Open files

    @Override
    public Handle open(int flags) throws IOException {
        Opcode op = type == Mode.S_IFDIR ? Opcode.OPENDIR : Opcode.OPEN;
        try (var message = new Message(op, id, 8, 0).set(OpenIn.FLAGS, flags)) {
            Reply reply = fs.callIfThere(message, OpenOut.SIZE, ENOSYS).exactly(OpenOut.SIZE);
            return new RemoteHandle(fs, this, flags, reply.u64(OpenOut.FH), reply.u32(OpenOut.OPEN_FLAGS));
        } catch (ErrnoException e) {
            if (e.errno() == ENOSYS) { // a server without open files
                return new RemoteHandle(fs, this, flags);
            }
            throw e;
        }
    }

    @Override
    public Handle create(Name name, int mode, int flags, Cred cred) throws IOException {
        changed(name);
        try (var message = Message.named(Opcode.CREATE, id, 16, name)) {
            message.set(CreateIn.FLAGS, flags | OpenFlags.O_CREAT).set(CreateIn.MODE, mode);
            Reply reply = fs.callIfThere(message, EntryOut.SIZE + OpenOut.SIZE, ENOSYS);
            return opened(reply.exactly(EntryOut.SIZE + OpenOut.SIZE), name, flags);
        } catch (ErrnoException e) {
            if (e.errno() == ENOSYS) {
                return mknod(name, mode, 0, cred).open(flags);
            }
            throw e;
        } finally {
            invalidate();
        }
    }

    private Handle opened(Reply reply, @Nullable Name name, int flags) throws IOException {
        RemoteNode child = fs.answered(fs.nodes.learn(reply, 0, Mode.S_IFREG));
        if (name != null) {
            fs.names.enter(id, name, child, entryUntil(reply, 0));
        }
        long fh = reply.u64(EntryOut.SIZE + OpenOut.FH);
        return new RemoteHandle(fs, child, flags, fh, reply.u32(EntryOut.SIZE + OpenOut.OPEN_FLAGS));
    }

    @Override
    public Handle tmpfile(int mode, int flags, Cred cred) throws IOException {
        try (var message = Message.named(Opcode.TMPFILE, id, 16, NO_NAME)) {
            message.set(CreateIn.FLAGS, flags | OpenFlags.O_TMPFILE).set(CreateIn.MODE, mode);
            Reply reply = fs.callIfThere(message, EntryOut.SIZE + OpenOut.SIZE, EOPNOTSUPP);
            return opened(reply.exactly(EntryOut.SIZE + OpenOut.SIZE), null, flags);
        }
    }

    // Extended attributes

    @Override
    public byte @Nullable [] getxattr(Name name) throws IOException {
        return Xattrs.get(fs, id, name);
    }

    @Override
    public List<Name> listxattr() throws IOException {
        return Xattrs.list(fs, id);
    }

    @Override
    public void setxattr(Name name, byte[] value, int flags) throws IOException {
        try {
            Xattrs.set(fs, id, name, value, flags);
        } finally {
            invalidate();
        }
    }

    @Override
    public void removexattr(Name name) throws IOException {
        try {
            Xattrs.remove(fs, id, name);
        } finally {
            invalidate();
        }
    }

    @Override
    public void reclaim(long answers) {
        fs.nodes.reclaim(this, answers);
    }

    @Override
    public String toString() {
        return "node " + id;
    }
}
