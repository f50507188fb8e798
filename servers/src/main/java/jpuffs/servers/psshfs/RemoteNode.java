// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.ESTALE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.core.Access;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Pending;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A file on the server, known by its names there: by one when it was looked up, by more when they were made here.
class RemoteNode implements Node {
    private static final int BLOCK = 512;
    private static final int MAX_PATH = 4095; // on the server, with the path of the mounted directory

    /// A name in a directory, and the next one of the file.
    record Place(
            RemoteDirectory parent, Name name, @Nullable Place next) {}

    final Psshfs fs;
    private final long ino;
    private final int hash;
    private final char type;
    private @Nullable Place place; // the first; nearly all files have one
    private FileAttrs attrs;
    private long at; // when the attributes were the server's
    private boolean fresh = true; // nothing was done since that changes them
    private int epoch; // counts what was done here

    /// @param when the moment the server was asked for the attributes
    RemoteNode(Psshfs fs, long ino, FileAttrs attrs, long when) {
        this.fs = fs;
        this.ino = ino;
        this.hash = fs.nextHash();
        this.type = (char) Mode.type(mode(attrs));
        this.attrs = attrs;
        this.at = when;
    }

    /// The node of the right kind.
    static RemoteNode of(Psshfs fs, long ino, FileAttrs attrs, long when) {
        return switch (Mode.type(mode(attrs))) {
            case Mode.S_IFREG -> new RemoteFile(fs, ino, attrs, when);
            case Mode.S_IFDIR -> new RemoteDirectory(fs, ino, attrs, when);
            case Mode.S_IFLNK -> new RemoteSymlink(fs, ino, attrs, when);
            default -> new RemoteNode(fs, ino, attrs, when);
        };
    }

    /// The mode; a server that does not tell it has regular files that everybody may use.
    static int mode(FileAttrs attrs) {
        boolean told = attrs.has(FileAttrs.PERMISSIONS) && Mode.isValidType(attrs.permissions());
        return told ? attrs.permissions() : Mode.S_IFREG | 0666;
    }

    /// In the order they were made: what is made together lies together in tables, and the collector need not look
    /// through all of them for what is new (docs/notes/030-psshfs.md).
    @Override
    public final int hashCode() {
        return hash;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other;
    }

    final long ino() {
        return ino;
    }

    final int type() {
        return type;
    }

    // Names

    /// As they are now.
    final List<Place> places() {
        var all = new ArrayList<Place>(1);
        for (Place each = place; each != null; each = each.next) {
            all.add(each);
        }
        return all;
    }

    final void addPlace(RemoteDirectory parent, Name name) {
        if (place == null) {
            place = new Place(parent, name, null);
            return;
        }
        setPlaces(Stream.concat(places().stream(), Stream.of(new Place(parent, name, null))));
    }

    final void removePlace(RemoteDirectory parent, Name name) {
        setPlaces(places().stream().filter(each -> !each.parent.equals(parent) || !each.name.equals(name)));
    }

    private void setPlaces(Stream<Place> all) {
        place = null;
        for (Place each : all.toList().reversed()) {
            place = new Place(each.parent, each.name, place);
        }
    }

    /// Whether it is the directory that is mounted, which has no name.
    final boolean isRoot() {
        return fs.root().equals(this);
    }

    /// Whether it has a name that is known.
    boolean isNamed() {
        return place != null;
    }

    /// The path on the server.
    ///
    /// @throws ErrnoException ESTALE if its last name was removed
    Name path() throws ErrnoException {
        Place first = place();
        return first.parent.path(first.name);
    }

    /// Where it is, by the name that it has had for longest.
    ///
    /// @throws ErrnoException ESTALE if its last name was removed
    final Place place() throws ErrnoException {
        if (place == null) {
            throw ESTALE.error("it was removed");
        }
        return place;
    }

    static Name join(Name directory, Name name) throws ErrnoException {
        var path = new ByteArrayOutputStream(directory.length() + 1 + name.length());
        path.writeBytes(directory.toBytes());
        if (directory.byteAt(directory.length() - 1) != '/') {
            path.write('/');
        }
        path.writeBytes(name.toBytes());
        if (path.size() > MAX_PATH) {
            throw ENAMETOOLONG.error("a path of %d bytes", path.size());
        }
        return Name.of(path.toByteArray());
    }

    // Attributes

    /// What the server said last, and what was done to it here since.
    final FileAttrs attrs() {
        return attrs;
    }

    /// Whether the attributes need not be asked for.
    boolean isFresh() {
        return fresh && fs.times().isStatFresh(at);
    }

    /// Counts the changes made here: see [#learned].
    final int epoch() {
        return epoch;
    }

    /// Something was done that changes the attributes, nobody knows how.
    final void changed() {
        epoch++;
        fresh = false;
    }

    /// Something was done here, after which the attributes are these.
    final void changed(FileAttrs now) {
        epoch++;
        attrs = now;
        note();
    }

    /// Something was done here, after which the attributes are these for sure.
    final void settled(FileAttrs now) {
        changed(now);
        fresh = true;
    }

    /// Until the server says what they are, the attributes are taken to be these.
    final void guessed(FileAttrs now) {
        attrs = now;
        fresh = true;
        note();
    }

    /// Whether what the server said last is not long ago, whatever was done here since.
    final boolean isRecent() {
        return fs.times().isStatFresh(at);
    }

    /// The server said these.
    ///
    /// @param asked the epoch when it was asked: if something was done here since, the answer is not kept for
    ///     long
    /// @param when the moment it was asked
    void learned(FileAttrs now, int asked, long when) {
        attrs = now;
        at = when;
        fresh = asked == epoch;
        note();
    }

    private void note() {
        for (Place each : places()) {
            each.parent.names().note(each.name, attrs);
        }
    }

    /// Asks the server, if it must be; else it has been asked already. Yields.
    void refreshIfNeeded() throws IOException {
        if (!isFresh() && canAsk()) {
            refresh();
        }
    }

    /// Asks the server. Yields.
    final void refresh() throws IOException {
        int asked = epoch;
        long when = System.nanoTime();
        FileAttrs now;
        try {
            now = ask();
        } catch (ErrnoException e) {
            changed(); // it is asked for at the next look-up
            throw stale(e);
        }
        if (Mode.type(mode(now)) != type) {
            forgetNames();
            throw ESTALE.error("on the server it is something else now");
        }
        learned(now, asked, when);
    }

    /// There is nothing by the name of a file that the kernel knows: it is to look the name up again.
    static ErrnoException stale(ErrnoException e) {
        return e.errno() == Errno.ENOENT ? ESTALE.error("%s", String.valueOf(e.getMessage())) : e;
    }

    /// The attributes from the server. Yields.
    FileAttrs ask() throws IOException {
        return fs.lstat(path());
    }

    private void forgetNames() {
        for (Place each : places()) {
            each.parent.names().remove(each.name);
        }
    }

    @Override
    public final Attr getattr() throws IOException {
        if (!isFresh() && Psshfs.mayWait()) {
            refreshIfNeeded();
        }
        return attr();
    }

    /// Whether the server can be asked for this file.
    boolean canAsk() {
        return isNamed();
    }

    /// The attributes as they are known.
    final Attr attr() {
        Time mtime = new Time(attrs.mtime(), 0);
        int uid = fs.ids().localUid(attrs.uid());
        int gid = fs.ids().localGid(attrs.gid());
        return new Attr(
                ino,
                mode(attrs),
                nlink(),
                uid,
                gid,
                0,
                size(),
                size() / BLOCK + (size() % BLOCK == 0 ? 0 : 1),
                0,
                new Time(attrs.atime(), 0),
                mtime,
                mtime,
                Time.EPOCH);
    }

    long size() {
        return attrs.size();
    }

    /// The names that are known: the protocol does not tell how many there are. A directory has one, which says
    /// that it does not count those of others in it.
    private int nlink() {
        return isRoot() ? 1 : places().size();
    }

    @Override
    public final Attr setattr(SetAttr change) throws IOException {
        return setattr(change, null);
    }

    /// @param open an open file to do it on, if there is one
    final Attr setattr(SetAttr change, @Nullable OpenFile open) throws IOException {
        if (needsOld(change) && canAsk()) {
            refresh();
        }
        FileAttrs wanted = wanted(change);
        if (wanted.valid() != 0 && !(isFresh() && isSame(wanted))) {
            apply(wanted, open);
        }
        return attr();
    }

    /// Whether the old attributes are part of what is said to the server, and have to be asked for: what was
    /// written here changes the time of modification, and nothing else of these.
    private boolean needsOld(SetAttr change) {
        boolean suid = Mode.withoutSuid(mode(attrs)) != mode(attrs);
        boolean onlyMtime = change.has(SetAttr.MTIME) && !change.has(SetAttr.ATIME);
        boolean onlyAtime = change.has(SetAttr.ATIME) && !change.has(SetAttr.MTIME);
        boolean oneOwner = change.has(SetAttr.UID) != change.has(SetAttr.GID);
        boolean ofSuid = suid && (change.has(SetAttr.KILL_SUID) || change.isChown());
        return (onlyMtime || oneOwner) && !isRecent() || (onlyAtime || ofSuid) && !isFresh();
    }

    /// Whether this is what the file has anyhow.
    private boolean isSame(FileAttrs wanted) {
        int mode = mode(attrs) & Mode.PERMISSIONS;
        return !wanted.has(FileAttrs.SIZE)
                && (!wanted.has(FileAttrs.PERMISSIONS) || wanted.permissions() == mode)
                && (!wanted.has(FileAttrs.UIDGID) || wanted.uid() == attrs.uid() && wanted.gid() == attrs.gid())
                && (!wanted.has(FileAttrs.TIMES) || wanted.atime() == attrs.atime() && wanted.mtime() == attrs.mtime());
    }

    /// What of `change` the protocol can say. Of pairs, both are said always.
    private FileAttrs wanted(SetAttr change) throws ErrnoException {
        FileAttrs wanted = FileAttrs.NONE;
        if (change.has(SetAttr.SIZE)) {
            wanted = wanted.withSize(change.size());
        }
        int mode = change.applyTo(attr(), Time.EPOCH).mode() & Mode.PERMISSIONS;
        if (change.has(SetAttr.MODE) || mode != (mode(attrs) & Mode.PERMISSIONS)) {
            wanted = wanted.withPermissions(mode);
        }
        if (change.has(SetAttr.UID | SetAttr.GID)) {
            int uid = change.has(SetAttr.UID) ? fs.ids().remoteUid(change.uid()) : attrs.uid();
            int gid = change.has(SetAttr.GID) ? fs.ids().remoteGid(change.gid()) : attrs.gid();
            wanted = wanted.withOwner(uid, gid);
        }
        if (change.has(SetAttr.ATIME | SetAttr.MTIME)) {
            long atime = change.has(SetAttr.ATIME) ? seconds(change.atime()) : attrs.atime();
            long mtime = change.has(SetAttr.MTIME) ? seconds(change.mtime()) : attrs.mtime();
            wanted = wanted.withTimes(atime, mtime);
        }
        return wanted;
    }

    /// The protocol has 32 bits from 1970.
    private static long seconds(Time time) {
        return Math.clamp(time.seconds(), 0, 0xffff_ffffL);
    }

    /// Whether one knows without asking what the attributes will be after a change.
    final boolean isPredictable(FileAttrs wanted) {
        boolean suid = Mode.withoutSuid(mode(attrs)) != mode(attrs);
        return isRecent()
                && !wanted.has(FileAttrs.SIZE)
                && (fresh || wanted.has(FileAttrs.TIMES))
                && !(wanted.has(FileAttrs.UIDGID) && suid);
    }

    /// The attributes after a change.
    final FileAttrs predicted(FileAttrs wanted) {
        FileAttrs now = attrs.withSize(size()).with(wanted);
        return wanted.has(FileAttrs.PERMISSIONS) ? now.withPermissions(type | wanted.permissions()) : now;
    }

    /// Sends the change, and together with it the question what it has come to, unless that is known. Yields.
    void apply(FileAttrs wanted, @Nullable OpenFile open) throws IOException {
        Name path = path();
        if (isPredictable(wanted)) {
            FileAttrs after = predicted(wanted);
            int before = epoch;
            fs.link().safely(c -> {
                try (Pending set = c.start(setRequest(c, path, wanted))) {
                    status(c, set);
                    return after;
                } catch (ErrnoException e) {
                    throw owner(stale(e), wanted);
                }
            });
            if (before == epoch) {
                settled(after);
            } else {
                changed();
            }
            return;
        }
        long when = System.nanoTime();
        epoch++;
        int asked = epoch;
        FileAttrs now = fs.link().safely(c -> {
            try (Pending set = c.start(setRequest(c, path, wanted));
                    Pending stat = c.start(fs.statRequest(c, path))) {
                status(c, set);
                try (FrameBuf reply = stat.await()) {
                    return Replies.attrs(c, reply);
                }
            } catch (ErrnoException e) {
                throw owner(stale(e), wanted);
            }
        });
        learned(now, asked, when);
    }

    /// A change that the server denies is EPERM, if it is not one of the content.
    static ErrnoException owner(ErrnoException e, FileAttrs wanted) {
        boolean denied = e.errno() == Errno.EACCES && !wanted.has(FileAttrs.SIZE);
        return denied ? EPERM.error("%s", String.valueOf(e.getMessage())) : e;
    }

    FrameBuf setRequest(SftpConnection c, Name path, FileAttrs wanted) throws ErrnoException {
        return Requests.setstat(c, path, wanted);
    }

    static void status(SftpConnection c, Pending pending) throws ErrnoException {
        try (FrameBuf reply = pending.await()) {
            Replies.status(c, reply);
        }
    }

    /// A file that a caller made on the server is the server's user's. Where that is root, it becomes the caller's;
    /// and the server's umask is undone.
    ///
    /// @param mode the permissions it should have
    /// @return what is to be changed; without anything if it is right
    static FileAttrs correction(FileAttrs made, Attr directory, int mode) {
        FileAttrs wanted = FileAttrs.NONE;
        Attr right = Access.created(directory, mode, Caller.current().cred(), Time.EPOCH);
        if (made.has(FileAttrs.UIDGID) && made.uid() == 0 && right.uid() != 0) {
            wanted = wanted.withOwner(right.uid(), right.gid());
        }
        int has = made.permissions() & Mode.PERMISSIONS;
        int should = right.mode() & Mode.PERMISSIONS;
        boolean differs = has != should;
        return differs && (has | should) == should ? wanted.withPermissions(should) : wanted;
    }

    // What the protocol has not: ENOSYS, and the kernel asks no more

    @Override
    public byte @Nullable [] getxattr(Name name) throws IOException {
        throw ENOSYS.error();
    }

    @Override
    public List<Name> listxattr() throws IOException {
        throw ENOSYS.error();
    }

    @Override
    public void setxattr(Name name, byte[] value, int flags) throws IOException {
        throw ENOSYS.error();
    }

    @Override
    public void removexattr(Name name) throws IOException {
        throw ENOSYS.error();
    }

    @Override
    public byte[] readlink() throws IOException {
        throw EINVAL.error();
    }

    @Override
    public Handle open(int flags) throws IOException {
        throw EOPNOTSUPP.error("the protocol opens regular files only");
    }

    @Override
    public void reclaim(long answers) throws IOException {
        for (Place each : places()) {
            each.parent.names().forget(each.name, this);
        }
        place = null;
        fs.inos().give(ino);
    }

    /// Whether the server has an extension now.
    final boolean has(String extension) throws IOException {
        return fs.link().safely(c -> c.has(extension));
    }

    /// Whether link(2) can be had.
    final boolean hasHardlinks() throws IOException {
        return !fs.options().flag("disable_hardlink", false) && has(Sftp.HARDLINK);
    }
}
