// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import jpuffs.core.BlockDevice;
import org.jspecify.annotations.Nullable;

/// A disk that fails on purpose, for tests. It keeps all writes and flushes in the order they came, in memory, over
/// a disk that is never written, so that any crash can be looked at afterwards:
///
/// ```
/// var disk = new FaultDisk(image);
/// work(disk);
/// for (int n = 0; n <= disk.events(); n++) {
///     check(disk.crash(n));            // the power was cut after n writes and flushes
///     check(disk.crash(n, seed + n));  // and the disk had put off what was not flushed
/// }
/// ```
///
/// What a flush covers is on the disk; of what came later, any subset may be. Sectors of 512 bytes are written
/// whole or not at all, a longer write may be torn between them. All of it is repeatable.
public final class FaultDisk implements BlockDevice {
    private static final int SECTOR = 512;

    private final BlockDevice base;
    private final MemoryDisk now;
    private final List<Event> log = new ArrayList<>();
    private long operations;
    private @Nullable LongPredicate failing;

    /// A write, or a flush, which has no bytes.
    private record Event(long off, MemorySegment bytes) {
        static final Event FLUSH = new Event(0, MemorySegment.ofArray(new byte[0]));

        void apply(BlockDevice image) throws IOException {
            image.write(bytes, off);
        }
    }

    /// @param base the content it begins with; not written, and not to be written by others
    public FaultDisk(BlockDevice base) {
        this.base = base;
        this.now = MemoryDisk.over(base);
    }

    /// Lets operations fail with EIO.
    ///
    /// @param which asked with the number of each read, write and flush, from 0 on since this call, whether it
    ///     fails; a write that fails has written its first half
    public synchronized void fail(LongPredicate which) {
        failing = which;
        operations = 0;
    }

    /// Lets no operation fail any more.
    public synchronized void heal() {
        failing = null;
    }

    /// How many reads, writes and flushes there were since the last [#fail].
    public synchronized long operations() {
        return operations;
    }

    /// How many writes and flushes there were.
    public synchronized int events() {
        return log.size();
    }

    /// The disk as it is if the power was cut after so many events and all writes among them had been done.
    public synchronized BlockDevice crash(int events) throws IOException {
        MemoryDisk image = MemoryDisk.over(base);
        for (Event event : log.subList(0, events)) {
            event.apply(image);
        }
        return image;
    }

    /// The same, but of the writes after the last flush some are missing, and some are torn.
    ///
    /// @param seed chooses which
    public synchronized BlockDevice crash(int events, long seed) throws IOException {
        int flushed = lastFlush(events) + 1;
        BlockDevice image = crash(flushed);
        var random = new SplittableRandom(seed);
        for (Event event : log.subList(flushed, events)) {
            switch (random.nextInt(4)) {
                case 0 -> {}
                case 1 -> tear(image, event, random);
                default -> event.apply(image);
            }
        }
        return image;
    }

    private int lastFlush(int events) {
        int at = events - 1;
        while (at >= 0 && log.get(at).bytes.byteSize() > 0) {
            at--;
        }
        return at;
    }

    /// Writes some of its sectors.
    private static void tear(BlockDevice image, Event event, SplittableRandom random) throws IOException {
        int unit = Math.max(SECTOR, image.blockSize());
        for (long at = 0; at < event.bytes.byteSize(); at += unit) {
            if (random.nextBoolean()) {
                image.write(event.bytes.asSlice(at, unit), event.off + at);
            }
        }
    }

    private boolean fails() {
        return failing != null && failing.test(operations++);
    }

    @Override
    public synchronized void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        if (fails()) {
            throw EIO.error("made to fail: read of %d bytes at %d", dst.byteSize(), off);
        }
        now.read(dst, off);
    }

    @Override
    public synchronized void write(MemorySegment src, long off) throws IOException {
        check(off, src.byteSize());
        boolean fails = fails();
        long half = src.byteSize() / 2 / blockSize() * blockSize();
        MemorySegment part = fails ? src.asSlice(0, half) : src;
        now.write(part, off);
        if (part.byteSize() > 0) {
            log.add(new Event(off, MemorySegment.ofArray(part.toArray(ValueLayout.JAVA_BYTE))));
        }
        if (fails) {
            throw EIO.error("made to fail: write of %d bytes at %d", src.byteSize(), off);
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        if (fails()) {
            throw EIO.error("made to fail: flush");
        }
        log.add(Event.FLUSH);
    }

    @Override
    public long size() {
        return now.size();
    }

    @Override
    public int blockSize() {
        return now.blockSize();
    }
}
