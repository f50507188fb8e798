// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rump.buf.Buf;

/// Tells the entries of a directory.
///
/// Where names are hashed, entries move between blocks, so the order is that of the hashes, as in Linux: also for
/// directories of one block, which may become indexed meanwhile. A cookie is then 31 bits of the hash, 24 of the
/// second one, and the number of the entry among those that have the same. Else entries stay where they are, and a
/// cookie is the offset behind one.
final class DirReader {
    private static final int MINOR_BITS = 24;
    private static final int ORDINAL_BITS = 8;
    private static final int MAX_ORDINAL = (1 << ORDINAL_BITS) - 1;

    private final DirContent content;
    private final Ext2Fs fs;

    DirReader(DirContent content) {
        this.content = content;
        this.fs = content.fs;
    }

    /// An entry as it is told.
    private record Told(Name name, long ino, int type, long key) {}

    void list(long cookie, DirSink sink) throws IOException {
        if (content.directory.isInline()) {
            var entries = new ArrayList<Told>();
            collect(content.inlineView(), entries, fs.sb().hasher());
            tell(entries, cookie, sink);
        } else if (content.isIndexed()) {
            listIndexed(cookie, sink);
        } else if (fs.sb().features.compat(Features.DIR_INDEX) && content.blocks() == 1) {
            var entries = new ArrayList<Told>();
            try (Buf buf = content.requireBlock(0)) {
                collect(
                        buf.data().asSlice(0, content.end()),
                        entries,
                        content.index().hasher());
            }
            tell(entries, cookie, sink);
        } else {
            listLinear(cookie, sink);
        }
    }

    boolean isEmpty() throws IOException {
        boolean[] empty = {true};
        list(0, (name, ino, mode, cookie) -> {
            empty[0] = false;
            return false;
        });
        return empty[0];
    }

    // By hash

    private static long key(long hash) {
        return (hash >>> 33) << MINOR_BITS | (hash & 0xffffffffL) >>> (32 - MINOR_BITS);
    }

    private static void collect(MemorySegment data, List<Told> entries, DirHash hasher) throws ErrnoException {
        for (int at = 0; at < data.byteSize(); at = DirBlock.next(data, at)) {
            if (DirBlock.inode(data, at) != 0) {
                Name name = DirBlock.name(data, at);
                if (!name.isDot() && !name.isDotDot() && name.length() > 0) {
                    long key = key(hasher.hash(name));
                    entries.add(new Told(name, DirBlock.inode(data, at), DirBlock.type(data, at), key));
                }
            }
        }
    }

    /// Tells entries in order behind the cookie.
    ///
    /// @return false if the sink has had enough
    private static boolean tell(List<Told> entries, long cookie, DirSink sink) {
        entries.sort(Comparator.comparingLong(Told::key).thenComparing(Told::name));
        int ordinal = 0;
        for (int i = 0; i < entries.size(); i++) {
            Told entry = entries.get(i);
            boolean same = i > 0 && entries.get(i - 1).key == entry.key;
            ordinal = same ? Math.min(ordinal + 1, MAX_ORDINAL) : 1;
            long own = entry.key << ORDINAL_BITS | ordinal;
            if (own > cookie && !sink.add(entry.name, entry.ino, entry.type, own)) {
                return false;
            }
        }
        return true;
    }

    private void listIndexed(long cookie, DirSink sink) throws IOException {
        DirHash hasher = content.index().hasher();
        long from = cookie >>> (ORDINAL_BITS + MINOR_BITS) << 1;
        while (from < 1L << 32) {
            var entries = new ArrayList<Told>();
            long next = content.index().collect(from, data -> collect(data.asSlice(0, content.end()), entries, hasher));
            long low = from;
            entries.removeIf(entry -> entry.key >>> MINOR_BITS << 1 < low || entry.key >>> MINOR_BITS << 1 >= next);
            if (!tell(entries, cookie, sink)) {
                return;
            }
            if (next <= from) {
                return;
            }
            from = next;
        }
    }

    // By place

    private void listLinear(long cookie, DirSink sink) throws IOException {
        int size = fs.sb().blockSize;
        for (long logical = cookie / size; logical < content.blocks(); logical++) {
            Buf buf = content.block(logical);
            if (buf == null) {
                continue;
            }
            try (buf) {
                if (!listBlock(buf.data(), new long[] {logical * size, cookie}, sink)) {
                    return;
                }
            }
        }
    }

    private boolean listBlock(MemorySegment data, long[] baseAndCookie, DirSink sink) throws ErrnoException {
        long base = baseAndCookie[0];
        for (int at = 0; at < content.end(); at = DirBlock.next(data, at)) {
            if (base + at < baseAndCookie[1] || DirBlock.inode(data, at) == 0) {
                continue;
            }
            Name name = DirBlock.name(data, at);
            if (name.isDot() || name.isDotDot() || name.length() == 0) {
                continue;
            }
            if (!sink.add(name, DirBlock.inode(data, at), DirBlock.type(data, at), base + at + DirBlock.HEADER)) {
                return false;
            }
        }
        return true;
    }
}
