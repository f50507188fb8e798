// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.EINVAL;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The memory of the process that makes an ioctl(2), as far as a device asks for it: the argument is an address,
/// what lies there may have further ones.
///
/// The driver fetches what was asked for, and then the operation is run again from its beginning, until all it asks
/// for is there ([Missing] ends it otherwise). So: ask in the same order each time, ask before changing anything,
/// and let that exception pass. Not thread-safe; the segments are valid until the operation returns.
public final class IoctlMemory {
    /// How many ranges one ioctl may ask for (FUSE_IOCTL_MAX_IOV).
    public static final int MAX_RANGES = 256;

    private final MemorySegment in;
    private final MemorySegment out;
    private final List<Range> ins = new ArrayList<>();
    private final List<Range> outs = new ArrayList<>();
    private long inUsed;
    private long outUsed;

    /// For drivers.
    ///
    /// @param in what was fetched: the ranges that were asked for to be read, one behind the other
    /// @param out room for those to be written
    public IoctlMemory(MemorySegment in, MemorySegment out) {
        this.in = in.asReadOnly();
        this.out = out;
    }

    /// A piece of memory.
    public record Range(long address, int length) {}

    /// Ends an operation whose memory is still to be fetched. For the driver; no failure.
    public static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Missing() {
            super("memory is to be fetched", null, false, false);
        }
    }

    /// The `length` bytes at `address`, to be read. An address that is none is the caller's EFAULT.
    ///
    /// @throws ErrnoException E2BIG beyond [#MAX_RANGES], EINVAL for a negative length
    public MemorySegment in(long address, int length) throws ErrnoException {
        long at = inUsed;
        inUsed += ask(ins, address, length);
        if (inUsed > in.byteSize()) {
            throw new Missing();
        }
        return in.asSlice(at, length);
    }

    /// Zeros that replace the `length` bytes at `address` when the operation has returned without an error.
    ///
    /// @throws ErrnoException as [#in]
    public MemorySegment out(long address, int length) throws ErrnoException {
        long at = outUsed;
        outUsed += ask(outs, address, length);
        if (outUsed > out.byteSize()) {
            throw new Missing();
        }
        return out.asSlice(at, length);
    }

    private int ask(List<Range> ranges, long address, int length) throws ErrnoException {
        if (length < 0) {
            throw EINVAL.error("ioctl: %d bytes", length);
        }
        if (ins.size() + outs.size() == MAX_RANGES) {
            throw E2BIG.error("ioctl: more than %d ranges", MAX_RANGES);
        }
        ranges.add(new Range(address, length));
        return length;
    }

    /// What was asked for to be read, in the order of asking.
    public List<Range> ins() {
        return ins;
    }

    /// What was asked for to be written.
    public List<Range> outs() {
        return outs;
    }
}
