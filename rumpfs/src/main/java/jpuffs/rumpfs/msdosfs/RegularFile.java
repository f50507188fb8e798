// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.rumpfs.msdosfs.Fat.Run;

/// A regular file: at most 4 GiB less one byte, without holes. Its data goes past the buffer cache, each run of
/// clusters in one transfer.
final class RegularFile extends FatNode {
    private static final long MAX_SIZE = 0xffffffffL;
    private static final int MAX_TRANSFER = 1 << 30;

    private final int clusterSize;
    private final Chain chain;

    RegularFile(MsdosFs fs, Directory parent, long offset, EntryRec rec) {
        super(fs, parent, offset, rec);
        this.clusterSize = fs.boot().clusterSize;
        this.chain = new Chain(fs.fat(), rec.cluster(fs.boot().kind), fs.boot().clusters);
    }

    @Override
    Chain chain() {
        return chain;
    }

    @Override
    Attr attr(Attr common) {
        long allocated = (long) clusters(rec.length()) * clusterSize;
        return common.withMode(Mode.S_IFREG | permissions())
                .withNlink(isRemoved() ? 0 : 1)
                .withSize(rec.length(), allocated / 512);
    }

    private int clusters(long bytes) {
        return (int) ((bytes + clusterSize - 1) / clusterSize);
    }

    /// Something done with bytes that lie side by side on the disk.
    @FunctionalInterface
    private interface Transfer {
        void run(long diskOffset, long done, long count) throws IOException;
    }

    /// Goes over the bytes of the file from `off` on.
    private void each(long off, long count, Transfer transfer) throws IOException {
        for (long done = 0; done < count; ) {
            long at = off + done;
            Run run = chain.from((int) (at / clusterSize));
            if (run == null) {
                throw EUCLEAN.error("the chain of cluster %d is shorter than its file", chain.first());
            }
            long within = at % clusterSize;
            long n = Math.min(count - done, (long) run.count() * clusterSize - within);
            transfer.run(fs.boot().offset(run.first()) + within, done, n);
            done += n;
        }
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        long count = Math.min(Math.min(dst.byteSize(), rec.length() - off), MAX_TRANSFER);
        if (count <= 0) {
            return 0;
        }
        each(off, count, (at, done, n) -> fs.data().read(dst.asSlice(done, n), at));
        return (int) count;
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        fs.begin();
        long size = rec.length();
        if (src.byteSize() == 0) {
            return 0;
        }
        if (off >= MAX_SIZE) {
            throw EFBIG.error();
        }
        if (off > size) {
            grow(off);
        }
        long wanted = Math.min(Math.min(src.byteSize(), MAX_TRANSFER), MAX_SIZE - off);
        long count = Math.min(wanted, allocate(off + wanted) - off);
        if (count <= 0) {
            throw ENOSPC.error();
        }
        each(off, count, (at, done, n) -> fs.data().write(src.asSlice(done, n), at));
        fs.wrote();
        rec.setLength(Math.max(rec.length(), off + count));
        modified();
        save();
        return (int) count;
    }

    /// Takes the clusters for a file of `size` bytes, as far as there are some; answers for how many bytes.
    private long allocate(long size) throws IOException {
        int want = clusters(size);
        int have = want <= clusters(rec.length()) ? want : chain.length();
        while (have < want) {
            try {
                have += chain.append(want - have).count();
            } catch (ErrnoException e) {
                if (e.errno() != ENOSPC) {
                    throw e;
                }
                if (!fs.freeSome()) {
                    break;
                }
            }
        }
        return (long) have * clusterSize;
    }

    /// Makes the file longer, with zeros.
    private void grow(long size) throws IOException {
        long old = rec.length();
        if (allocate(size) < size) {
            chain.cut(clusters(old));
            save();
            throw ENOSPC.error();
        }
        each(old, size - old, (at, done, n) -> fs.data().zero(at, n));
        fs.wrote();
        rec.setLength(size);
    }

    @Override
    void truncate(long size) throws IOException {
        if (size > MAX_SIZE) {
            throw EFBIG.error();
        }
        if (size > rec.length()) {
            grow(size);
        } else {
            chain.cut(clusters(size));
            rec.setLength(size);
        }
        modified();
    }
}
