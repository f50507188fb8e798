// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.buf;

import java.util.ArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The buffers of a cache by block number (hash with chains), and those that nobody holds in the order of their
/// last use (LRU). Guarded by the lock of the cache.
final class BufTable {
    private @Nullable Buf[] chains = new @Nullable Buf[64];
    private int size;
    private @Nullable Buf oldest;
    private @Nullable Buf newest;

    int size() {
        return size;
    }

    private int slot(long blkno) {
        long mixed = blkno * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 32) & (chains.length - 1);
    }

    @Nullable
    Buf find(long blkno) {
        Buf at = chains[slot(blkno)];
        while (at != null && at.blkno() != blkno) {
            at = at.hashNext;
        }
        return at;
    }

    void add(Buf buf) {
        if (size >= chains.length) {
            grow();
        }
        int slot = slot(buf.blkno());
        buf.hashNext = chains[slot];
        chains[slot] = buf;
        size++;
    }

    private void grow() {
        @Nullable Buf[] old = chains;
        chains = new @Nullable Buf[old.length * 2];
        for (Buf at : old) {
            while (at != null) {
                Buf next = at.hashNext;
                int slot = slot(at.blkno());
                at.hashNext = chains[slot];
                chains[slot] = at;
                at = next;
            }
        }
    }

    void remove(Buf buf) {
        int slot = slot(buf.blkno());
        Buf at = chains[slot];
        if (at == buf) {
            chains[slot] = buf.hashNext;
        } else {
            while (at != null && at.hashNext != buf) {
                at = at.hashNext;
            }
            if (at == null) {
                throw new AssertionError("block " + buf.blkno() + " is not in the table");
            }
            at.hashNext = buf.hashNext;
        }
        buf.hashNext = null;
        size--;
    }

    /// Does something with each that is here now; it may be removed by that.
    void forEach(Consumer<Buf> action) {
        var all = new ArrayList<Buf>(size);
        for (Buf at : chains) {
            for (Buf buf = at; buf != null; buf = buf.hashNext) {
                all.add(buf);
            }
        }
        all.forEach(action);
    }

    /// Nobody holds it any more: it is the one used last.
    void retire(Buf buf) {
        buf.lruPrev = newest;
        buf.lruNext = null;
        if (newest == null) {
            oldest = buf;
        } else {
            newest.lruNext = buf;
        }
        newest = buf;
    }

    /// It is held again, or goes.
    void unretire(Buf buf) {
        Buf before = buf.lruPrev;
        Buf after = buf.lruNext;
        if (before == null) {
            oldest = after;
        } else {
            before.lruNext = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.lruPrev = before;
        }
        buf.lruPrev = null;
        buf.lruNext = null;
    }

    /// The one whose memory may be taken: unused longest, clean and idle. Looks at the 64 oldest, so that many
    /// dirty ones do not make every miss slow; null if none of those is clean.
    @Nullable
    Buf victim() {
        Buf at = oldest;
        for (int i = 0; at != null && i < 64; i++, at = at.lruNext) {
            if (at.isIdle() && !at.dirty) {
                return at;
            }
        }
        return null;
    }
}
