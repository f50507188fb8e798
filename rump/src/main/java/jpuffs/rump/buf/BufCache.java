// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.buf;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOMEM;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The buffer cache of one mounted device. See the package for the rules.
///
/// **Memory.** Buffers are slabs of native memory that grow with use up to `maxBytes`. What is clean and used
/// longest ago goes first; when nothing clean is left, a batch of dirty ones is written. What is held or pinned
/// cannot go: it may exceed the bound by as much again, then [#bread] and [#getblk] fail with ENOMEM.
///
/// **Errors of delayed writes** that nobody waited for (room was needed) are told by the next [#sync()], once; the
/// content is then lost, as it is in Linux.
public final class BufCache implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("jpuffs.rump");
    private static final int MIN_BUFS = 16;

    /// The longest read of [#breada] and the longest clustered write in bytes.
    private static final int MAX_RUN = 256 << 10;

    /// What a cache has done.
    ///
    /// @param hits reads answered from memory
    /// @param misses blocks read for [#bread]
    /// @param ahead blocks read by [#breada]
    /// @param reads read operations of the device
    /// @param written blocks written
    /// @param writes write operations of the device
    public record Stats(long hits, long misses, long ahead, long reads, long written, long writes) {}

    private final BlockDevice device;
    private final int blockSize;
    private final long blocks;
    private final int maxBufs;

    final ReentrantLock lock = new ReentrantLock();
    final Condition ioDone = lock.newCondition();
    private final BufTable table = new BufTable();
    private final BufMemory memory;
    private final BufWriter writer;
    private @Nullable IOException lost;
    private int held;
    private boolean closed;
    private long hits;
    private long misses;
    private long ahead;
    private long reads;
    private long forgotten;

    /// @param blockSize of the file system in bytes: a power of two, at least the device's block and at most 64
    ///     KiB
    /// @param maxBytes the bound for clean and dirty buffers; at least 16 blocks are kept
    /// @throws ErrnoException EINVAL for a block size that does not fit the device
    public BufCache(BlockDevice device, int blockSize, long maxBytes) throws ErrnoException {
        if (Integer.bitCount(blockSize) != 1 || blockSize < device.blockSize() || blockSize > 64 << 10) {
            throw EINVAL.error("blocks of %d bytes on a device with blocks of %d", blockSize, device.blockSize());
        }
        this.device = device;
        this.blockSize = blockSize;
        this.blocks = device.size() / blockSize;
        this.maxBufs = Math.clamp(maxBytes / blockSize, MIN_BUFS, Integer.MAX_VALUE / 4);
        this.memory = new BufMemory(blockSize, MAX_RUN);
        this.writer = new BufWriter(this, device, memory, MAX_RUN / blockSize);
    }

    public int blockSize() {
        return blockSize;
    }

    /// The whole blocks of the device.
    public long blocks() {
        return blocks;
    }

    public Stats stats() {
        lock.lock();
        try {
            return new Stats(hits, misses, ahead, reads, writer.written(), writer.writes());
        } finally {
            lock.unlock();
        }
    }

    /// The block with its content, held. Waits for the disk where it is not in memory.
    ///
    /// @throws IOException EIO for a block beyond the end of the device, ENOMEM if too much is held, and the
    ///     device's
    public Buf bread(long blkno) throws IOException {
        lock.lock();
        try {
            Buf buf = acquire(blkno);
            if (buf.valid) {
                hits++;
                return buf;
            }
            misses++;
            return fill(buf);
        } finally {
            lock.unlock();
        }
    }

    /// The block to be overwritten wholly, held: its content is zero or what it was. No I/O, but for making room.
    ///
    /// @throws IOException EIO for a block beyond the end of the device, ENOMEM if too much is held
    public Buf getblk(long blkno) throws IOException {
        lock.lock();
        try {
            Buf buf = acquire(blkno);
            if (!buf.valid) {
                buf.data().fill((byte) 0);
            }
            return buf;
        } finally {
            lock.unlock();
        }
    }

    /// Read-ahead: brings what is missing of `count` blocks from `blkno` on into memory with few large reads, which
    /// it waits for. Only a hint: what lies beyond the end, does not fit or cannot be read is left out.
    public void breada(long blkno, int count) {
        lock.lock();
        try {
            long end = Math.clamp(blkno + Math.min(count, maxBufs / 2), 0, blocks);
            for (long at = Math.max(blkno, 0); at < end; ) {
                int run = missing(at, end);
                if (run > 0) {
                    readRun(at, run);
                }
                at += Math.max(run, 1);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "read-ahead", e);
        } finally {
            lock.unlock();
        }
    }

    /// Starts and ends the writes of these blocks, those that are here, dirty and not pinned, in order of their
    /// numbers with neighbours together. Not durable before the device's flush: for the fsync of one file.
    ///
    /// @throws IOException the device's first failure; what could not be written stays dirty
    public void bawrite(long... blknos) throws IOException {
        lock.lock();
        try {
            for (long blkno : blknos.clone()) {
                Buf buf = table.find(blkno);
                if (buf != null) {
                    writer.writeAround(buf);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Writes all that is dirty and not pinned, in large writes, then flushes the device.
    ///
    /// @throws IOException the first failure, also of a delayed write since the last sync
    public void sync() throws IOException {
        lock.lock();
        try {
            IOException failure = lost;
            lost = null;
            try {
                writer.writeAll();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
        device.flush();
    }

    /// Forgets blocks whose content is of no use any more (they were freed): what is dirty is not written. Must be
    /// called before such a block is used for file data, which goes past this cache.
    public void invalidate(long blkno, long count) {
        lock.lock();
        try {
            forgotten++;
            if (count > table.size()) {
                table.forEach(buf -> {
                    if (buf.blkno() >= blkno && buf.blkno() - blkno < count) {
                        forget(buf);
                    }
                });
                return;
            }
            for (long at = blkno; at < blkno + count; at++) {
                Buf buf = table.find(at);
                if (buf != null) {
                    forget(buf);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends the cache without writing: [#sync()] first. All buffers have been closed before.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (held > 0) {
                LOG.log(System.Logger.Level.ERROR, "{0} buffers are still held", held);
                assert held == 0 : held + " buffers are still held";
                return; // their memory stays, since somebody may use it
            }
            memory.close();
        } finally {
            lock.unlock();
        }
    }

    // For Buf

    void dirty(Buf buf) {
        lock.lock();
        try {
            buf.valid = true;
            if (!buf.dirty && !buf.detached) {
                buf.dirty = true;
                writer.add(buf);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isShared(Buf buf) {
        lock.lock();
        try {
            return buf.holds > 1;
        } finally {
            lock.unlock();
        }
    }

    boolean isDirty(Buf buf) {
        lock.lock();
        try {
            return buf.dirty;
        } finally {
            lock.unlock();
        }
    }

    void write(Buf buf) throws IOException {
        lock.lock();
        try {
            if (buf.pins > 0) {
                throw new IllegalStateException("block " + buf.blkno() + " is pinned");
            }
            dirty(buf);
            writer.writeOne(buf);
        } finally {
            lock.unlock();
        }
    }

    void pin(Buf buf, int change) {
        lock.lock();
        try {
            if (buf.pins + change < 0) {
                throw new IllegalStateException("block " + buf.blkno() + " is not pinned");
            }
            hold(buf);
            buf.pins += change;
            release(buf);
        } finally {
            lock.unlock();
        }
    }

    void hold(Buf buf) {
        lock.lock();
        try {
            if (buf.holds++ == 0 && !buf.detached) {
                table.unretire(buf);
            }
            held++;
        } finally {
            lock.unlock();
        }
    }

    void release(Buf buf) {
        lock.lock();
        try {
            if (buf.holds <= 0) {
                throw new IllegalStateException("block " + buf.blkno() + " was closed before");
            }
            held--;
            if (--buf.holds > 0) {
                return;
            }
            if (buf.detached) {
                freeDetached(buf);
            } else if (!buf.valid && buf.pins == 0) {
                table.remove(buf);
                memory.free(buf.data());
            } else {
                table.retire(buf);
            }
        } finally {
            lock.unlock();
        }
    }

    // With the lock

    /// The buffer of a block, held and not being read, valid or not.
    private Buf acquire(long blkno) throws IOException {
        if (blkno < 0 || blkno >= blocks) {
            throw EIO.error("block %d: the device has %d", blkno, blocks);
        }
        if (closed) {
            throw EIO.error("the buffer cache is closed");
        }
        Buf buf = table.find(blkno);
        if (buf == null) {
            makeRoom();
            buf = table.find(blkno); // room may have cost I/O, and others went on meanwhile
        }
        if (buf == null) {
            buf = new Buf(this, blkno, memory.take());
            table.add(buf);
            buf.holds = 1;
            held++;
        } else {
            hold(buf);
        }
        while (buf.reading) {
            ioDone.awaitUninterruptibly();
        }
        return buf;
    }

    private Buf fill(Buf buf) throws IOException {
        boolean done = false;
        buf.reading = true;
        reads++;
        lock.unlock();
        try {
            device.read(buf.data(), buf.blkno() * blockSize);
            done = true;
        } finally {
            lock.lock();
            buf.reading = false;
            buf.valid = done;
            ioDone.signalAll();
            if (!done) {
                release(buf);
            }
        }
        return buf;
    }

    private void makeRoom() throws ErrnoException {
        while (table.size() >= maxBufs) {
            Buf victim = table.victim();
            if (victim != null) {
                table.unretire(victim);
                drop(victim);
            } else if (!writeSome()) {
                if (table.size() >= 2L * maxBufs) {
                    throw ENOMEM.error("%d buffers of %d bytes are in use", table.size(), blockSize);
                }
                return;
            }
        }
    }

    /// Whether dirty buffers nobody uses were written; what fails is lost.
    private boolean writeSome() {
        try {
            return writer.writeIdle(Math.max(MIN_BUFS, maxBufs / 4));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "delayed write", e);
            lost = lost == null ? e : lost;
            return true;
        }
    }

    private void drop(Buf buf) {
        table.remove(buf);
        memory.free(buf.data());
    }

    private void forget(Buf buf) {
        while (buf.reading || buf.writing) {
            ioDone.awaitUninterruptibly();
        }
        if (buf.detached) {
            return;
        }
        writer.remove(buf);
        buf.detached = true;
        if (buf.holds == 0) {
            table.unretire(buf);
        }
        table.remove(buf);
        if (buf.holds == 0) {
            freeDetached(buf);
        }
    }

    private void freeDetached(Buf buf) {
        if (buf.pins == 0) {
            memory.free(buf.data());
        }
    }

    /// How many blocks from `from` on are not in memory, at most a run's.
    private int missing(long from, long end) {
        int max = (int) Math.min(end - from, MAX_RUN / blockSize);
        int run = 0;
        while (run < max && table.find(from + run) == null) {
            run++;
        }
        return run;
    }

    /// Reads a run of absent blocks at once.
    private void readRun(long from, int count) throws IOException {
        MemorySegment scratch = memory.takeRun();
        try {
            MemorySegment run = scratch.asSlice(0, (long) count * blockSize);
            reads++;
            long before = writer.writes() + forgotten;
            lock.unlock();
            try {
                device.read(run, from * blockSize);
            } finally {
                lock.lock();
            }
            if (writer.writes() + forgotten != before) {
                return; // one of them may be older than what was written meanwhile
            }
            for (int i = 0; i < count; i++) {
                adopt(from + i, run.asSlice((long) i * blockSize, blockSize));
            }
        } finally {
            memory.freeRun(scratch);
        }
    }

    /// Keeps what was read ahead, unless somebody got the block meanwhile.
    private void adopt(long blkno, MemorySegment content) {
        Buf victim = table.size() < maxBufs ? null : table.victim();
        if (table.find(blkno) != null || (victim == null && table.size() >= maxBufs)) {
            return;
        }
        if (victim != null) {
            table.unretire(victim);
            drop(victim);
        }
        var buf = new Buf(this, blkno, memory.take());
        buf.data().copyFrom(content);
        buf.valid = true;
        table.add(buf);
        table.retire(buf);
        ahead++;
    }
}
