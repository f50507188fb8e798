// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Entry;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.FsCred;
import jpuffs.sys.OPath;
import jpuffs.sys.Stat;
import jpuffs.sys.Xattr;
import org.jspecify.annotations.Nullable;

/// A file of the host, of any type. Two nodes are equal if they are one object.
///
/// Every access goes from a descriptor by one component, and never follows a symbolic link: the host may change the
/// tree as it likes, no operation gets out of it. (A directory that the host moves out of it takes its nodes
/// along.)
final class NullNode extends HostFile implements Node {
    /// The flags of open(2) that mean something to the host, beside the access mode.
    private static final int OPEN_FLAGS = Fcntl.O_ACCMODE
            | Fcntl.O_APPEND
            | Fcntl.O_DIRECT
            | Fcntl.O_DIRECTORY
            | Fcntl.O_SYNC
            | Fcntl.O_NOATIME
            | Fcntl.O_NONBLOCK;

    private static final int NEW_FLAGS = Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;
    private static final int SET_ID = Mode.S_ISUID | Mode.S_ISGID;
    private static final String TRUSTED = "trusted.";

    private final NullFs fs;
    private final int type;

    /// What the last look-up here said of the next: whether it will find a file the driver does not know. Then to
    /// open it at once saves a call, else to ask for its attributes does. A guess, so races do not matter.
    private boolean expectNew = true;

    private volatile long seen; // see unchanged()

    /// @param type the type bits of its mode
    NullNode(NullFs fs, FileId id, int type, int fd, @Nullable Place place) {
        super(id, fs.fds(), fd, place);
        this.fs = fs;
        this.type = type;
    }

    /// What the driver shall see of the host's attributes.
    Attr shown(Stat stat) {
        return device().shown(stat.attr());
    }

    /// The attributes of this file by any descriptor of it.
    Attr attr(int fd) throws ErrnoException {
        return shown(At.fstat(fd));
    }

    @Override
    public Attr getattr() throws ErrnoException {
        int fd = take();
        try {
            return attr(fd);
        } finally {
            give(fd);
        }
    }

    /// The time of birth, where the host tells: it comes but once with an inode number.
    @Override
    public long generation() {
        return id().birth();
    }

    @Override
    public Attr setattr(SetAttr change) throws ErrnoException {
        int fd = take();
        try {
            return shown(Changes.apply(fd, change));
        } finally {
            give(fd);
        }
    }

    // Looking up

    @Override
    public @Nullable Node lookup(Name name) throws ErrnoException {
        Entry entry = entry(name);
        return entry == null ? null : entry.node();
    }

    @Override
    public @Nullable Entry entry(Name name) throws ErrnoException {
        checkComponent(name);
        int dir = take();
        try {
            return entry(dir, name);
        } finally {
            give(dir);
        }
    }

    private @Nullable Entry entry(int dir, Name name) throws ErrnoException {
        if (expectNew) {
            int fd = fs.fds().open(dir, name);
            if (fd != PathFds.TOO_MANY) {
                return opened(fd);
            }
        }
        Stat stat = At.statOrNull(dir, name, Fcntl.AT_SYMLINK_NOFOLLOW);
        if (stat == null) {
            return null;
        }
        NullNode known = fs.table().answer(fs.id(stat));
        if (known == null) {
            int fd = fs.fds().open(dir, name);
            return fd == PathFds.TOO_MANY ? placed(name, stat) : opened(fd);
        }
        if (known.isPlaced()) {
            fs.table().move(known, fs.table().place(this, name));
        }
        return new Entry(known, known.shown(stat));
    }

    /// The entry for what openat(2) answered.
    private @Nullable Entry opened(int fd) throws ErrnoException {
        if (fd < 0) {
            expectNew = false;
            if (fd == -ENOENT.number()) {
                return null;
            }
            throw Errno.of(-fd).error();
        }
        Stat stat;
        try {
            stat = At.fstat(fd);
        } catch (ErrnoException e) {
            fs.fds().close(fd);
            throw e;
        }
        NullNode fresh = fs.node(stat, fd, null);
        NullNode node = fs.table().adopt(fresh);
        expectNew = node == fresh;
        return new Entry(node, node.shown(stat));
    }

    private Entry placed(Name name, Stat stat) throws ErrnoException {
        NullNode node =
                fs.table().adopt(fs.node(stat, PathFds.TOO_MANY, fs.table().place(this, name)));
        return new Entry(node, node.shown(stat));
    }

    /// Drivers check names; but here one slash would open the whole host, so it is not left to them.
    ///
    /// @throws ErrnoException EINVAL
    private static void checkComponent(Name name) throws ErrnoException {
        for (int i = 0; i < name.length(); i++) {
            if (name.byteAt(i) == '/') {
                throw EINVAL.error();
            }
        }
        if (name.length() == 0 || name.isDot() || name.isDotDot()) {
            throw EINVAL.error();
        }
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        with(Fcntl.O_RDONLY, handle -> {
            handle.readdir(cookie, sink);
            return 0;
        });
    }

    @Override
    public byte[] readlink() throws ErrnoException {
        if (!Mode.isSymlink(type)) {
            throw EINVAL.error();
        }
        int fd = take();
        try {
            return At.readlinkat(fd, At.EMPTY);
        } finally {
            give(fd);
        }
    }

    // Making files

    /// One call of the host that makes the file called `name` in `dir`.
    private interface Maker {
        void make(int dir, Name name) throws ErrnoException;
    }

    private Node make(Name name, Cred cred, Maker maker) throws ErrnoException {
        checkComponent(name);
        int dir = take();
        try {
            try (FsCred _ = fs.as(cred)) {
                maker.make(dir, name);
            }
            return made(dir, name);
        } finally {
            give(dir);
        }
    }

    private Node made(int dir, Name name) throws ErrnoException {
        boolean guess = expectNew;
        expectNew = true;
        Entry entry = entry(dir, name);
        expectNew = guess; // it says nothing of the next look-up
        if (entry == null) {
            throw ENOENT.error(); // the host has removed it
        }
        return entry.node();
    }

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws ErrnoException {
        return make(name, cred, (dir, at) -> At.mknodat(dir, at, mode, rdev));
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws ErrnoException {
        return make(name, cred, (dir, at) -> At.mkdirat(dir, at, mode & Mode.PERMISSIONS));
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws ErrnoException {
        Name content = Name.of(target);
        return make(name, cred, (dir, at) -> At.symlinkat(content, dir, at));
    }

    @Override
    public Handle create(Name name, int mode, int flags, Cred cred) throws ErrnoException {
        checkComponent(name);
        int dir = take();
        try {
            int fd = openNew(dir, name, mode, flags & OPEN_FLAGS | NEW_FLAGS, cred);
            return created(fd, name, flags);
        } finally {
            give(dir);
        }
    }

    private int openNew(int dir, Name name, int mode, int flags, Cred cred) throws ErrnoException {
        try (FsCred _ = fs.as(cred)) {
            return At.tryOpenat(dir, name, flags, mode & Mode.PERMISSIONS);
        }
    }

    @Override
    public Handle tmpfile(int mode, int flags, Cred cred) throws ErrnoException {
        int dir = take();
        try {
            int fd = openNew(dir, Name.DOT, mode, flags & OPEN_FLAGS | Fcntl.O_TMPFILE | Fcntl.O_CLOEXEC, cred);
            return created(fd, null, flags);
        } finally {
            give(dir);
        }
    }

    /// The handle for what openat(2) answered.
    ///
    /// @param name null if it has none, and must be held
    private Handle created(int number, @Nullable Name name, int flags) throws ErrnoException {
        if (number < 0) {
            throw Errno.of(-number).error();
        }
        Fd file = Fd.of(number);
        try {
            Stat stat = At.fstat(file.number());
            int fd = fs.fds().of(file.number(), name == null);
            if (fd < 0 && name == null) {
                throw Errno.of(-fd).error();
            }
            Place place = fd < 0 && name != null ? fs.table().place(this, name) : null;
            NullNode node = fs.table().adopt(fs.node(stat, fd, place));
            return node.handle(file, flags, stat.attr());
        } catch (ErrnoException e) {
            file.close();
            throw e;
        }
    }

    // Names

    @Override
    public void link(Node target, Name name) throws ErrnoException {
        checkComponent(name);
        NullNode node = own(target);
        int dir = take();
        try {
            int fd = node.take();
            try {
                fs.link(fd, dir, name);
            } finally {
                node.give(fd);
            }
        } finally {
            give(dir);
        }
    }

    private NullNode own(Node node) throws ErrnoException {
        if (node instanceof NullNode own && own.fs == fs) {
            return own;
        }
        throw EXDEV.error();
    }

    @Override
    public void unlink(Name name) throws ErrnoException {
        remove(name, 0);
    }

    @Override
    public void rmdir(Name name) throws ErrnoException {
        remove(name, Fcntl.AT_REMOVEDIR);
    }

    private void remove(Name name, int flags) throws ErrnoException {
        checkComponent(name);
        int dir = take();
        try {
            if (fs.table().hasPlaced()) {
                keep(dir, name);
            }
            At.unlinkat(dir, name, flags);
        } finally {
            give(dir);
        }
    }

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws ErrnoException {
        checkComponent(name);
        checkComponent(newName);
        NullNode target = own(newDirectory);
        int dir = take();
        try {
            int newDir = target.take();
            try {
                if (fs.table().hasPlaced()) {
                    keep(dir, name);
                    keep(newDir, newName);
                }
                try (FsCred _ = whiteoutCred(flags)) {
                    At.renameat2(dir, name, newDir, newName, flags);
                }
            } finally {
                target.give(newDir);
            }
        } finally {
            give(dir);
        }
    }

    /// A whiteout is a new file.
    private @Nullable FsCred whiteoutCred(int flags) throws ErrnoException {
        boolean makes = (flags & RENAME_WHITEOUT) != 0;
        return makes ? fs.as(Caller.current().cred()) : null;
    }

    /// Gives the file at a name that is about to change a descriptor, if the driver knows it without one: else it
    /// could not be found afterwards.
    private void keep(int dir, Name name) throws ErrnoException {
        Stat stat = At.statOrNull(dir, name, Fcntl.AT_SYMLINK_NOFOLLOW);
        NullNode node = stat == null ? null : fs.table().find(fs.id(stat));
        if (node == null || !node.isPlaced()) {
            return;
        }
        int fd = fs.fds().openAnyway(dir, name);
        if (fd < 0) {
            return; // it will be ESTALE
        }
        boolean held = false;
        try {
            held = fs.id(At.fstat(fd)).equals(node.id()) && fs.table().hold(node, fd);
        } finally {
            if (!held) {
                fs.fds().close(fd);
            }
        }
    }

    // Open files

    /// ELOOP for a symbolic link, ENXIO for a device, pipe or socket: those belong to the driver's kernel, and to
    /// open the host's may wait.
    @Override
    public Handle open(int flags) throws ErrnoException {
        if (!Mode.isRegular(type) && !Mode.isDirectory(type)) {
            throw Mode.isSymlink(type) ? ELOOP.error() : ENXIO.error();
        }
        int directory = Mode.isDirectory(type) ? Fcntl.O_DIRECTORY : 0;
        int fd = take();
        try {
            return handle(Fd.of(OPath.reopen(fd, flags & OPEN_FLAGS | directory)), flags);
        } finally {
            give(fd);
        }
    }

    private Handle handle(Fd file, int flags) throws ErrnoException {
        if (Mode.isDirectory(type)) {
            return new NullDirectory(this, flags, file, fs.buffers());
        }
        boolean reads = (flags & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY;
        boolean mustKnow = !fs.passthrough() || !reads;
        return handle(file, flags, mustKnow ? At.fstat(file.number()).attr() : null);
    }

    /// What the kernel writes to the host's file by itself does not clear set-id bits there, as it does so by our
    /// rights: a writer of such a file has to come to us. DIRECT_IO, as the kernel does not cache beside others
    /// that pass through.
    ///
    /// @param attr null for an open that does not write, of a mirror with passthrough
    private Handle handle(Fd file, int flags, @Nullable Attr attr) throws ErrnoException {
        int caching = Handle.PARALLEL_WRITES | (device().delaysErrors(file.number()) ? 0 : Handle.NOFLUSH);
        if (!fs.passthrough()) {
            boolean keep = attr != null && unchanged(attr);
            return new NullHandle(this, flags, file, false, keep ? caching | Handle.KEEP_CACHE : caching);
        }
        boolean setId = attr != null && (attr.mode() & SET_ID) != 0;
        return new NullHandle(this, flags, file, !setId, setId ? caching | Handle.DIRECT_IO : caching);
    }

    /// Whether what the kernel has read of this file is still right: size and times are those of the open before,
    /// and were old then already, so that no change can have gone unseen within one tick of the host's clock.
    private boolean unchanged(Attr now) {
        long state = Freshness.digest(now);
        boolean same = seen == state;
        seen = Freshness.isSettled(now) ? state : Freshness.UNKNOWN;
        return same && state != Freshness.UNKNOWN;
    }

    private interface Use<T> {
        T of(Handle handle) throws IOException;
    }

    private <T> T with(int flags, Use<T> use) throws IOException {
        Handle handle = open(flags);
        try {
            return use.of(handle);
        } finally {
            handle.release();
        }
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return with(Fcntl.O_RDONLY, handle -> handle.read(dst, off));
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return with(Fcntl.O_WRONLY, handle -> handle.write(src, off));
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        with(Fcntl.O_RDONLY, handle -> {
            handle.fsync(dataOnly);
            return 0;
        });
    }

    @Override
    public void fallocate(int mode, long off, long len) throws IOException {
        with(Fcntl.O_WRONLY, handle -> {
            handle.fallocate(mode, off, len);
            return 0;
        });
    }

    @Override
    public long seek(long off, boolean hole) throws IOException {
        return with(Fcntl.O_RDONLY, handle -> handle.seek(off, hole));
    }

    @Override
    public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        return with(Fcntl.O_RDONLY, handle -> handle.ioctl(command, in, out));
    }

    // Extended attributes

    @Override
    public byte @Nullable [] getxattr(Name name) throws ErrnoException {
        int fd = take();
        try {
            return Xattr.get(fd, name);
        } finally {
            give(fd);
        }
    }

    /// Those in `trusted.` are for the super-user only; the host shows them to us since we are.
    @Override
    public List<Name> listxattr() throws ErrnoException {
        int fd = take();
        List<Name> names;
        try {
            names = Xattr.list(fd);
        } finally {
            give(fd);
        }
        if (fs.isPrivileged() && !Caller.current().cred().isPrivileged()) {
            names.removeIf(name -> name.toString().startsWith(TRUSTED));
        }
        return names;
    }

    @Override
    public void setxattr(Name name, byte[] value, int flags) throws ErrnoException {
        int fd = take();
        try {
            Xattr.set(fd, name, value, flags);
        } finally {
            give(fd);
        }
    }

    @Override
    public void removexattr(Name name) throws ErrnoException {
        int fd = take();
        try {
            Xattr.remove(fd, name);
        } finally {
            give(fd);
        }
    }

    @Override
    public void reclaim(long answers) {
        fs.reclaim(this, answers);
    }
}
