// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EUCLEAN;

import java.util.Arrays;
import jpuffs.core.ErrnoException;

/// A decoding table of the Huffman code of literals (RFC 8878 4.2).
final class Huffman {
    private static final int MAX_BITS = 11;
    private static final int MAX_WEIGHTS_LOG = 6;

    private final int log;
    private final byte[] symbols;
    private final byte[] bits;

    private Huffman(int log) {
        this.log = log;
        this.symbols = new byte[1 << log];
        this.bits = new byte[1 << log];
    }

    /// A code as it is in a block, and where it ends.
    record Read(Huffman table, int end) {}

    static Read read(byte[] src, int from, int limit) throws ErrnoException {
        int head = src[from] & 0xff;
        int[] weights = new int[256];
        int count;
        int end;
        if (head >= 128) {
            count = head - 127;
            end = from + 1 + (count + 1) / 2;
            for (int i = 0; i < count; i++) {
                weights[i] = src[from + 1 + i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
            }
        } else {
            end = from + 1 + head;
            if (end > limit) {
                throw EUCLEAN.error("zstd: a code that does not end");
            }
            count = weights(src, from + 1, end, weights);
        }
        return new Read(of(weights, count), end);
    }

    /// Weights that are compressed themselves, by two states in turn.
    private static int weights(byte[] src, int from, int end, int[] weights) throws ErrnoException {
        Fse.Read table = Fse.read(src, from, end, MAX_WEIGHTS_LOG, 255);
        Fse fse = table.table();
        var in = new BackBits(src, table.end(), end);
        int one = fse.first(in);
        int two = fse.first(in);
        int count = 0;
        while (count < 254) {
            weights[count++] = fse.symbol(one);
            one = fse.next(one, in);
            if (in.left() < 0) {
                weights[count++] = fse.symbol(two);
                return count;
            }
            int other = one; // they take turns
            one = two;
            two = other;
        }
        throw EUCLEAN.error("zstd: too many weights");
    }

    /// @param count of weights; that of the symbol behind them is what is left
    private static Huffman of(int[] weights, int count) throws ErrnoException {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[i] > MAX_BITS ? 1 << MAX_BITS + 1 : 1 << weights[i] >> 1;
        }
        int log = 32 - Integer.numberOfLeadingZeros(sum);
        int rest = (1 << log) - sum;
        if (sum <= 0 || log > MAX_BITS || Integer.bitCount(rest) != 1 || count > 255) {
            throw EUCLEAN.error("zstd: a code of wrong weights");
        }
        weights[count] = 32 - Integer.numberOfLeadingZeros(rest);
        var code = new Huffman(log);
        int at = 0;
        for (int weight = 1; weight <= log; weight++) { // the longest codes come first
            for (int symbol = 0; symbol <= count; symbol++) {
                if (weights[symbol] == weight) {
                    int length = 1 << weight - 1;
                    Arrays.fill(code.symbols, at, at + length, (byte) symbol);
                    Arrays.fill(code.bits, at, at + length, (byte) (log + 1 - weight));
                    at += length;
                }
            }
        }
        return code;
    }

    /// Fills `dst` from one stream.
    void decode(byte[] src, int from, int end, byte[] dst, int at, int count) throws ErrnoException {
        var in = new BackBits(src, from, end);
        for (int i = at; i < at + count; i++) {
            int index = in.peek(log);
            dst[i] = symbols[index];
            in.skip(bits[index]);
        }
        if (in.left() != 0) {
            throw EUCLEAN.error("zstd: literals that do not end");
        }
    }
}
