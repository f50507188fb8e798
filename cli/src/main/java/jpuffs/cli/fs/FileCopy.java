// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_TRUNC;
import static jpuffs.core.OpenFlags.O_WRONLY;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;

/// The bytes of a file, from one volume to another.
final class FileCopy {
    private static final int BUFFER = 1 << 20;
    private static final int RWX = 0777;

    private final MemorySegment buffer;
    private final Progress progress;

    /// @param arena of the buffer
    FileCopy(Arena arena, Progress progress) {
        this.buffer = arena.allocate(BUFFER, 4096);
        this.progress = progress;
    }

    /// Makes `target` of the bytes of `source`, or replaces what is in it. Holes stay holes.
    void copy(Place source, Attr attr, Place target) throws ErrnoException {
        Process from = source.process();
        Process to = target.process();
        int in = source.open(O_RDONLY, 0);
        progress.begin(source, attr.size());
        try {
            int out = target.open(O_WRONLY | O_CREAT | O_TRUNC, attr.mode() & RWX);
            try {
                boolean sparse = attr.blocks() * 512 < attr.size();
                long limit = attr.size() > 0 ? attr.size() : Long.MAX_VALUE; // files of /proc say 0
                long end = sparse ? copyData(from, in, to, out) : copyRange(from, in, to, out, 0, limit);
                if (end < attr.size()) {
                    to.ftruncate(out, attr.size());
                }
                progress.fileDone();
            } finally {
                to.close(out);
            }
        } finally {
            from.close(in);
        }
    }

    /// The end of the last data.
    private long copyData(Process from, int in, Process to, int out) throws ErrnoException {
        long end = 0;
        try {
            while (true) {
                long data = from.lseek(in, end, Process.SEEK_DATA);
                long hole = from.lseek(in, data, Process.SEEK_HOLE);
                end = copyRange(from, in, to, out, data, hole);
                if (end < hole) {
                    return end; // it has become shorter
                }
            }
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENXIO) {
                return end;
            }
            throw e;
        }
    }

    /// Copies up to `limit` or the end of the file; answers where that was.
    private long copyRange(Process from, int in, Process to, int out, long start, long limit) throws ErrnoException {
        long at = start;
        while (at < limit) {
            MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), limit - at));
            int count = from.pread(in, part, at);
            if (count == 0) {
                break;
            }
            for (int done = 0; done < count; ) {
                done += to.pwrite(out, part.asSlice(done, count - done), at + done);
            }
            at += count;
            progress.at(at);
        }
        return at;
    }

    static void removeIfThere(Place place) throws ErrnoException {
        try {
            place.process().unlinkat(place.dir(), place.at(), 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
