// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;

/// The journal as a row of blocks, and its superblock (JBD2; kernel: Documentation/filesystems/ext4/journal.rst).
/// Numbers are big-endian. The first block is the superblock; from `first` on the log goes round.
final class JournalFile {
    static final int MAGIC = 0xc03b3998;
    static final int DESCRIPTOR = 1;
    static final int COMMIT = 2;
    static final int SUPER_V1 = 3;
    static final int SUPER_V2 = 4;
    static final int REVOKE = 5;

    static final int HEADER = 12;

    static final int COMPAT_CHECKSUM = 1;
    static final int INCOMPAT_REVOKE = 1;
    static final int INCOMPAT_64BIT = 2;
    static final int INCOMPAT_CSUM_V2 = 8;
    static final int INCOMPAT_CSUM_V3 = 0x10;
    static final int INCOMPAT_FAST_COMMIT = 0x20;

    private static final int KNOWN_INCOMPAT = 0x3f;

    private static final int BLOCK_SIZE = 0xc;
    private static final int MAX_LENGTH = 0x10;
    private static final int FIRST = 0x14;
    private static final int SEQUENCE = 0x18;
    private static final int START = 0x1c;
    private static final int ERRNO = 0x20;
    private static final int COMPAT = 0x24;
    private static final int INCOMPAT = 0x28;
    private static final int UUID = 0x30;
    private static final int USERS = 0x40;
    private static final int CHECKSUM_TYPE = 0x50;
    private static final int CHECKSUM = 0xfc;
    private static final int CRC32C = 4;
    private static final int SUPER_SIZE = 1024;
    private static final long MAX_BLOCKS = 10_240_000;

    private final BlockDevice device;
    final int blockSize;
    private final List<Run> runs;
    private final MemorySegment raw = MemorySegment.ofArray(new byte[SUPER_SIZE]);

    private JournalFile(BlockDevice device, int blockSize, List<Run> runs) {
        this.device = device;
        this.blockSize = blockSize;
        this.runs = runs;
    }

    /// Finds the journal and reads its superblock.
    ///
    /// @throws IOException EUCLEAN, EOPNOTSUPP for a feature that is not known
    static JournalFile open(Ext2Fs fs, BlockDevice device) throws IOException {
        if (fs.sb().journalInum() == 0) {
            throw EOPNOTSUPP.error("the journal is on another device");
        }
        Inode inode = fs.inodes().get(fs.sb().journalInum());
        fs.inodes().forget(inode);
        long blocks = Math.min(inode.rec.size() >>> fs.sb().logBlockSize, MAX_BLOCKS);
        var runs = new ArrayList<Run>();
        for (long at = 0; at < blocks; ) {
            var run = new Run();
            inode.map().find(at, blocks - at, run);
            if (!run.isData()) {
                throw EUCLEAN.error("the journal has a hole at block %d", at);
            }
            runs.add(run);
            at = run.end();
        }
        var journal = new JournalFile(device, fs.sb().blockSize, runs);
        journal.readSuper(blocks);
        return journal;
    }

    /// Makes the first block of a new journal.
    static void initialise(MemorySegment block, long blocks, MemorySegment uuid) {
        Be.put32(block, 0, MAGIC);
        Be.put32(block, 4, SUPER_V2);
        Be.put32(block, BLOCK_SIZE, block.byteSize());
        Be.put32(block, MAX_LENGTH, blocks);
        Be.put32(block, FIRST, 1);
        Be.put32(block, SEQUENCE, 1);
        Be.put32(block, USERS, 1);
        MemorySegment.copy(uuid, 0, block, UUID, 16);
    }

    private void readSuper(long blocks) throws IOException {
        if (blocks < 2) {
            throw EUCLEAN.error("the journal is empty");
        }
        MemorySegment block = MemorySegment.ofArray(new byte[blockSize]);
        read(0, block);
        MemorySegment.copy(block, 0, raw, 0, SUPER_SIZE);
        int type = Be.i32(raw, 4);
        require(Be.i32(raw, 0) == MAGIC && (type == SUPER_V1 || type == SUPER_V2), "magic number");
        if (type == SUPER_V1) {
            Le.zero(raw, COMPAT, SUPER_SIZE - COMPAT);
        }
        if ((Be.i32(raw, INCOMPAT) & ~KNOWN_INCOMPAT) != 0) {
            throw EOPNOTSUPP.error("the journal has features that are not known: 0x%x", Be.i32(raw, INCOMPAT));
        }
        require(Be.i32(raw, BLOCK_SIZE) == blockSize, "block size");
        require(length() <= blocks && first() >= 1 && first() < length() - 1, "length");
        require(start() == 0 || start() >= first() && start() < length(), "start");
        require(!hasChecksums() || Be.i32(raw, CHECKSUM) == checksum(), "checksum");
    }

    private static void require(boolean condition, String what) throws ErrnoException {
        if (!condition) {
            throw EUCLEAN.error("the journal's superblock: bad %s", what);
        }
    }

    // Blocks

    long physical(long index) throws ErrnoException {
        int low = 0;
        int high = runs.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Run run = runs.get(middle);
            if (index < run.logical) {
                high = middle - 1;
            } else if (index >= run.end()) {
                low = middle + 1;
            } else {
                return run.physical + index - run.logical;
            }
        }
        throw EINVAL.error("the journal has no block %d", index);
    }

    void read(long index, MemorySegment dst) throws IOException {
        device.read(dst, physical(index) * blockSize);
    }

    /// Writes blocks from `index` on; the log does not go round among them.
    void write(long index, MemorySegment src) throws IOException {
        long blocks = src.byteSize() / blockSize;
        for (long done = 0; done < blocks; ) {
            long place = physical(index + done);
            long n = 1;
            while (done + n < blocks && physical(index + done + n) == place + n) {
                n++;
            }
            device.write(src.asSlice(done * blockSize, n * blockSize), place * blockSize);
            done += n;
        }
    }

    /// The block of the log behind one.
    long next(long index) {
        return index + 1 >= length() ? first() : index + 1;
    }

    // The superblock

    long length() {
        return Be.u32(raw, MAX_LENGTH);
    }

    long first() {
        return Be.u32(raw, FIRST);
    }

    int sequence() {
        return Be.i32(raw, SEQUENCE);
    }

    /// The first block of the log that counts, 0 if none does.
    long start() {
        return Be.u32(raw, START);
    }

    boolean has(int incompat) {
        return (Be.i32(raw, INCOMPAT) & incompat) != 0;
    }

    boolean hasOldChecksums() {
        return (Be.i32(raw, COMPAT) & COMPAT_CHECKSUM) != 0;
    }

    boolean hasChecksums() {
        return has(INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3);
    }

    /// What the checksums of its blocks start with.
    int seed() {
        return Crc.crc32c(Crc.START, raw, UUID, 16);
    }

    MemorySegment uuid() {
        return raw.asSlice(UUID, 16);
    }

    private int checksum() {
        int crc = Crc.crc32c(Crc.crc32c(Crc.START, raw, 0, CHECKSUM), 0);
        return Crc.crc32c(crc, raw, CHECKSUM + 4, SUPER_SIZE - CHECKSUM - 4);
    }

    /// Sets what a log written by this package has; the log is empty.
    void setFeatures(boolean wide, boolean checksums) {
        int incompat = INCOMPAT_REVOKE | (wide ? INCOMPAT_64BIT : 0) | (checksums ? INCOMPAT_CSUM_V3 : 0);
        Be.put32(raw, 4, SUPER_V2);
        Be.put32(raw, COMPAT, Be.i32(raw, COMPAT) & ~COMPAT_CHECKSUM);
        Be.put32(raw, INCOMPAT, incompat);
        Le.put8(raw, CHECKSUM_TYPE, checksums ? CRC32C : 0);
    }

    /// Says where the log begins, and writes that; durable after the next flush.
    ///
    /// @param start 0 for an empty log
    void writeSuper(long start, int sequence) throws IOException {
        Be.put32(raw, START, start);
        Be.put32(raw, SEQUENCE, sequence);
        Be.put32(raw, CHECKSUM, hasChecksums() ? checksum() : 0);
        MemorySegment block = MemorySegment.ofArray(new byte[blockSize]);
        MemorySegment.copy(raw, 0, block, 0, SUPER_SIZE);
        write(0, block);
    }

    /// Whether a driver has met damage, which the superblock may not say yet.
    boolean hasError() {
        return Be.i32(raw, ERRNO) != 0;
    }

    /// Sets that, for the next [#writeSuper].
    void setError(boolean error) {
        Be.put32(raw, ERRNO, error ? -EIO.number() : 0);
    }

    /// Writes the superblock again.
    void rewriteSuper() throws IOException {
        writeSuper(Be.i32(raw, START) & 0xffffffffL, Be.i32(raw, SEQUENCE));
    }

    /// The bytes of a block's tag in a descriptor.
    int tagSize() {
        if (has(INCOMPAT_CSUM_V3)) {
            return 16;
        }
        return 8 + (has(INCOMPAT_CSUM_V2) ? 2 : 0) + (has(INCOMPAT_64BIT) ? 4 : 0);
    }
}
