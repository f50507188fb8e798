// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import jpuffs.rumpfs.io.Le;

/// The entries of a system use area and all its continuations (SUSP 1.12, IEEE P1281).
final class SystemUse {
    /// The bytes of an entry before what is its own: signature, length, version.
    static final int HEADER = 4;

    private static final int CE = signature("CE");
    private static final int ST = signature("ST");
    private static final int ES = signature("ES");
    private static final int CE_LENGTH = 28;
    private static final int MAX_CONTINUATION = 1 << 20;

    private final Disc disc;
    private final int blockSize;
    private final int extension;
    private final Budget budget;

    /// Bytes of continuations that may still be read: a directory is charged for all of its records, so that a
    /// small one cannot keep us busy for long.
    static final class Budget {
        private long bytes;

        Budget(long bytes) {
            this.bytes = bytes;
        }

        void take(long count, long off) throws IOException {
            bytes -= count;
            if (bytes < 0) {
                throw EUCLEAN.error("too many continuations of directory records, the last at %d", off);
            }
        }
    }

    /// What is done with an entry.
    @FunctionalInterface
    interface Sink {
        /// Takes one.
        ///
        /// @param signature as [#signature] has it
        /// @param entry all of it, with its header
        void entry(int signature, MemorySegment entry) throws IOException;
    }

    /// @param extension the number that ES gives to the extension that is looked for; entries that ES says are
    ///     others' are left out
    SystemUse(Disc disc, int blockSize, int extension, Budget budget) {
        this.disc = disc;
        this.blockSize = blockSize;
        this.extension = extension;
        this.budget = budget;
    }

    /// The number of two letters.
    static int signature(String letters) {
        return letters.charAt(0) << 8 | letters.charAt(1);
    }

    /// Hands all entries of an area to `sink`.
    ///
    /// @throws IOException EUCLEAN if continuations make a circle, are too many or lie outside
    void walk(MemorySegment area, Sink sink) throws IOException {
        Set<Long> seen = new HashSet<>();
        MemorySegment rest = area;
        boolean ours = true;
        while (rest.byteSize() > 0) {
            long next = -1;
            int nextLength = 0;
            long at = 0;
            while (rest.byteSize() - at >= HEADER) {
                int length = Le.u8(rest, at + 2);
                if (length < HEADER || length > rest.byteSize() - at) {
                    break; // padding, or not of this protocol
                }
                MemorySegment entry = rest.asSlice(at, length);
                int signature = Le.u8(entry, 0) << 8 | Le.u8(entry, 1);
                at += length;
                if (signature == ST) {
                    break;
                } else if (signature == CE && length >= CE_LENGTH) {
                    next = Le.u32(entry, 4) * blockSize + Le.u32(entry, 12);
                    nextLength = (int) Math.min(Le.u32(entry, 20), Integer.MAX_VALUE);
                } else if (signature == ES && length > HEADER) {
                    ours = Le.u8(entry, HEADER) == extension;
                } else if (ours) {
                    sink.entry(signature, entry);
                }
            }
            if (next < 0) {
                return;
            }
            rest = continuation(next, nextLength, seen);
        }
    }

    private MemorySegment continuation(long off, int length, Set<Long> seen) throws IOException {
        if (!seen.add(off)) {
            throw EUCLEAN.error("continuations of a directory record make a circle at %d", off);
        }
        if (length > MAX_CONTINUATION) {
            throw EUCLEAN.error("a continuation of a directory record of %d bytes at %d", length, off);
        }
        budget.take(length + 64L, off);
        return disc.meta(off, length, "a continuation of a directory record");
    }
}
