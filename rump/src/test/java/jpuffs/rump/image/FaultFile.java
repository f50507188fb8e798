// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.Errno;
import jpuffs.rump.disk.ImageFile;

/// A file in memory that remembers all that was done to it, so that any crash can be looked at.
final class FaultFile implements ImageFile {
    private static final int SECTOR = 512;
    private static final long MOST = 64L << 20;

    private final Path path;
    private final byte[] before;
    private final boolean keepsLog;
    private byte[] now;
    private final List<Event> log = new ArrayList<>();

    /// A write, or with no bytes a flush.
    @SuppressWarnings("ArrayRecordComponent") // nobody changes them
    private record Event(long off, byte[] bytes) {
        boolean isFlush() {
            return bytes.length == 0;
        }
    }

    FaultFile(Path path) throws IOException {
        this(path, Files.readAllBytes(path), true);
    }

    FaultFile(Path path, byte[] content, boolean keepsLog) {
        this.path = path;
        this.keepsLog = keepsLog;
        this.before = content;
        this.now = content.clone();
    }

    /// A host whose every file is this one.
    static ImageHost host(FaultFile file) {
        return new ImageHost(ImageHost.Backing.NEAR) {
            @Override
            public ImageFile open(Path path, boolean readOnly) throws IOException {
                return path.equals(file.path) ? file : super.open(path, readOnly);
            }
        };
    }

    synchronized int events() {
        return log.size();
    }

    /// The file after a crash: all up to the last flush before, and of what came later some sectors.
    ///
    /// @param seed chooses which; 0 for all of them
    synchronized byte[] crash(int events, long seed) {
        var random = new SplittableRandom(seed);
        byte[] file = before.clone();
        int flushed = 0;
        for (int i = 0; i < events; i++) {
            flushed = log.get(i).isFlush() ? i : flushed;
        }
        for (int i = 0; i < events; i++) {
            Event event = log.get(i);
            int fate = i < flushed || seed == 0 ? 2 : random.nextInt(4);
            for (int at = 0; at < event.bytes.length && fate > 0; at += SECTOR) {
                if (fate > 1 || random.nextBoolean()) {
                    int n = Math.min(SECTOR, event.bytes.length - at);
                    file = put(file, event.off + at, Arrays.copyOfRange(event.bytes, at, at + n));
                }
            }
        }
        return file;
    }

    private static byte[] put(byte[] file, long off, byte[] bytes) {
        byte[] to = file.length >= off + bytes.length ? file : Arrays.copyOf(file, (int) off + bytes.length);
        System.arraycopy(bytes, 0, to, (int) off, bytes.length);
        return to;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public synchronized long length() {
        return now.length;
    }

    @Override
    public synchronized long read(MemorySegment dst, long off) throws IOException {
        if (off < 0) {
            throw Errno.EINVAL.error("read at %d", off);
        }
        long count = Math.clamp(now.length - off, 0, dst.byteSize());
        MemorySegment.copy(now, (int) Math.min(off, now.length), dst, ValueLayout.JAVA_BYTE, 0, (int) count);
        return count;
    }

    @Override
    public synchronized void write(MemorySegment src, long off) throws IOException {
        if (off < 0 || off + src.byteSize() > MOST) {
            throw Errno.ENOSPC.error("a file of %d bytes", off);
        }
        byte[] bytes = src.toArray(ValueLayout.JAVA_BYTE);
        if (bytes.length > 0) {
            if (keepsLog) {
                log.add(new Event(off, bytes));
            }
            now = put(now, off, bytes);
        }
    }

    @Override
    public synchronized void flush() {
        if (keepsLog) {
            log.add(new Event(0, new byte[0]));
        }
    }

    @Override
    public void close() {}
}
