// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EUCLEAN;

import jpuffs.core.ErrnoException;

/// A decoding table of finite state entropy (RFC 8878 4.1).
final class Fse {
    private final int log;
    private final byte[] symbols;
    private final byte[] bits;
    private final short[] bases;

    private Fse(int log) {
        this.log = log;
        this.symbols = new byte[1 << log];
        this.bits = new byte[1 << log];
        this.bases = new short[1 << log];
    }

    /// The table for one symbol that takes no bits.
    static Fse ofOne(int symbol) {
        var table = new Fse(0);
        table.symbols[0] = (byte) symbol;
        return table;
    }

    /// The table for these probabilities, of which -1 is "less than 1".
    static Fse of(int log, int... counts) throws ErrnoException {
        var table = new Fse(log);
        int size = 1 << log;
        int high = size;
        int[] next = new int[counts.length];
        for (int s = 0; s < counts.length; s++) {
            next[s] = Math.abs(counts[s]);
            if (counts[s] == -1) {
                table.symbols[--high] = (byte) s;
            }
        }
        int step = (size >> 1) + (size >> 3) + 3;
        int at = 0;
        for (int s = 0; s < counts.length; s++) {
            for (int i = 0; i < counts[s]; i++) {
                table.symbols[at] = (byte) s;
                do {
                    at = at + step & size - 1;
                } while (at >= high);
            }
        }
        if (at != 0) {
            throw EUCLEAN.error("zstd: a table of wrong probabilities");
        }
        for (int i = 0; i < size; i++) {
            int state = next[table.symbols[i]]++;
            table.bits[i] = (byte) (log - (31 - Integer.numberOfLeadingZeros(state)));
            table.bases[i] = (short) ((state << table.bits[i]) - size);
        }
        return table;
    }

    /// A table as it is in a block, and where it ends.
    record Read(Fse table, int end) {}

    /// Reads a table.
    ///
    /// @param maxLog the largest it may have
    /// @param maxSymbol the largest symbol
    static Read read(byte[] src, int from, int limit, int maxLog, int maxSymbol) throws ErrnoException {
        var in = new ForwardBits(src, from);
        int log = in.read(4) + 5;
        if (log > maxLog) {
            throw EUCLEAN.error("zstd: a table of 2^%d entries", log);
        }
        int[] counts = new int[maxSymbol + 1];
        int remaining = 1 << log;
        int symbol = 0;
        while (remaining > 0 && symbol <= maxSymbol) {
            int count = in.readCount(remaining) - 1;
            remaining -= Math.abs(count);
            counts[symbol++] = count;
            if (count == 0) {
                int repeat;
                do {
                    repeat = in.read(2);
                    symbol += repeat;
                } while (repeat == 3 && symbol <= maxSymbol);
            }
        }
        if (remaining != 0 || symbol > maxSymbol + 1 || in.end() > limit) {
            throw EUCLEAN.error("zstd: a table that does not end");
        }
        return new Read(of(log, counts), in.end());
    }

    /// Bits read from the lowest of the first byte on.
    private static final class ForwardBits {
        private final byte[] bytes;
        private long at; // in bits

        ForwardBits(byte[] bytes, int from) {
            this.bytes = bytes;
            this.at = from * 8L;
        }

        int read(int count) {
            int value = 0;
            for (int i = 0; i < count; i++, at++) {
                value |= (bytes[(int) (at >> 3)] >> (at & 7) & 1) << i;
            }
            return value;
        }

        /// A number from 0 to `most` + 1: small ones take a bit less.
        int readCount(int most) {
            int bits = 32 - Integer.numberOfLeadingZeros(most + 1);
            int value = read(bits);
            int lower = (1 << bits - 1) - 1;
            int threshold = (1 << bits) - 1 - (most + 1);
            if ((value & lower) < threshold) {
                at--;
                return value & lower;
            }
            return value > lower ? value - threshold : value;
        }

        int end() {
            return (int) (at + 7 >> 3);
        }
    }

    int first(BackBits in) {
        return in.read(log);
    }

    int symbol(int state) {
        return symbols[state] & 0xff;
    }

    int next(int state, BackBits in) {
        return (bases[state] & 0xffff) + in.read(bits[state]);
    }
}
