// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EUCLEAN;

import java.util.Arrays;
import java.util.Objects;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Decodes the compressed blocks of one frame (RFC 8878 3.1.1.3), which build on each other.
final class Block {
    static final int MAX_BYTES = 128 << 10;

    private static final int[] LITERAL_BASES = bases(0, 16, "1 1 1 1 2 2 3 3 4 6 7 8 9 10 11 12 13 14 15 16");
    private static final int[] LITERAL_BITS = bits(16, "1 1 1 1 2 2 3 3 4 6 7 8 9 10 11 12 13 14 15 16");
    private static final int[] MATCH_BASES = bases(3, 32, "1 1 1 1 2 2 3 3 4 4 5 7 8 9 10 11 12 13 14 15 16");
    private static final int[] MATCH_BITS = bits(32, "1 1 1 1 2 2 3 3 4 4 5 7 8 9 10 11 12 13 14 15 16");
    private static final int[] DEFAULT_LITERALS = {
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1
    };
    private static final int[] DEFAULT_OFFSETS = {
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1
    };
    private static final int[] DEFAULT_MATCHES = {
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1
    };

    private final byte[] literals = new byte[MAX_BYTES];
    private final int[] offsets = {1, 4, 8}; // the last three, RFC 8878 3.1.1.5
    private @Nullable Huffman huffman;
    private @Nullable Fse literalCodes;
    private @Nullable Fse offsetCodes;
    private @Nullable Fse matchCodes;

    private static int[] bits(int plain, String more) {
        int[] rest =
                Arrays.stream(more.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
        int[] all = new int[plain + rest.length];
        System.arraycopy(rest, 0, all, plain, rest.length);
        return all;
    }

    /// Each code begins where the one before ends.
    private static int[] bases(int first, int plain, String more) {
        int[] bits = bits(plain, more);
        int[] bases = new int[bits.length];
        for (int i = 0, at = first; i < bits.length; i++) {
            bases[i] = at;
            at += 1 << bits[i];
        }
        return bases;
    }

    /// Decodes a block that lies in `src`.
    ///
    /// @param at where in `dst` it begins; what is before may be repeated by it
    /// @return where it ends
    int decode(byte[] src, int from, int end, byte[] dst, int at) throws ErrnoException {
        int[] place = {from};
        int count = literals(src, place, end);
        return sequences(src, place[0], end, count, dst, at);
    }

    private static ErrnoException damaged(String what) {
        return EUCLEAN.error("zstd: %s", what);
    }

    private static int u8(byte[] src, int at) {
        return src[at] & 0xff;
    }

    /// Fills [#literals].
    ///
    /// @param place where they begin, and then where they end
    private int literals(byte[] src, int[] place, int end) throws ErrnoException {
        int at = place[0];
        int type = src[at] & 3;
        int format = src[at] >> 2 & 3;
        if (type > 1) {
            return packedLiterals(src, place, end, type == 3);
        }
        int head = format == 1 ? 2 : format == 3 ? 3 : 1;
        int bits = u8(src, at) | (head > 1 ? u8(src, at + 1) << 8 : 0) | (head > 2 ? u8(src, at + 2) << 16 : 0);
        int count = bits >> (head == 1 ? 3 : 4);
        if (count > MAX_BYTES) {
            throw damaged("a block of " + count + " literals");
        }
        at += head;
        if (type == 0) {
            System.arraycopy(src, at, literals, 0, count);
        } else {
            Arrays.fill(literals, 0, count, src[at]);
        }
        place[0] = at + (type == 0 ? count : 1);
        return count;
    }

    private int packedLiterals(byte[] src, int[] place, int end, boolean again) throws ErrnoException {
        int at = place[0];
        int format = src[at] >> 2 & 3;
        int head = format < 2 ? 3 : format + 2;
        int width = format < 2 ? 10 : format == 2 ? 14 : 18;
        long bits = 0;
        for (int i = head - 1; i >= 0; i--) {
            bits = bits << 8 | u8(src, at + i);
        }
        int count = (int) (bits >> 4 & (1 << width) - 1);
        int packed = (int) (bits >> 4 + width & (1 << width) - 1);
        at += head;
        int stop = at + packed;
        if (count > MAX_BYTES || stop > end) {
            throw damaged("a block of " + count + " literals in " + packed + " bytes");
        }
        if (!again) {
            Huffman.Read code = Huffman.read(src, at, stop);
            huffman = code.table();
            at = code.end();
        }
        if (huffman == null) {
            throw damaged("literals without a code");
        }
        if (format == 0) {
            huffman.decode(src, at, stop, literals, 0, count);
        } else {
            fourStreams(huffman, src, at, stop, count);
        }
        place[0] = stop;
        return count;
    }

    private void fourStreams(Huffman code, byte[] src, int at, int stop, int count) throws ErrnoException {
        int each = (count + 3) / 4;
        int from = at + 6;
        for (int i = 0; i < 4; i++) {
            int end = i == 3 ? stop : from + (u8(src, at + 2 * i) | u8(src, at + 2 * i + 1) << 8);
            int n = i == 3 ? count - 3 * each : each;
            if (end > stop || n < 0) {
                throw damaged("streams of literals that do not fit");
            }
            code.decode(src, from, end, literals, i * each, n);
            from = end;
        }
    }

    private int sequences(byte[] src, int from, int end, int literalCount, byte[] dst, int at) throws ErrnoException {
        int head = u8(src, from++);
        int count = head;
        if (head == 255) {
            count = u8(src, from) + (u8(src, from + 1) << 8) + 0x7f00;
            from += 2;
        } else if (head > 127) {
            count = (head - 128 << 8) + u8(src, from++);
        }
        int done = 0;
        if (count > 0) {
            int modes = u8(src, from++);
            int[] place = {from};
            Fse lit = table(modes >> 6, literalCodes, src, place, end, 9, 35, DEFAULT_LITERALS);
            Fse off = table(modes >> 4 & 3, offsetCodes, src, place, end, 8, 31, DEFAULT_OFFSETS);
            Fse match = table(modes >> 2 & 3, matchCodes, src, place, end, 9, 52, DEFAULT_MATCHES);
            literalCodes = lit;
            offsetCodes = off;
            matchCodes = match;
            var in = new BackBits(src, place[0], end);
            int[] ends = {at, 0};
            run(in, count, literalCount, dst, ends);
            at = ends[0];
            done = ends[1];
        }
        System.arraycopy(literals, done, dst, at, literalCount - done);
        return at + literalCount - done;
    }

    private static Fse table(
            int mode, @Nullable Fse before, byte[] src, int[] place, int end, int maxLog, int maxSymbol, int[] preset)
            throws ErrnoException {
        return switch (mode) {
            case 0 -> Fse.of(maxSymbol == 31 ? 5 : 6, preset);
            case 1 -> {
                int symbol = u8(src, place[0]++);
                if (symbol > maxSymbol) {
                    throw damaged("a code of " + symbol);
                }
                yield Fse.ofOne(symbol);
            }
            case 2 -> {
                Fse.Read read = Fse.read(src, place[0], end, maxLog, maxSymbol);
                place[0] = read.end();
                yield read.table();
            }
            default -> {
                if (before == null) {
                    throw damaged("a table that was not there before");
                }
                yield before;
            }
        };
    }

    /// Copies literals and repeats what came before, in turn.
    ///
    /// @param ends where in `dst`, and in the literals: before, and after
    private void run(BackBits in, int count, int literalCount, byte[] dst, int[] ends) throws ErrnoException {
        Fse lit = Objects.requireNonNull(literalCodes);
        Fse off = Objects.requireNonNull(offsetCodes);
        Fse mat = Objects.requireNonNull(matchCodes);
        int at = ends[0];
        int done = ends[1];
        int limit = Math.min(dst.length, at + MAX_BYTES);
        int l = lit.first(in);
        int o = off.first(in);
        int m = mat.first(in);
        for (int i = 0; i < count; i++) {
            int offsetCode = off.symbol(o);
            int offsetValue = (1 << offsetCode) + in.read(offsetCode);
            int matchCode = mat.symbol(m);
            int match = MATCH_BASES[matchCode] + in.read(MATCH_BITS[matchCode]);
            int literalCode = lit.symbol(l);
            int plain = LITERAL_BASES[literalCode] + in.read(LITERAL_BITS[literalCode]);
            if (i + 1 < count) {
                l = lit.next(l, in);
                m = mat.next(m, in);
                o = off.next(o, in);
            }
            int offset = offset(offsetValue, plain == 0);
            if (plain > literalCount - done || match > limit - at - plain || in.left() < 0) {
                throw damaged("a sequence that does not fit");
            }
            System.arraycopy(literals, done, dst, at, plain);
            done += plain;
            at += plain;
            if (offset <= 0 || offset > at) {
                throw damaged("a match from before the beginning");
            }
            copy(dst, at, offset, match);
            at += match;
        }
        if (in.left() != 0) {
            throw damaged("sequences that do not end");
        }
        ends[0] = at;
        ends[1] = done;
    }

    private static void copy(byte[] dst, int at, int offset, int count) {
        if (offset >= count) {
            System.arraycopy(dst, at - offset, dst, at, count);
        } else {
            for (int i = at; i < at + count; i++) {
                dst[i] = dst[i - offset];
            }
        }
    }

    private int offset(int value, boolean noLiterals) {
        if (value > 3 || value < 0) {
            offsets[2] = offsets[1];
            offsets[1] = offsets[0];
            offsets[0] = value - 3;
            return offsets[0];
        }
        int index = value - 1 + (noLiterals ? 1 : 0);
        if (index > 0) {
            int offset = index == 3 ? offsets[0] - 1 : offsets[index];
            if (index > 1) {
                offsets[2] = offsets[1];
            }
            offsets[1] = offsets[0];
            offsets[0] = offset;
        }
        return offsets[0];
    }
}
