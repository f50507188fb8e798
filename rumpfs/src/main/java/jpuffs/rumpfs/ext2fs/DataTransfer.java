// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.rumpfs.io.ByteDisk;

/// A read of which is known where the data is: runs of blocks one behind the other, or none if the data has come
/// already.
final class DataTransfer {
    private final MemorySegment dst;
    private final long off; // in the file
    private final int shift;
    private final List<Run> runs = new ArrayList<>(1);
    private final List<Run> ahead = new ArrayList<>(0);

    /// @param shift blocks have two to the power of that many bytes
    DataTransfer(MemorySegment dst, long off, int shift) {
        this.dst = dst;
        this.off = off;
        this.shift = shift;
    }

    void add(Run run) {
        runs.add(run);
    }

    /// What lies from `from` to before `to` in the file will be read soon.
    void addAhead(long from, long to, BlockMap map) throws IOException {
        long end = (to + (1L << shift) - 1) >>> shift;
        for (long at = from >>> shift; at < end; ) {
            var run = new Run();
            map.find(at, end - at, run);
            if (run.isData()) {
                ahead.add(run);
            }
            at = run.end();
        }
    }

    int count() {
        return (int) dst.byteSize();
    }

    /// Brings the data. Needs no lock, as long as nobody takes blocks from the file.
    void run(ByteDisk disk) throws IOException {
        for (Run run : ahead) {
            disk.prefetch(run.physical << shift, run.count << shift);
        }
        long done = 0;
        for (Run run : runs) {
            long at = off + done;
            long n = Math.min((run.end() << shift) - at, count() - done);
            MemorySegment part = dst.asSlice(done, n);
            if (run.isData()) {
                disk.read(part, (run.physical - run.logical << shift) + at);
            } else {
                part.fill((byte) 0);
            }
            done += n;
        }
    }
}
