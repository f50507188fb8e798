// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.Entry;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.puffs.wire.Wire.Dirent;
import jpuffs.puffs.wire.Wire.EntryOut;
import jpuffs.puffs.wire.Wire.IoIn;
import org.jspecify.annotations.Nullable;

/// Reading of directories.
///
/// Offsets of the protocol: 0 is the start, 1 follows `.`, 2 follows `..`, and an entry with cookie c is followed
/// by c + 2.
final class DirOps {
    private static final int DOTS = 2;
    private static final int MAX = 1 << 20;

    /// The kernel skips entries of inode 0 (FUSE_UNKNOWN_INO of libfuse).
    private static final long UNKNOWN_INO = 0xffff_ffffL;

    private final Session session;

    DirOps(Session session) {
        this.session = session;
    }

    void readdir(Request r, boolean plus) throws IOException {
        long off = r.argLong(IoIn.OFFSET);
        int size = r.argInt(IoIn.LENGTH);
        if (off < 0 || size < 0 || size > MAX) {
            throw EINVAL.error("readdir: offset %d, size %d", off, size);
        }
        OpenFile file = session.openFile(r, r.argLong(IoIn.FH));
        var page = new Page(file.inode(), r.room(size), size, plus);
        boolean dots = (off > 0 || page.dot(Name.DOT, 1)) && (off > 1 || page.dot(Name.DOT_DOT, DOTS));
        if (dots) {
            file.handle().readdir(Math.max(0, off - DOTS), page);
        }
        page.end();
        if (plus) {
            lookups(page);
        }
        r.replyLength = page.length;
    }

    /// Adds look-ups to the entries of a page. Those that fail leave an entry without attributes.
    private void lookups(Page page) {
        int at = 0;
        for (Name name : page.names) {
            if (name.isDot() || name.isDotDot() || !lookup(page, name, at)) {
                page.clearEntry(at);
            }
            at += EntryOut.SIZE + Dirent.padded(name.length());
        }
    }

    /// @return false if it failed, or there is nothing by that name any more
    private boolean lookup(Page page, Name name, int at) {
        try {
            Entry entry = page.directory.node.entry(name);
            if (entry != null) {
                Inode inode = session.nodes.acquire(entry.node(), entry.attr(), page.directory.nodeid);
                page.entry(at, inode, entry.attr());
                return true;
            }
        } catch (Throwable e) {
            Level level = e instanceof IOException ? Level.DEBUG : Level.ERROR;
            Session.LOG.log(level, () -> "readdirplus: " + name, e);
        }
        return false;
    }

    /// The entries of one reply. Look-ups are added when the file system is through with its directory.
    private final class Page implements DirSink {
        private final Inode directory;
        private final MemorySegment out;
        private final int size;
        private final boolean plus;
        private final List<Name> names;
        private int length;
        private boolean full;
        private @Nullable IOException failure;

        Page(Inode directory, MemorySegment out, int size, boolean plus) {
            this.directory = directory;
            this.out = out;
            this.size = size;
            this.plus = plus;
            names = plus ? new ArrayList<>() : List.of();
        }

        boolean dot(Name name, long next) {
            Inode parent = name.isDotDot() ? session.nodes.find(directory.parent) : null;
            return put(name, parent == null ? directory.ino : parent.ino, Mode.S_IFDIR, next);
        }

        @Override
        public boolean add(Name name, long ino, int mode, long cookie) {
            if (name.isDot() || name.isDotDot()) {
                return !full;
            }
            if (cookie <= 0 || !isEntry(name)) {
                failure = Session.refuse("readdir: name '%s', cookie %d", name, cookie);
                full = true;
            }
            long next = Math.min(cookie, Long.MAX_VALUE - DOTS) + DOTS;
            return put(name, ino == 0 ? UNKNOWN_INO : ino, mode, next);
        }

        /// What the kernel takes for one: with others it gives the whole page up.
        private static boolean isEntry(Name name) {
            try {
                name.checkComponent();
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        /// Once an entry did not fit, smaller ones that follow do not either: it comes first in the next page.
        private boolean put(Name name, long ino, int mode, long next) {
            int need = (plus ? EntryOut.SIZE : 0) + Dirent.padded(name.length());
            full |= length + need > size;
            if (full) {
                return false;
            }
            if (plus) {
                names.add(name);
                length += EntryOut.SIZE;
            }
            dirent(name, ino, mode, next);
            return true;
        }

        /// Writes the attributes of an entry; if that fails, the kernel is not told of the file.
        void entry(int at, Inode inode, Attr attr) throws IOException {
            try {
                session.encoder.entry(out, at, inode, attr);
            } catch (Throwable e) {
                session.nodes.forget(inode, 1);
                throw e;
            }
        }

        void clearEntry(int at) {
            out.asSlice(at, EntryOut.SIZE).fill((byte) 0);
        }

        private void dirent(Name name, long ino, int mode, long next) {
            int padded = Dirent.padded(name.length());
            out.set(Request.LONG, length + padded - 8, 0);
            out.set(Request.LONG, length + Dirent.INO, ino);
            out.set(Request.LONG, length + Dirent.OFF, next);
            out.set(Request.INT, length + Dirent.NAMELEN, name.length());
            out.set(Request.INT, length + Dirent.TYPE, Mode.type(mode) >> 12);
            name.copyTo(out, length + Dirent.SIZE);
            length += padded;
        }

        /// Nothing more is taken: the memory is the next reply's soon.
        void end() throws IOException {
            full = true;
            if (failure != null) {
                throw failure;
            }
        }
    }
}
