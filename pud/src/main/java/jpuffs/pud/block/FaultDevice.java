// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FilterDevice;

/// A device that fails as it is told to: some of the requests to another device end with an error and do nothing,
/// or in the case of a write only a part of it. The same seed and sequence of requests fails in the same places.
public final class FaultDevice extends FilterDevice {
    /// When and how to fail.
    ///
    /// @param percent of the requests that fail, 0 to 100
    /// @param after the number of requests that succeed before all fail; negative for never
    /// @param error what they fail with
    /// @param torn whether a write that fails has written its first half, in whole blocks
    /// @param seed of the choice
    public record Plan(double percent, long after, Errno error, boolean torn, long seed) {}

    private final Plan plan;
    private final SplittableRandom random; // guarded by itself
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    /// @param base owned from now on
    public FaultDevice(BlockDevice base, Plan plan) {
        super(base);
        this.plan = plan;
        random = new SplittableRandom(plan.seed);
    }

    /// How many requests have failed so far.
    public long failed() {
        return failed.get();
    }

    private boolean isDue() {
        long number = count.getAndIncrement();
        boolean due;
        synchronized (random) {
            due = random.nextDouble(100) < plan.percent;
        }
        if (due || plan.after >= 0 && number >= plan.after) {
            failed.incrementAndGet();
            return true;
        }
        return false;
    }

    private void check() throws ErrnoException {
        if (isDue()) {
            throw plan.error.error();
        }
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check();
        super.read(dst, off);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        if (isDue()) {
            if (plan.torn) {
                super.write(src.asSlice(0, src.byteSize() / 2 & -blockSize()), off);
            }
            throw plan.error.error();
        }
        super.write(src, off);
    }

    @Override
    public void flush() throws IOException {
        check();
        super.flush();
    }

    @Override
    public void trim(long off, long len) throws IOException {
        check();
        super.trim(off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        check();
        super.zero(off, len);
    }
}
