// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import jpuffs.core.BlockDevice;

/// A device as it would be after the replay of its journal, for mounts that may not write: blocks with new content
/// in the journal are read from there.
final class ReplayedDevice implements BlockDevice {
    private final BlockDevice device;
    private final JournalReplay replay;
    private final int size;
    private final Map<Long, JournalReplay.Copy> copies;

    ReplayedDevice(BlockDevice device, JournalReplay replay, int size, Map<Long, JournalReplay.Copy> copies) {
        this.device = device;
        this.replay = replay;
        this.size = size;
        this.copies = copies;
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public int blockSize() {
        return device.blockSize();
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        device.read(dst, off);
        long length = dst.byteSize();
        for (long block = off / size; block * size < off + length; block++) {
            JournalReplay.Copy copy = copies.get(block);
            if (copy != null) {
                MemorySegment content = MemorySegment.ofArray(new byte[size]);
                replay.content(copy, content);
                long from = Math.max(block * size, off);
                long to = Math.min((block + 1) * size, off + length);
                MemorySegment.copy(content, from - block * size, dst, from - off, to - from);
            }
        }
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        throw EROFS.error();
    }
}
