// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.BlockDevice;
import jpuffs.rumpfs.io.Le;

/// Reads the log after a crash: which blocks its committed transactions have new content for, revoked ones left
/// out.
final class JournalReplay {
    private static final int ESCAPED = 1;
    private static final int SAME_UUID = 2;
    private static final int LAST = 8;

    private final JournalFile journal;
    private final int seed;
    private final MemorySegment block;
    private final MemorySegment data;
    private final List<Copy> copies = new ArrayList<>();
    private final Map<Long, Integer> revoked = new HashMap<>();
    private boolean damaged; // the transaction being read
    private int sequence;

    /// New content of a block.
    ///
    /// @param home where it belongs
    /// @param index where in the journal it is
    /// @param escaped whether its first bytes, which looked like the journal's, were zeroed there
    record Copy(long home, long index, boolean escaped, int sequence) {}

    private JournalReplay(JournalFile journal) {
        this.journal = journal;
        this.seed = journal.seed();
        this.block = MemorySegment.ofArray(new byte[journal.blockSize]);
        this.data = MemorySegment.ofArray(new byte[journal.blockSize]);
        this.sequence = journal.sequence();
    }

    /// Replays the journal, or shows the device as it would be then.
    ///
    /// @param readOnly the device must stay as it is
    static BlockDevice recovered(Ext2Fs fs, BlockDevice device, boolean readOnly) throws IOException {
        JournalReplay replay = read(JournalFile.open(fs, device));
        if (readOnly) {
            return new ReplayedDevice(device, replay, fs.sb().blockSize, replay.result(fs.sb().blocks));
        }
        replay.apply(device, fs.sb().blocks);
        return device;
    }

    /// Reads the whole log.
    ///
    /// @throws IOException EUCLEAN if a committed transaction is damaged, EOPNOTSUPP for fast commits
    static JournalReplay read(JournalFile journal) throws IOException {
        var replay = new JournalReplay(journal);
        if (journal.start() != 0) {
            if (journal.has(JournalFile.INCOMPAT_FAST_COMMIT)) {
                throw EOPNOTSUPP.error("the journal may have fast commits: have e2fsck(8) replay it");
            }
            replay.scan();
        }
        return replay;
    }

    /// The sequence number of the transaction that comes next.
    int nextSequence() {
        return sequence;
    }

    private void scan() throws IOException {
        long at = journal.start();
        long left = journal.length();
        var pending = new ArrayList<Copy>();
        var pendingRevokes = new ArrayList<Long>();
        int crc = -1;
        while (left > 0) {
            journal.read(at, block);
            if (Be.i32(block, 0) != JournalFile.MAGIC || Be.i32(block, 8) != sequence) {
                return;
            }
            int type = Be.i32(block, 4);
            long used = 1;
            if (type == JournalFile.DESCRIPTOR) {
                crc = journal.hasOldChecksums() ? Crc.crc32be(crc, block) : 0;
                if (!isTailGood()) {
                    return;
                }
                List<Copy> tags = tags(journal.next(at));
                if (tags.size() >= left) {
                    return;
                }
                pending.addAll(tags);
                used += tags.size();
                crc = journal.hasOldChecksums() ? oldChecksum(crc, tags) : 0;
            } else if (type == JournalFile.REVOKE) {
                if (!isTailGood()) {
                    return;
                }
                readRevokes(pendingRevokes);
            } else if (type == JournalFile.COMMIT) {
                if (!isCommitGood(crc)) {
                    return;
                }
                commit(pending, pendingRevokes);
                crc = -1;
            } else {
                return;
            }
            for (long i = 0; i < used; i++) {
                at = journal.next(at);
            }
            left -= used;
        }
    }

    private int oldChecksum(int start, List<Copy> tags) throws IOException {
        int crc = start;
        for (Copy copy : tags) {
            journal.read(copy.index, data);
            crc = Crc.crc32be(crc, data);
        }
        return crc;
    }

    private boolean isTailGood() {
        if (!journal.hasChecksums()) {
            return true;
        }
        long tail = block.byteSize() - 4;
        return Be.i32(block, tail) == Crc.crc32c(Crc.crc32c(seed, block, 0, tail), 0);
    }

    private boolean isCommitGood(int crc) {
        int stored = Be.i32(block, 0x10);
        if (journal.hasChecksums()) {
            int own = Crc.crc32c(Crc.crc32c(seed, block, 0, 0x10), 0);
            return stored == Crc.crc32c(own, block, 0x14, block.byteSize() - 0x14);
        }
        boolean checked = journal.hasOldChecksums() && Le.u8(block, 0xc) == 1;
        return !checked || stored == crc;
    }

    /// The tags of a descriptor.
    private List<Copy> tags(long firstIndex) throws IOException {
        var tags = new ArrayList<Copy>();
        int size = journal.tagSize();
        boolean v3 = journal.has(JournalFile.INCOMPAT_CSUM_V3);
        boolean wide = journal.has(JournalFile.INCOMPAT_64BIT);
        long end = block.byteSize() - (journal.hasChecksums() ? 4 : 0);
        long index = firstIndex;
        for (long at = JournalFile.HEADER; at + size <= end; ) {
            int flags = v3 ? Be.i32(block, at + 4) : Be.u16(block, at + 6);
            long high = wide ? Be.u32(block, at + 8) << 32 : 0;
            var copy = new Copy(Be.u32(block, at) | high, index, (flags & ESCAPED) != 0, sequence);
            checkTag(copy, v3 ? Be.i32(block, at + 12) : Be.u16(block, at + 4));
            tags.add(copy);
            index = journal.next(index);
            at += size + ((flags & SAME_UUID) != 0 ? 0 : 16);
            if ((flags & LAST) != 0) {
                break;
            }
        }
        return tags;
    }

    private void checkTag(Copy copy, int stored) throws IOException {
        if (!journal.hasChecksums()) {
            return;
        }
        journal.read(copy.index, data);
        MemorySegment number = MemorySegment.ofArray(new byte[4]);
        Be.put32(number, 0, sequence);
        int crc = Crc.crc32c(Crc.crc32c(seed, number, 0, 4), data, 0, data.byteSize());
        if ((journal.has(JournalFile.INCOMPAT_CSUM_V3) ? crc : crc & 0xffff) != stored) {
            damaged = true;
        }
    }

    private void readRevokes(List<Long> revokes) {
        int size = journal.has(JournalFile.INCOMPAT_64BIT) ? 8 : 4;
        long end = Math.min(Be.u32(block, 12), block.byteSize() - (journal.hasChecksums() ? 4 : 0));
        for (long at = 16; at + size <= end; at += size) {
            revokes.add(size == 8 ? Be.i64(block, at) : Be.u32(block, at));
        }
    }

    private void commit(List<Copy> pending, List<Long> revokes) throws IOException {
        if (damaged) {
            throw EUCLEAN.error("the journal: transaction %d is committed and damaged", sequence);
        }
        copies.addAll(pending);
        for (long home : revokes) {
            revoked.put(home, sequence);
        }
        pending.clear();
        revokes.clear();
        sequence++;
    }

    /// The last content of each block.
    ///
    /// @param blocks of the file system: what lies outside is damage
    Map<Long, Copy> result(long blocks) throws IOException {
        var result = new HashMap<Long, Copy>();
        for (Copy copy : copies) {
            if (copy.home < 0 || copy.home >= blocks) {
                throw EUCLEAN.error("the journal has block %d: outside of the file system", copy.home);
            }
            Integer until = revoked.get(copy.home);
            if (until == null || until - copy.sequence < 0) {
                result.put(copy.home, copy);
            }
        }
        return result;
    }

    /// Reads the content of a block.
    void content(Copy copy, MemorySegment dst) throws IOException {
        journal.read(copy.index, dst);
        if (copy.escaped) {
            Be.put32(dst, 0, JournalFile.MAGIC);
        }
    }

    /// Writes everything to its place, durably, and empties the log.
    void apply(BlockDevice device, long blocks) throws IOException {
        for (Copy copy : result(blocks).values()) {
            content(copy, data);
            device.write(data, copy.home * journal.blockSize);
        }
        device.flush();
        journal.writeSuper(0, sequence + 1);
        device.flush();
    }
}
