// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import jpuffs.core.ErrnoException;

/// Which block holds which part of a file: from the index of a part of 4 KiB to the number of a block,
/// [Blocks#HOLE] or [Blocks#UNWRITTEN].
///
/// The first 64 are in an array that grows; the others in arrays of 64, by their number, where there is any block.
final class BlockMap {
    /// No such index.
    static final long NONE = Long.MAX_VALUE;

    private static final int CHUNK_SHIFT = 6;
    private static final int CHUNK = 1 << CHUNK_SHIFT;
    private static final int CHUNK_BYTES = 16 + 4 * CHUNK + 64; // with its entry in the tree
    private static final int[] HOLES = {};

    private final Space space;
    private final NavigableMap<Long, int[]> chunks = new TreeMap<>(); // from chunk 1 on
    private int[] first = HOLES;
    private long lastNumber = -1; // the chunk of the last access
    private int[] last = HOLES;
    private long count;

    BlockMap(Space space) {
        this.space = space;
    }

    /// The number of blocks.
    long count() {
        return count;
    }

    /// The block at `index`.
    int get(long index) {
        int[] chunk = chunk(index >>> CHUNK_SHIFT);
        int at = (int) index & CHUNK - 1;
        return at < chunk.length ? chunk[at] : Blocks.HOLE;
    }

    private int[] chunk(long number) {
        if (number == 0) {
            return first;
        }
        if (number != lastNumber) {
            last = chunks.getOrDefault(number, HOLES);
            lastNumber = number;
        }
        return last;
    }

    /// Makes room for a block at `index`, so that [#set] cannot fail. ENOSPC.
    void reserve(long index) throws ErrnoException {
        long number = index >>> CHUNK_SHIFT;
        int needed = ((int) index & CHUNK - 1) + 1;
        int length = chunk(number).length;
        if (number == 0 && length < needed) {
            int wanted = Math.max(Integer.highestOneBit(needed - 1) << 1, 1);
            space.charge(4L * (wanted - length));
            first = Arrays.copyOf(first, wanted);
        } else if (number != 0 && length == 0) {
            space.charge(CHUNK_BYTES);
            chunks.put(number, new int[CHUNK]);
            lastNumber = -1;
        }
    }

    /// Puts a block where [#reserve] made room.
    void set(long index, int block) {
        int[] chunk = chunk(index >>> CHUNK_SHIFT);
        int at = (int) index & CHUNK - 1;
        count += chunk[at] == Blocks.HOLE ? 1 : 0;
        chunk[at] = block;
    }

    /// The first index from `index` on that has a written block, or [#NONE].
    long nextData(long index) {
        long number = index >>> CHUNK_SHIFT;
        long found = dataIn(chunk(number), number, (int) index & CHUNK - 1);
        for (var entry = chunks.higherEntry(number); found == NONE && entry != null; ) {
            found = dataIn(entry.getValue(), entry.getKey(), 0);
            entry = chunks.higherEntry(entry.getKey());
        }
        return found;
    }

    private static long dataIn(int[] chunk, long number, int from) {
        for (int at = from; at < chunk.length; at++) {
            if (chunk[at] > Blocks.HOLE) {
                return number << CHUNK_SHIFT | at;
            }
        }
        return NONE;
    }

    /// The first index from `index` on that has none.
    long nextHole(long index) {
        long at = index;
        while (get(at) > Blocks.HOLE) {
            at++;
        }
        return at;
    }

    /// The number of blocks, written or not, from index `from` to before `to`.
    long count(long from, long to) {
        long blocks = count(first, 0, from, to);
        for (var entry : touched(from, to).entrySet()) {
            blocks += count(entry.getValue(), entry.getKey(), from, to);
        }
        return blocks;
    }

    private static long count(int[] chunk, long number, long from, long to) {
        return Arrays.stream(chunk, begin(chunk, number, from), end(chunk, number, to))
                .filter(block -> block != Blocks.HOLE)
                .count();
    }

    /// The chunks, but for the first, that have an index from `from` to before `to`, and `to` is greater.
    private NavigableMap<Long, int[]> touched(long from, long to) {
        return chunks.subMap(from >>> CHUNK_SHIFT, true, to - 1 >>> CHUNK_SHIFT, true);
    }

    private static int begin(int[] chunk, long number, long from) {
        return Math.clamp(from - (number << CHUNK_SHIFT), 0, chunk.length);
    }

    private static int end(int[] chunk, long number, long to) {
        return Math.clamp(to - (number << CHUNK_SHIFT), 0, chunk.length);
    }

    /// Takes the blocks from index `from` to before `to` out and hands them to `freed`.
    void remove(long from, long to, IntConsumer freed) {
        if (from >= to) {
            return;
        }
        clear(first, 0, from, to, freed);
        shrinkFirst();
        touched(from, to).entrySet().removeIf(entry -> {
            clear(entry.getValue(), entry.getKey(), from, to, freed);
            boolean empty = Arrays.stream(entry.getValue()).allMatch(block -> block == Blocks.HOLE);
            space.refund(empty ? CHUNK_BYTES : 0);
            return empty;
        });
        lastNumber = -1;
    }

    private void clear(int[] chunk, long number, long from, long to, IntConsumer freed) {
        int end = end(chunk, number, to);
        for (int at = begin(chunk, number, from); at < end; at++) {
            if (chunk[at] != Blocks.HOLE) {
                freed.accept(chunk[at]);
                chunk[at] = Blocks.HOLE;
                count--;
            }
        }
    }

    private void shrinkFirst() {
        int length = first.length;
        while (length > 0 && first[length - 1] == Blocks.HOLE) {
            length--;
        }
        int kept = length == 0 ? 0 : Math.max(Integer.highestOneBit(length - 1) << 1, 1);
        if (kept < first.length) {
            space.refund(4L * (first.length - kept));
            first = kept == 0 ? HOLES : Arrays.copyOf(first, kept);
        }
    }
}
