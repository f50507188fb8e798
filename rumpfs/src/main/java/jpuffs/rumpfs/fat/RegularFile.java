// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;

/// A regular file, without holes. Its data goes past the buffer cache, each run of clusters in one transfer.
public final class RegularFile extends FatNode {
    private static final int MAX_TRANSFER = 1 << 30;

    private final Chain chain;

    public RegularFile(FatFs fs, Directory parent, FileRec rec, Chain chain) {
        super(fs, parent, rec);
        this.chain = chain;
    }

    @Override
    Chain chain() {
        return chain;
    }

    @Override
    Attr attr(Attr common) {
        long allocated = fs().clusters().of(rec().length()) * fs().clusters().size();
        return common.withMode(Mode.S_IFREG | permissions())
                .withNlink(isRemoved() ? 0 : 1)
                .withSize(rec().length(), allocated / 512);
    }

    /// Something done with bytes that lie side by side on the disk.
    @FunctionalInterface
    private interface Transfer {
        void run(long diskOffset, long done, long count) throws IOException;
    }

    /// Goes over the bytes of the file from `off` on.
    private void each(long off, long count, Transfer transfer) throws IOException {
        int size = fs().clusters().size();
        for (long done = 0; done < count; ) {
            long at = off + done;
            Run run = at / size > Integer.MAX_VALUE ? null : chain.from((int) (at / size));
            if (run == null) {
                throw EUCLEAN.error("the chain of cluster %d is shorter than its file", chain.first());
            }
            long within = at % size;
            long n = Math.min(count - done, (long) run.count() * size - within);
            transfer.run(fs().clusters().offset(run.first()) + within, done, n);
            done += n;
        }
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        long count = Math.min(Math.min(dst.byteSize(), rec().length() - off), MAX_TRANSFER);
        if (count <= 0) {
            return 0;
        }
        long valid = Math.clamp(rec().validLength() - off, 0, count);
        each(off, valid, (at, done, n) -> fs().data().read(dst.asSlice(done, n), at));
        dst.asSlice(valid, count - valid).fill((byte) 0);
        return (int) count;
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        fs().begin();
        if (src.byteSize() == 0) {
            return 0;
        }
        if (off >= fs().maxFileSize()) {
            throw EFBIG.error();
        }
        if (off > rec().length()) {
            grow(off);
        }
        long wanted = Math.min(Math.min(src.byteSize(), MAX_TRANSFER), fs().maxFileSize() - off);
        long count = Math.min(wanted, allocate(off + wanted) - off);
        if (count <= 0) {
            throw ENOSPC.error();
        }
        zero(rec().validLength(), off);
        long length = rec().length();
        each(off, count, (at, done, n) -> {
            if (off + done + n >= length) {
                fs().data().writeEnd(src.asSlice(done, n), at);
            } else {
                fs().data().write(src.asSlice(done, n), at);
            }
        });
        fs().wrote();
        rec().setLength(Math.max(rec().length(), off + count));
        rec().setValidLength(Math.max(rec().validLength(), off + count));
        modified();
        save();
        return (int) count;
    }

    /// Fills what lies between two places with zeros.
    private void zero(long from, long to) throws IOException {
        if (from < to) {
            each(from, to - from, (at, done, n) -> fs().data().zero(at, n));
            fs().wrote();
        }
    }

    /// Takes the clusters for a file of `size` bytes, as far as there are some; answers for how many bytes.
    private long allocate(long size) throws IOException {
        Clusters clusters = fs().clusters();
        long want = clusters.of(size);
        long have = want <= clusters.of(rec().length()) ? want : chain.length();
        while (have < want) {
            try {
                Run run = chain.take((int) Math.min(want - have, clusters.count()));
                chain.adopt(run);
                have += run.count();
            } catch (ErrnoException e) {
                if (e.errno() != ENOSPC) {
                    throw e;
                }
                if (!fs().freeSome()) {
                    break;
                }
            }
        }
        return have * clusters.size();
    }

    /// Makes the file longer, with zeros.
    private void grow(long size) throws IOException {
        long old = rec().length();
        Clusters clusters = fs().clusters();
        if (clusters.of(size) - clusters.of(old) > clusters.free()) {
            throw ENOSPC.error();
        }
        if (allocate(size) < size) {
            chain.cut((int) clusters.of(old));
            save();
            throw ENOSPC.error();
        }
        if (!rec().keepsValidLength()) {
            zero(old, size);
        }
        rec().setLength(size);
    }

    @Override
    void truncate(long size) throws IOException {
        if (size > fs().maxFileSize()) {
            throw EFBIG.error();
        }
        if (size > rec().length()) {
            grow(size);
        } else {
            chain.cut((int) fs().clusters().of(size));
            rec().setLength(size);
            rec().setValidLength(Math.min(rec().validLength(), size));
        }
        modified();
    }
}
