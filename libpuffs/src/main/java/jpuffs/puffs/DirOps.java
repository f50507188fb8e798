// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.DirSink;
import jpuffs.core.Entry;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.puffs.Wire.Dirent;
import jpuffs.puffs.Wire.EntryOut;
import jpuffs.puffs.Wire.IoIn;

/// Reading of directories.
///
/// Offsets of the protocol: 0 is the start, 1 follows `.`, 2 follows `..`, and an entry with cookie c is followed
/// by c + 2.
final class DirOps {
    private static final int DOTS = 2;
    private static final int MAX = 1 << 20;

    private final Session session;

    DirOps(Session session) {
        this.session = session;
    }

    void readdir(Request r, boolean plus) throws IOException {
        OpenFile file = session.files.get(r.argLong(IoIn.FH));
        long off = r.argLong(IoIn.OFFSET);
        int size = r.argInt(IoIn.LENGTH);
        if (off < 0 || size < 0 || size > MAX) {
            throw EINVAL.error("readdir: offset %d, size %d", off, size);
        }
        var page = new Page(file.inode(), r.room(size), size, plus);
        boolean dots = (off > 0 || page.dot(Name.DOT, 1)) && (off > 1 || page.dot(Name.DOT_DOT, DOTS));
        if (dots) {
            file.handle().readdir(Math.max(0, off - DOTS), page);
        }
        page.rethrow();
        r.replyLength = page.length;
    }

    /// The entries of one reply.
    private final class Page implements DirSink {
        private final Inode directory;
        private final MemorySegment out;
        private final int size;
        private final boolean plus;
        private int length;
        private @org.jspecify.annotations.Nullable IOException failure;

        Page(Inode directory, MemorySegment out, int size, boolean plus) {
            this.directory = directory;
            this.out = out;
            this.size = size;
            this.plus = plus;
        }

        boolean dot(Name name, long next) {
            if (!fits(name)) {
                return false;
            }
            boolean up = name.isDotDot() && directory.parent != 0;
            prefix();
            dirent(name, up ? directory.parent : directory.nodeid, Mode.S_IFDIR, next);
            return true;
        }

        @Override
        public boolean add(Name name, long ino, int mode, long cookie) {
            if (name.isDot() || name.isDotDot()) {
                return true;
            }
            if (failure != null || !fits(name)) {
                return false;
            }
            if (name.length() == 0 || name.length() > Name.MAX || cookie <= 0) {
                failure = Session.refuse("readdir: name '%s', cookie %d", name, cookie);
                return false;
            }
            long next = Math.min(cookie, Long.MAX_VALUE - DOTS) + DOTS;
            return plus ? addPlus(name, ino, mode, next) : addPlain(name, ino, mode, next);
        }

        private boolean addPlain(Name name, long ino, int mode, long next) {
            dirent(name, ino, mode, next);
            return true;
        }

        /// A look-up goes with the entry; one that fails leaves an entry without attributes.
        private boolean addPlus(Name name, long ino, int mode, long next) {
            Inode inode = null;
            try {
                inode = lookup(name);
            } catch (IOException e) {
                Session.LOG.log(System.Logger.Level.DEBUG, () -> "readdirplus: " + name, e);
            }
            if (inode == null) {
                prefix();
            } else {
                length += EntryOut.SIZE;
            }
            dirent(name, ino, mode, next);
            return true;
        }

        private @org.jspecify.annotations.Nullable Inode lookup(Name name) throws IOException {
            Entry entry = directory.node.entry(name);
            if (entry == null) {
                return null;
            }
            Node node = entry.node();
            Inode inode = session.nodes.acquire(node, entry.attr(), directory.nodeid, 1);
            try {
                session.encoder.entry(out, length, inode, entry.attr());
            } catch (IOException e) {
                session.nodes.forget(inode, 1);
                throw e;
            }
            return inode;
        }

        private void prefix() {
            if (plus) {
                out.asSlice(length, EntryOut.SIZE).fill((byte) 0);
                length += EntryOut.SIZE;
            }
        }

        private boolean fits(Name name) {
            int need = (plus ? EntryOut.SIZE : 0) + Dirent.padded(name.length());
            return length + need <= size;
        }

        private void dirent(Name name, long ino, int mode, long next) {
            int padded = Dirent.padded(name.length());
            out.set(Request.LONG, length + padded - 8, 0);
            out.set(Request.LONG, length + Dirent.INO, ino == 0 ? UNKNOWN_INO : ino);
            out.set(Request.LONG, length + Dirent.OFF, next);
            out.set(Request.INT, length + Dirent.NAMELEN, name.length());
            out.set(Request.INT, length + Dirent.TYPE, Mode.type(mode) >> 12);
            name.copyTo(out, length + Dirent.SIZE);
            length += padded;
        }

        void rethrow() throws IOException {
            if (failure != null) {
                throw failure;
            }
        }
    }

    /// The kernel skips entries of inode 0 (FUSE_UNKNOWN_INO of libfuse).
    private static final long UNKNOWN_INO = 0xffff_ffffL;
}
