// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_TRUNC;
import static jpuffs.core.OpenFlags.O_WRONLY;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;
import jpuffs.rump.SystemCalls;
import org.jspecify.annotations.Nullable;

/// The bytes of a file, from one volume to another: its caller reads, steps of a [Pipeline] write.
final class FileCopy {
    private static final int RWX = 0777;

    private final Pipeline pipeline;
    private final Progress progress;

    FileCopy(Pipeline pipeline, Progress progress) {
        this.pipeline = pipeline;
        this.progress = progress;
    }

    /// Where a copy goes: asked by its steps.
    interface Goal {
        /// The file to make, or to replace the content of; null if there is to be no copy.
        @Nullable
        Place place();

        /// The copy is there, or has failed for a reason. Not called if there was to be none.
        void done(Place target, @Nullable ErrnoException failure);
    }

    /// Copies the bytes of `source`. Holes stay holes.
    void copy(Place source, Attr attr, Goal goal) {
        var copy = new Copy(source, attr, goal);
        long[] end = new long[1];
        try {
            end[0] = read(source, attr, copy);
        } catch (ErrnoException e) {
            pipeline.then(() -> copy.fail(e));
        }
        pipeline.then(() -> copy.end(end[0]));
    }

    /// Copies the bytes of `source` to `target`, and waits for it.
    void copyNow(Place source, Attr attr, Place target) throws ErrnoException {
        ErrnoException[] why = new ErrnoException[1];
        copy(source, attr, new Goal() {
            @Override
            public Place place() {
                return target;
            }

            @Override
            public void done(Place there, @Nullable ErrnoException failure) {
                why[0] = failure;
            }
        });
        pipeline.drain();
        if (why[0] != null) {
            throw why[0];
        }
    }

    /// The end of the last data.
    private long read(Place source, Attr attr, Copy copy) throws ErrnoException {
        SystemCalls from = source.calls();
        int in = source.open(O_RDONLY, 0);
        try {
            pipeline.then(copy::begin);
            boolean sparse = attr.blocks() * 512 < attr.size();
            long limit = attr.size() > 0 ? attr.size() : Long.MAX_VALUE; // files of /proc say 0
            return sparse ? readData(from, in, copy) : readRange(from, in, copy, 0, limit);
        } finally {
            from.close(in);
        }
    }

    private long readData(SystemCalls from, int in, Copy copy) throws ErrnoException {
        long end = 0;
        try {
            while (true) {
                long data = from.lseek(in, end, Process.SEEK_DATA);
                long hole = from.lseek(in, data, Process.SEEK_HOLE);
                end = readRange(from, in, copy, data, hole);
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
    private long readRange(SystemCalls from, int in, Copy copy, long start, long limit) throws ErrnoException {
        long at = start;
        while (at < limit && !copy.over) {
            MemorySegment part = pipeline.room(limit - at);
            int count = from.pread(in, part, at);
            if (count == 0) {
                break;
            }
            long off = at;
            pipeline.then(() -> copy.write(part.asSlice(0, count), off), count);
            at += count;
        }
        return at;
    }

    /// One file on its way. Only steps come here, but for `over`.
    private final class Copy {
        private static final int NONE = -1;

        private final Place source;
        private final Attr attr;
        private final Goal goal;
        private boolean begun;
        private @Nullable Place target;
        private int out = NONE;
        private @Nullable ErrnoException failure;

        /// Nothing more needs to be read.
        volatile boolean over;

        Copy(Place source, Attr attr, Goal goal) {
            this.source = source;
            this.attr = attr;
            this.goal = goal;
        }

        void begin() {
            begun = true;
            target = goal.place();
            over = target == null;
            if (target == null || failure != null) {
                return;
            }
            progress.begin(source, attr.size());
            try {
                out = target.open(O_WRONLY | O_CREAT | O_TRUNC, attr.mode() & RWX);
            } catch (ErrnoException e) {
                fail(e);
            }
        }

        void fail(ErrnoException e) {
            failure = failure == null ? e : failure;
            over = true;
        }

        void write(MemorySegment part, long off) {
            if (over || target == null) {
                return;
            }
            try {
                for (long done = 0; done < part.byteSize(); ) {
                    done += target.calls().pwrite(out, part.asSlice(done), off + done);
                }
                progress.at(off + part.byteSize());
            } catch (ErrnoException e) {
                fail(e);
            }
        }

        /// @param end of the last data
        void end(long end) {
            if (!begun) {
                begin(); // it could not be opened
            }
            if (target == null) {
                return;
            }
            try {
                close(target.calls(), end);
            } catch (ErrnoException e) {
                fail(e);
            }
            goal.done(target, failure);
        }

        private void close(SystemCalls to, long end) throws ErrnoException {
            if (out == NONE) {
                return;
            }
            try {
                if (failure == null) {
                    if (end < attr.size()) {
                        to.ftruncate(out, attr.size());
                    }
                    progress.fileDone();
                }
            } finally {
                to.close(out);
            }
        }
    }

    static void removeIfThere(Place place) throws ErrnoException {
        try {
            place.calls().unlinkat(place.dir(), place.at(), 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
