// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.lang.System.Logger.Level;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Entry;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Pending;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A directory: what is looked up, made, removed and renamed in it.
final class RemoteDirectory extends RemoteNode {
    private final Names names = new Names(this);
    private final Waiters waiters = new Waiters();
    private final Refusals refusals = new Refusals(this);
    private final Renewal renewal = new Renewal(this);
    private final Walk walk = new Walk(this);
    private boolean fetching;

    RemoteDirectory(Psshfs fs, long ino, FileAttrs attrs, long when) {
        super(fs, ino, attrs, when);
    }

    Names names() {
        return names;
    }

    @Override
    boolean isNamed() {
        return super.isNamed() || isRoot();
    }

    @Override
    Name path() throws ErrnoException {
        return isRoot() ? fs.rootPath() : super.path();
    }

    Name path(Name name) throws ErrnoException {
        return join(path(), name);
    }

    /// How many directories it is below the root.
    int depth() throws ErrnoException {
        int depth = 0;
        for (RemoteDirectory d = this; !d.isRoot() && d.isNamed(); depth++) {
            d = d.place().parent();
        }
        return depth;
    }

    /// What the numbers of the files here are made of.
    private long pathHash() throws ErrnoException {
        if (isRoot()) {
            return fs.inos().rootHash();
        }
        Place place = place();
        return Inos.hash(place.parent().pathHash(), place.name());
    }

    /// The number of the file of a name, be it known or not.
    long inoOf(Name name) throws ErrnoException {
        RemoteNode child = names.child(name);
        return child == null ? fs.inos().peek(pathHash(), name) : child.ino();
    }

    // Look-ups

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        Entry entry = entry(name);
        return entry == null ? null : entry.node();
    }

    @Override
    public @Nullable Entry entry(Name name) throws IOException {
        RemoteNode known = names.child(name);
        if (known != null && known.isFresh()) {
            return new Entry(known, known.attr());
        }
        Listing all = names.freshListing();
        if (all != null && fs.times().isStatFresh(all.at()) && known == null) {
            FileAttrs attrs = all.get(name);
            if (attrs == null || !isFollowed(attrs)) {
                return attrs == null ? null : found(name, attrs, epoch(), all.at());
            }
        }
        return known == null && names.isMissing(name) ? null : ask(name);
    }

    /// Whether the server is to be asked where a link leads.
    boolean isFollowed(FileAttrs attrs) {
        return fs.follows() && Mode.isSymlink(mode(attrs));
    }

    private @Nullable Entry ask(Name name) throws IOException {
        int asked = epoch();
        RemoteNode known = names.child(name);
        int knownAsked = known == null ? 0 : known.epoch();
        long when = System.nanoTime();
        FileAttrs attrs = fs.find(path(name));
        if (attrs == null) {
            if (epoch() == asked) {
                names.missing(name, when);
            }
            return null;
        }
        return found(name, attrs, knownAsked(names.child(name), known, knownAsked), when);
    }

    /// The epoch that counts: that of the child as it was when it was asked; none if it came since.
    private static int knownAsked(@Nullable RemoteNode now, @Nullable RemoteNode then, int asked) {
        return now == null ? 0 : now.equals(then) ? asked : -1;
    }

    /// The node for what the server says is there. Does not yield.
    private Entry found(Name name, FileAttrs attrs, int asked, long when) throws ErrnoException {
        RemoteNode child = names.child(name);
        if (child != null && child.type() == Mode.type(mode(attrs))) {
            child.learned(attrs, asked, when);
        } else {
            child = RemoteNode.of(fs, fs.inos().take(pathHash(), name), attrs, when);
            names.enter(name, child);
        }
        return new Entry(child, child.attr());
    }

    // Listings

    /// The listing for somebody who reads it, from the server if it is not fresh. Yields.
    Listing listing() throws IOException {
        for (Place place : places()) {
            place.parent().walk.listed(place.name());
        }
        while (fetching) {
            waiters.await();
        }
        Listing all = names.freshListing();
        return all == null ? fetch(Listing.MAX) : all;
    }

    /// Has the directory listed, for it will soon be wanted. Does not wait: whoever wants it then does, and is told
    /// what is wrong.
    void listInAdvance() throws ErrnoException {
        fs.link().loop().spawn(() -> {
            try {
                if (!fetching && names.freshListing() == null) {
                    fetch(Walk.MAX_NAMES);
                }
            } catch (IOException e) {
                Psshfs.LOG.log(Level.DEBUG, "a directory that may be wanted", e);
                places().forEach(place -> place.parent().walk.stop());
            }
        });
    }

    private Listing fetch(int max) throws IOException {
        fetching = true;
        try {
            int asked = epoch();
            Name path = path();
            Listing all = fs.link().safely(c -> Listing.read(c, path, fs.ids(), max));
            if (asked == epoch()) {
                names.keep(all);
            }
            return all;
        } finally {
            fetching = false;
            waiters.wake();
        }
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        new OpenDirectory(this, 0).readdir(cookie, sink);
    }

    @Override
    public Handle open(int flags) {
        return new OpenDirectory(this, flags);
    }

    @Override
    void refreshIfNeeded() throws IOException {
        renewal.await();
        super.refreshIfNeeded();
    }

    /// Something was made here.
    private void made(Name name, RemoteNode child) {
        names.enter(name, child);
    }

    /// A name was removed here.
    private void removed(Name name) {
        RemoteNode child = names.child(name);
        names.missing(name, System.nanoTime());
        if (child != null) {
            child.changed();
        }
    }

    // Making

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        if (!Mode.isRegular(mode)) {
            throw EPERM.error("the protocol makes regular files only");
        }
        OpenFile open = create(name, mode, OpenFlags.O_WRONLY, cred);
        open.release();
        return open.node();
    }

    @Override
    public OpenFile create(Name name, int mode, int flags, Cred cred) throws IOException {
        Attr here = attr();
        boolean wait = !fs.options().flag("async_create", false) || names.freshListing() == null;
        OpenFile open = wait ? create(name, mode, flags) : creating(name, mode, flags, cred);
        made(name, open.file());
        open.correct(here, mode);
        return open;
    }

    private OpenFile create(Name name, int mode, int flags) throws IOException {
        Name path = path(name);
        SftpConnection c = fs.link().main().await();
        try (ServerFile made = ServerFile.create(fs.link().main(), c, path, OpenFile.protocolFlags(flags), mode);
                Pending stat = c.start(Requests.lstat(c, path))) {
            renewal.begin(c);
            made.await();
            FileAttrs attrs = attrs(c, stat, mode);
            var file = (RemoteFile)
                    RemoteNode.of(fs, fs.inos().take(pathHash(), name), regular(attrs, mode), System.nanoTime());
            return OpenFile.created(file, flags, made.keep());
        } catch (ErrnoException e) {
            throw refusals.making(Link.lost(c, e), name);
        }
    }

    /// Believes that there is nothing by that name, since the listing has none.
    private OpenFile creating(Name name, int mode, int flags, Cred cred) throws IOException {
        Name path = path(name);
        FileAttrs guess = guess(Mode.S_IFREG | mode & Mode.PERMISSIONS, cred);
        var file = (RemoteFile) RemoteNode.of(fs, fs.inos().take(pathHash(), name), guess, System.nanoTime());
        return fs.link().once(c -> {
            OpenFile open = OpenFile.creating(file, flags, path, c);
            renewal.begin(c);
            guessed(attrs().withTimes(attrs().atime(), guess.mtime()));
            return open;
        });
    }

    private static FileAttrs guess(int mode, Cred cred) {
        long now = System.currentTimeMillis() / 1000;
        return FileAttrs.NONE
                .withSize(0)
                .withPermissions(mode)
                .withOwner(cred.uid(), cred.gid())
                .withTimes(now, now);
    }

    /// What was just made is a regular file, whatever stands at its path now.
    private static FileAttrs regular(FileAttrs attrs, int mode) {
        return Mode.isRegular(mode(attrs)) ? attrs : attrs.withPermissions(Mode.S_IFREG | mode & Mode.PERMISSIONS);
    }

    private static FileAttrs attrs(SftpConnection c, Pending stat, int mode) throws ErrnoException {
        try (FrameBuf reply = stat.await()) {
            FileAttrs attrs = Replies.attrs(c, reply);
            return attrs.has(FileAttrs.PERMISSIONS) ? attrs : attrs.withPermissions(mode);
        }
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        FileAttrs wanted = FileAttrs.NONE.withPermissions(mode & Mode.PERMISSIONS);
        var made = (RemoteDirectory) make(name, mode, (c, path) -> Requests.mkdir(c, path, wanted));
        made.names.keep(Listing.empty());
        return made;
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        Name text = Name.of(target);
        RemoteNode made = make(name, Mode.S_IFLNK | 0777, (c, path) -> Requests.symlink(c, text, path));
        if (made instanceof RemoteSymlink link) {
            link.target(text);
        }
        return made;
    }

    /// A request for a path.
    private interface Maker {
        FrameBuf request(SftpConnection c, Name path) throws ErrnoException;
    }

    /// Makes something, and asks what it has become, in one round trip. Yields.
    private RemoteNode make(Name name, int mode, Maker maker) throws IOException {
        Name path = path(name);
        Attr here = attr();
        FileAttrs attrs;
        try {
            attrs = fs.link().once(c -> {
                try (Pending make = c.start(maker.request(c, path));
                        Pending stat = c.start(Requests.lstat(c, path))) {
                    renewal.begin(c);
                    status(c, make);
                    return attrs(c, stat, mode);
                }
            });
        } catch (ErrnoException e) {
            throw refusals.making(e, name);
        }
        if (Mode.type(mode(attrs)) != Mode.type(mode)) {
            throw EIO.error("it was made on the server, and is something else already");
        }
        RemoteNode child = RemoteNode.of(fs, fs.inos().take(pathHash(), name), attrs, System.nanoTime());
        made(name, child);
        FileAttrs correction = correction(attrs, here, mode);
        if (correction.valid() != 0) {
            child.apply(correction, null);
        }
        return child;
    }

    @Override
    public void link(Node target, Name name) throws IOException {
        if (!(target instanceof RemoteNode node) || !hasHardlinks()) {
            throw EPERM.error("no hard links here");
        }
        Name from = node.path();
        Name to = path(name);
        try {
            fs.link().once(c -> done(c, Requests.hardlink(c, from, to)));
        } catch (ErrnoException e) {
            throw refusals.making(e, name);
        }
        made(name, node);
        node.changed();
    }

    /// Says what changes this directory, and asks what it has become, in one round trip. Yields.
    private boolean done(SftpConnection c, FrameBuf request) throws ErrnoException {
        return done(c, request, this);
    }

    /// The same for this directory and another, which may be this one.
    private boolean done(SftpConnection c, FrameBuf request, RemoteDirectory other) throws ErrnoException {
        try (Pending said = c.start(request)) {
            renewal.begin(c);
            if (!other.equals(this)) {
                other.renewal.begin(c);
            }
            status(c, said);
            return true;
        }
    }

    // Removing

    @Override
    public void unlink(Name name) throws IOException {
        Name path = path(name);
        RemoteNode child = names.child(name);
        if (child instanceof RemoteFile file) {
            file.keepOpen();
        }
        try {
            fs.link().once(c -> done(c, Requests.remove(c, path)));
        } catch (ErrnoException e) {
            throw refusals.removing(e, name, false);
        }
        removed(name);
    }

    @Override
    public void rmdir(Name name) throws IOException {
        Name path = path(name);
        try {
            fs.link().once(c -> done(c, Requests.rmdir(c, path)));
        } catch (ErrnoException e) {
            throw refusals.removing(e, name, true);
        }
        removed(name);
    }

    // Renaming

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        if (!(newDirectory instanceof RemoteDirectory to) || (flags & ~RENAME_NOREPLACE) != 0) {
            throw EINVAL.error("the protocol cannot exchange names");
        }
        RemoteNode replaced = to.names.child(newName);
        if (isSame(names.child(name), replaced)) {
            return;
        }
        if (replaced instanceof RemoteFile file) {
            file.keepOpen();
        }
        Name from = path(name);
        Name target = to.path(newName);
        boolean replace = (flags & RENAME_NOREPLACE) == 0;
        try {
            fs.link().once(c -> replace ? rename(c, from, to, target) : done(c, Requests.rename(c, from, target), to));
        } catch (ErrnoException e) {
            throw refusals.renaming(e, new Refusals.Move(name, to, newName, replace));
        }
        moved(name, to, newName);
    }

    private static boolean isSame(@Nullable RemoteNode a, @Nullable RemoteNode b) {
        return a != null && a.equals(b);
    }

    private boolean rename(SftpConnection c, Name from, RemoteDirectory into, Name to) throws IOException {
        if (c.has(Sftp.POSIX_RENAME)) {
            return done(c, Requests.posixRename(c, from, to), into);
        }
        if (fs.options().isDeletingToRename() && fs.find(to) != null) {
            done(c, Requests.remove(c, to), into);
        }
        return done(c, Requests.rename(c, from, to), into);
    }

    private void moved(Name name, RemoteDirectory to, Name newName) {
        RemoteNode child = names.child(name);
        FileAttrs attrs = names.listed(name);
        to.removed(newName);
        removed(name);
        if (child != null) {
            to.made(newName, child);
            child.changed();
        } else if (attrs == null) {
            to.names.doubt(newName);
        } else {
            to.names.put(newName, attrs);
        }
    }

    @Override
    public void reclaim(long answers) throws IOException {
        names.dropListing();
        super.reclaim(answers);
        if (isRoot()) {
            fs.end();
        }
    }
}
