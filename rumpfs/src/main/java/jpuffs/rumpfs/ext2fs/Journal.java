// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.buf.Buf;

/// The log that is written: each transaction as revokes, descriptors with their blocks, and after a flush one
/// commit block. File data that the transaction tells of has been written before that flush, so it is there when
/// the transaction is.
///
/// What was committed goes to its place when the cache needs room, or all at once when the log is half full; then
/// the log begins anew.
final class Journal implements AutoCloseable {
    private static final int ESCAPED = 1;
    private static final int SAME_UUID = 2;
    private static final int LAST = 8;
    private static final int STAGE = 512 << 10;

    private final BlockDevice device;
    private final JournalFile file;
    private final int blockSize;
    private final int seed;
    private final boolean checksums;
    private final boolean wide;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment stage;
    private int staged; // bytes
    private long stageAt; // the block of the log that they begin at
    private long head; // the next block of the log
    private long used; // blocks of the log that must stay
    private int sequence;

    /// @param file its log is empty
    Journal(BlockDevice device, JournalFile file, int sequence) {
        this.device = device;
        this.file = file;
        this.blockSize = file.blockSize;
        this.seed = file.seed();
        this.checksums = file.hasChecksums();
        this.wide = file.has(JournalFile.INCOMPAT_64BIT);
        this.stage = arena.allocate(Math.max(STAGE, blockSize), 4096);
        this.head = file.first();
        this.sequence = sequence;
    }

    /// Says in the log's own superblock that there is damage: a replay may write over the file system's.
    void tellDamage() throws IOException {
        file.setError(true);
        file.rewriteSuper();
    }

    private long capacity() {
        return file.length() - file.first();
    }

    /// The blocks a transaction should not exceed.
    int maxTransaction() {
        return (int) Math.min(capacity() / 4, 1 << 16);
    }

    /// Whether the blocks in the log should be written to their places.
    boolean isHalfFull() {
        return used > capacity() / 2;
    }

    private int tail() {
        return checksums ? 4 : 0;
    }

    private int tagsPerBlock() {
        return (blockSize - JournalFile.HEADER - tail() - 16) / file.tagSize();
    }

    private int revokesPerBlock() {
        return (blockSize - 16 - tail()) / (wide ? 8 : 4);
    }

    private static int pieces(int count, int per) {
        return (count + per - 1) / per;
    }

    /// Writes a transaction; it is durable then.
    void write(List<Buf> blocks, List<Long> revoked) throws IOException {
        long need =
                1L + blocks.size() + pieces(blocks.size(), tagsPerBlock()) + pieces(revoked.size(), revokesPerBlock());
        if (need > capacity() - used - 1) {
            throw EIO.error("a transaction of %d blocks does not fit into the journal", need);
        }
        if (used == 0) {
            file.writeSuper(head, sequence);
        }
        stageAt = head;
        for (int i = 0; i < revoked.size(); i += revokesPerBlock()) {
            addRevokes(revoked.subList(i, Math.min(i + revokesPerBlock(), revoked.size())));
        }
        for (int i = 0; i < blocks.size(); i += tagsPerBlock()) {
            addBlocks(blocks.subList(i, Math.min(i + tagsPerBlock(), blocks.size())));
        }
        writeStage();
        device.flush();
        addCommit();
        writeStage();
        device.flush();
        sequence++;
        used += need;
    }

    /// All that was committed is in its place, durably.
    void checkpointed() throws IOException {
        if (used > 0) {
            used = 0;
            file.writeSuper(0, sequence);
            device.flush();
        }
    }

    // Blocks of the log

    /// The next block, zero.
    private MemorySegment take() throws IOException {
        if (staged + blockSize > stage.byteSize() || staged > 0 && head == file.first()) {
            writeStage();
        }
        MemorySegment block = stage.asSlice(staged, blockSize);
        staged += blockSize;
        head = file.next(head);
        return block.fill((byte) 0);
    }

    private void writeStage() throws IOException {
        if (staged > 0) {
            file.write(stageAt, stage.asSlice(0, staged));
        }
        staged = 0;
        stageAt = head;
    }

    private void putHeader(MemorySegment block, int type) {
        Be.put32(block, 0, JournalFile.MAGIC);
        Be.put32(block, 4, type);
        Be.put32(block, 8, sequence);
    }

    private void sealTail(MemorySegment block) {
        if (checksums) {
            Be.put32(block, blockSize - 4L, Crc.crc32c(seed, block, 0, blockSize));
        }
    }

    private void addRevokes(List<Long> revoked) throws IOException {
        MemorySegment block = take();
        putHeader(block, JournalFile.REVOKE);
        int size = wide ? 8 : 4;
        int at = 16;
        for (long home : revoked) {
            if (wide) {
                Be.put64(block, at, home);
            } else {
                Be.put32(block, at, home);
            }
            at += size;
        }
        Be.put32(block, 12, at);
        sealTail(block);
    }

    /// A descriptor and the blocks it names. The descriptor is made before them and so may lie in an earlier part
    /// of the stage; hence the blocks are looked at twice.
    private void addBlocks(List<Buf> blocks) throws IOException {
        MemorySegment descriptor = take();
        putHeader(descriptor, JournalFile.DESCRIPTOR);
        long at = JournalFile.HEADER;
        for (int i = 0; i < blocks.size(); i++) {
            Buf buf = blocks.get(i);
            boolean escaped = Be.i32(buf.data(), 0) == JournalFile.MAGIC;
            int flags = (escaped ? ESCAPED : 0) | (i > 0 ? SAME_UUID : 0) | (i == blocks.size() - 1 ? LAST : 0);
            putTag(descriptor, at, buf, flags);
            at += file.tagSize();
            if (i == 0) {
                MemorySegment.copy(file.uuid(), 0, descriptor, at, 16);
                at += 16;
            }
        }
        sealTail(descriptor);
        for (Buf buf : blocks) {
            MemorySegment block = take();
            MemorySegment.copy(buf.data(), 0, block, 0, blockSize);
            if (Be.i32(block, 0) == JournalFile.MAGIC) {
                Be.put32(block, 0, 0);
            }
        }
    }

    private void putTag(MemorySegment descriptor, long at, Buf buf, int flags) {
        Be.put32(descriptor, at, buf.blkno());
        if (wide) {
            Be.put32(descriptor, at + 8, buf.blkno() >>> 32);
        }
        if (file.has(JournalFile.INCOMPAT_CSUM_V3)) {
            Be.put32(descriptor, at + 4, flags);
            Be.put32(descriptor, at + 12, tagChecksum(buf.data(), (flags & ESCAPED) != 0));
        } else {
            Be.put16(descriptor, at + 6, flags);
        }
    }

    private int tagChecksum(MemorySegment data, boolean escaped) {
        int crc = Crc.crc32c(seed, Integer.reverseBytes(sequence));
        return escaped ? Crc.crc32c(Crc.crc32c(crc, 0), data, 4, blockSize - 4L) : Crc.crc32c(crc, data, 0, blockSize);
    }

    private void addCommit() throws IOException {
        MemorySegment block = take();
        putHeader(block, JournalFile.COMMIT);
        if (checksums) {
            Be.put32(block, 0x10, Crc.crc32c(seed, block, 0, blockSize));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
