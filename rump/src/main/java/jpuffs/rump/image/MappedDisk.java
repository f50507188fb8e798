// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import jpuffs.core.Extent;
import jpuffs.rump.disk.ImageFile;

/// A disk whose parts lie anywhere in a file: reads follow the map, and what lies in one piece is read at once.
abstract class MappedDisk extends ImageDisk {
    private final ImageFile file;

    /// Shared to use the map, exclusive to change it.
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    MappedDisk(ImageFile file) {
        this.file = file;
    }

    final ImageFile file() {
        return file;
    }

    /// Where the byte at `off` is, and how many after it lie there too: at least one block, within one unit of the
    /// format. May go beyond the end of the disk.
    abstract Run map(long off) throws IOException;

    /// Fills `dst` with what lies in no part of the file. Default: zeros.
    void readBacking(MemorySegment dst, long off) throws IOException {
        dst.fill((byte) 0);
    }

    /// All of the unit that a compressed run at `off` is in.
    MemorySegment unpack(Run run, long off) throws IOException {
        throw EIO.error("%s has nothing compressed", file.path());
    }

    /// The size of a unit that is compressed as one, a power of two. Default: 512.
    long unit() {
        return 512;
    }

    @Override
    public boolean isReadOnly() {
        return file.isReadOnly();
    }

    interface Task<T> {
        T run() throws IOException;
    }

    /// Does something that uses the map.
    final <T> T shared(Task<T> task) throws IOException {
        lock.readLock().lock();
        try {
            return task.run();
        } finally {
            lock.readLock().unlock();
        }
    }

    /// Does something that changes the map.
    final <T> T exclusive(Task<T> task) throws IOException {
        lock.writeLock().lock();
        try {
            return task.run();
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        shared(() -> {
            readMapped(dst, off);
            return true;
        });
    }

    /// Reads with the lock held.
    final void readMapped(MemorySegment dst, long off) throws IOException {
        for (long done = 0; done < dst.byteSize(); ) {
            long at = off + done;
            Run run = find(at, dst.byteSize() - done);
            MemorySegment part = dst.asSlice(done, run.length());
            switch (run.kind()) {
                case DATA -> Tables.readPadded(file, part, run.at());
                case ZERO -> part.fill((byte) 0);
                case BACKING -> readBacking(part, at);
                case COMPRESSED -> part.copyFrom(unpack(run, at).asSlice(at & unit() - 1, run.length()));
            }
            done += run.length();
        }
    }

    /// What lies in one piece from `off` on, `length` at most.
    final Run find(long off, long length) throws IOException {
        Run run = map(off);
        while (run.length() < length) {
            Run next = map(off + run.length());
            if (!run.goesOnWith(next)) {
                break;
            }
            run = run.withLength(run.length() + next.length());
        }
        return run.withLength(Math.min(length, run.length()));
    }

    @Override
    public Extent extent(long off, long len) throws IOException {
        check(off, len);
        return shared(() -> {
            Run run = find(off, len);
            return run.kind() == Run.Kind.BACKING
                    ? backingExtent(off, run.length())
                    : new Extent(run.length(), run.kind() == Run.Kind.ZERO);
        });
    }

    /// What is known of a range that lies in no part of the file. Default: a hole.
    Extent backingExtent(long off, long len) throws IOException {
        return Extent.hole(len);
    }
}
