// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import jpuffs.rump.disk.ImageFile;

/// A file that is not written, with the changes of its log.
final class ReplayedFile implements ImageFile {
    private final ImageFile file;
    private final List<VhdxLog.Change> changes;

    ReplayedFile(ImageFile file, List<VhdxLog.Change> changes) {
        this.file = file;
        this.changes = changes;
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public long length() {
        long length = file.length();
        for (VhdxLog.Change change : changes) {
            length = Math.max(length, change.off() + change.bytes().length);
        }
        return length;
    }

    @Override
    public long read(MemorySegment dst, long off) throws IOException {
        long count = Math.clamp(length() - off, 0, dst.byteSize());
        Tables.readPadded(file, dst.asSlice(0, count), off);
        for (VhdxLog.Change change : changes) {
            long from = Math.max(off, change.off());
            long to = Math.min(off + count, change.off() + change.length());
            if (from < to && change.bytes().length == 0) {
                dst.asSlice(from - off, to - from).fill((byte) 0);
            } else if (from < to) {
                MemorySegment.copy(
                        MemorySegment.ofArray(change.bytes()), from - change.off(), dst, from - off, to - from);
            }
        }
        return count;
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        throw EROFS.error();
    }

    @Override
    public void flush() {
        // nothing is written
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
