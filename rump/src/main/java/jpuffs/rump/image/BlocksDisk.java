// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.SortedSet;
import java.util.TreeSet;
import jpuffs.rump.disk.ImageFile;

/// A disk in blocks that are added to the end of a file when they are first written, in the order of writes that
/// loses nothing that was flushed: the content, then a flush, then the table that leads to it.
abstract class BlocksDisk extends MappedDisk {
    private static final int MOST_ADDED = 256;

    private final TreeSet<Long> added = new TreeSet<>(); // blocks whose table entry is not written
    private volatile boolean begun;

    BlocksDisk(ImageFile file) {
        super(file);
    }

    /// The size of a block.
    abstract long blockBytes();

    /// Adds the block, which is zeros, to the file and to the map in memory.
    abstract void add(long block) throws IOException;

    /// Says in the file that it is going to be written. Called once.
    abstract void begin() throws IOException;

    /// Called before a block that was there is written.
    abstract void touch(long block) throws IOException;

    /// Writes the entries of these blocks to the table in the file.
    abstract void writeTable(SortedSet<Long> blocks) throws IOException;

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        requireWritable();
        check(off, src.byteSize());
        beginOnce();
        for (long done = 0; done < src.byteSize(); ) {
            long n = writeThere(src.asSlice(done), off + done);
            if (n == 0) {
                addBlock((off + done) / blockBytes());
            }
            done += n;
        }
    }

    private void beginOnce() throws IOException {
        if (!begun) {
            exclusive(() -> {
                if (!begun) {
                    begin();
                    begun = true;
                }
                return true;
            });
        }
    }

    private long writeThere(MemorySegment src, long off) throws IOException {
        return shared(() -> {
            Run run = map(off);
            if (run.kind() != Run.Kind.DATA) {
                return 0L;
            }
            touch(off / blockBytes());
            long count = Math.min(run.length(), src.byteSize());
            file().write(src.asSlice(0, count), run.at());
            return count;
        });
    }

    private void addBlock(long block) throws IOException {
        exclusive(() -> {
            if (map(block * blockBytes()).kind() != Run.Kind.DATA) {
                add(block);
                added.add(block);
            }
            if (added.size() >= MOST_ADDED) {
                flush();
            }
            return true;
        });
    }

    /// Writes zeros where something is.
    @Override
    public void zero(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
        for (long done = 0; done < len; ) {
            long at = off + done;
            long left = len - done;
            Run run = shared(() -> find(at, left));
            if (run.kind() == Run.Kind.DATA) {
                super.zero(at, run.length());
            }
            done += run.length();
        }
    }

    @Override
    public void flush() throws IOException {
        if (!isReadOnly()) {
            exclusive(() -> {
                file().flush();
                if (!added.isEmpty()) {
                    writeTable(added);
                    file().flush();
                    added.clear();
                }
                return true;
            });
        }
    }

    @Override
    public void close() throws IOException {
        try (ImageFile _ = file()) {
            if (!added.isEmpty()) {
                flush();
            }
        }
    }
}
