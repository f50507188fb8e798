// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import org.jspecify.annotations.Nullable;

/// Metadata blocks and the running transaction: the set of blocks that were changed since the last commit, held and
/// pinned until then. Between two operations they are consistent; so a commit may come there and nowhere else.
final class Meta {
    /// What a block is used for: one thing at a time. A damaged image may say that one block is two things.
    enum Kind {
        SUPERBLOCK,
        DESCRIPTORS,
        BLOCK_BITMAP,
        INODE_BITMAP,
        INODES,
        INDIRECT,
        EXTENTS,
        DIRECTORY,
        XATTRS,
        SYMLINK,
        ORPHANS
    }

    /// What is known of a block in the cache.
    private static final class State {
        @Nullable
        Kind kind;

        boolean good; // as one of that kind
        boolean joined;
        boolean dropped;
        int rank;
        Seal seal = Seal.NONE;
    }

    /// Whether the content of a block makes sense.
    @FunctionalInterface
    interface Check {
        boolean isGood(MemorySegment data, long block);
    }

    /// Without a journal, blocks are written in this order, with a flush between: what is pointed at, then inodes,
    /// then the entries of directories. So a crash leaves no name of what is not there.
    static final int RANK_INODES = 1;

    static final int RANK_ENTRIES = 2;

    private final BufCache cache;
    private final long blocks;
    private int maxJoined;
    private @Nullable Journal journal;
    private final List<Buf> joined = new ArrayList<>();
    private final List<Long> revoked = new ArrayList<>();

    /// @param blocks of the file system
    /// @param maxJoined the blocks a transaction should not exceed
    Meta(BufCache cache, long blocks, int maxJoined) {
        this.cache = cache;
        this.blocks = blocks;
        this.maxJoined = maxJoined;
    }

    void setJournal(@Nullable Journal newJournal) {
        journal = newJournal;
    }

    void setMaxJoined(int count) {
        maxJoined = count;
    }

    // Blocks

    /// A block, held.
    ///
    /// @throws IOException EUCLEAN if it is outside of the file system, or in use as another kind
    Buf read(long block, Kind kind) throws IOException {
        checkInside(block);
        return use(cache.bread(block), kind);
    }

    private static Buf use(Buf buf, Kind kind) throws ErrnoException {
        State state = state(buf);
        Kind old = state.kind;
        if (old != kind) {
            if (old != null && buf.isShared()) { // held by a user, or by the transaction
                buf.close();
                throw EUCLEAN.error("block %d: is used as %s and as %s", buf.blkno(), old, kind);
            }
            state.kind = kind;
            state.good = false;
        }
        return buf;
    }

    /// As [#read(long, Kind)], and the block is checked where that was not done yet.
    ///
    /// @throws IOException EUCLEAN
    Buf read(long block, Kind kind, Check check) throws IOException {
        Buf buf = read(block, kind);
        State state = state(buf);
        if (!state.good) {
            boolean good = false;
            try {
                good = check.isGood(buf.data(), block);
            } finally {
                if (!good) {
                    buf.close();
                }
            }
            if (!good) {
                throw EUCLEAN.error("block %d: bad checksum or content", block);
            }
            state.good = true;
        }
        return buf;
    }

    /// Reads a few blocks ahead.
    void ahead(long block, int count) {
        cache.breada(block, Math.clamp(blocks - block, 0, count));
    }

    /// A newly allocated block, held, all zero and part of the transaction.
    Buf fresh(long block, Kind kind, Seal seal) throws IOException {
        checkInside(block);
        Buf buf = use(cache.getblk(block), kind);
        buf.data().fill((byte) 0);
        change(buf, seal);
        return buf;
    }

    private void checkInside(long block) throws ErrnoException {
        if (block <= 0 && !(block == 0 && cache.blockSize() > 1024) || block >= blocks) {
            throw EUCLEAN.error("block %d: outside of the file system", block);
        }
    }

    private static State state(Buf buf) {
        if (buf.attachment() instanceof State state) {
            return state;
        }
        var state = new State();
        buf.attach(state);
        return state;
    }

    /// The block was changed or is about to be: it becomes part of the transaction.
    void change(Buf buf, Seal seal) {
        State state = state(buf);
        state.good = true;
        state.seal = seal;
        if (!state.joined) {
            state.joined = true;
            state.rank = 0;
            buf.hold();
            buf.pin();
            buf.dirty();
            joined.add(buf);
        }
    }

    /// As [#change], of a block that must not be written before others.
    void change(Buf buf, Seal seal, int rank) {
        boolean fresh = !state(buf).joined;
        change(buf, seal);
        State state = state(buf);
        state.rank = fresh ? rank : state.rank;
    }

    /// Blocks that may have been metadata are free: their content is not needed and must not come back.
    void forget(long block, long count) throws IOException {
        for (long at = block; at < block + count; at++) {
            if (journal != null) {
                revoked.add(at);
            }
            try (Buf buf = cache.getblk(at)) {
                if (buf.attachment() instanceof State state) {
                    state.dropped = true;
                }
            }
        }
        cache.invalidate(block, count);
    }

    // The transaction

    /// Whether it should be committed before the next operation.
    boolean isLarge() {
        return joined.size() >= maxJoined || revoked.size() >= 8 * maxJoined;
    }

    boolean isEmpty() {
        return joined.isEmpty() && revoked.isEmpty();
    }

    /// Brings the checksums of the transaction's blocks up to date.
    void seal() {
        for (Buf buf : joined) {
            State state = state(buf);
            if (!state.dropped) {
                state.seal.seal(buf.data(), buf.blkno());
            }
        }
    }

    /// Ends the transaction, which is durable then.
    void commit() throws IOException {
        boolean done = false;
        try {
            if (journal == null) {
                writeInOrder();
            } else if (!isEmpty()) {
                journal.write(live(), revoked);
            }
            done = true;
        } finally {
            end(done);
        }
    }

    private void writeInOrder() throws IOException {
        for (int rank = 0; rank <= RANK_ENTRIES; rank++) {
            for (Buf buf : joined) {
                if (state(buf).rank == rank) {
                    buf.unpin();
                }
            }
            cache.sync();
        }
        joined.forEach(Buf::pin);
    }

    private List<Buf> live() {
        return joined.stream().filter(buf -> !state(buf).dropped).toList();
    }

    /// Gives the transaction up: what it changed is not written.
    void abort() {
        end(false);
    }

    private void end(boolean write) {
        for (Buf buf : joined) {
            State state = state(buf);
            state.joined = false;
            if (!write) {
                cache.invalidate(buf.blkno(), 1);
            }
            buf.unpin();
            buf.close();
        }
        joined.clear();
        revoked.clear();
    }

    /// Writes what was committed to its place, durably.
    void writeHome() throws IOException {
        cache.sync();
        if (journal != null) {
            journal.checkpointed();
        }
    }
}
