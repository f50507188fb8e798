// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the clusters of one file are: what was read of its chain so far, as runs.
public final class Chain {
    private final Clusters clusters;
    private int limit; // so many clusters it has at most
    private final boolean bounded; // what is behind the limit is not its own; else it is damage
    private int first;
    private boolean contiguous; // the table is not used
    private final List<Piece> pieces = new ArrayList<>();
    private boolean whole; // the end was seen

    /// A run and which cluster of the file it begins with.
    private record Piece(int index, Run run) {
        int end() {
            return index + run.count();
        }
    }

    private Chain(Clusters clusters, int first, int limit, boolean bounded) {
        this.clusters = clusters;
        this.first = first;
        this.limit = limit;
        this.bounded = bounded;
        this.whole = first == Clusters.NONE;
    }

    /// What the table says.
    ///
    /// @param first its first cluster, or [Clusters#NONE]
    /// @param limit so many clusters are too many: it is a loop then
    public static Chain inTable(Clusters clusters, int first, int limit) {
        return new Chain(clusters, first, limit, false);
    }

    /// What the table says, of a file that is known to have so many clusters.
    public static Chain ofLength(Clusters clusters, int first, int count) {
        return new Chain(clusters, first, count, true);
    }

    /// Clusters side by side, of which the table says nothing; it will when others follow that lie elsewhere.
    ///
    /// @throws IOException EUCLEAN if there are none there
    public static Chain contiguous(Clusters clusters, int first, int count) throws IOException {
        var chain = new Chain(clusters, first, count, true);
        chain.contiguous = true;
        chain.whole = true;
        if (count > 0) {
            clusters.requireCluster(first);
            clusters.requireCluster(first + (count - 1));
            chain.pieces.add(new Piece(0, new Run(first, count)));
        }
        return chain;
    }

    /// The first cluster, or [Clusters#NONE].
    public int first() {
        return first;
    }

    /// Whether the table is not used.
    public boolean isContiguous() {
        return contiguous;
    }

    private int known() {
        return pieces.isEmpty() ? 0 : pieces.getLast().end();
    }

    /// Clusters from `index` of the file on that lie side by side; null if the chain ends before.
    ///
    /// @throws IOException EUCLEAN if it is damaged or runs in a circle
    public @Nullable Run from(int index) throws IOException {
        while (index >= known() && !whole) {
            follow();
        }
        if (index >= known()) {
            return null;
        }
        int low = 0;
        int high = pieces.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (pieces.get(middle).index <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Piece piece = pieces.get(low);
        int skip = index - piece.index;
        return new Run(piece.run.first() + skip, piece.run.count() - skip);
    }

    /// Reads one more run.
    private void follow() throws IOException {
        int start =
                pieces.isEmpty() ? first : clusters.next(pieces.getLast().run.end() - 1);
        clusters.requireCluster(start);
        int at = known();
        int count = 1;
        int next = nextWithin(start, at + 1);
        while (next == start + count && at + count < limit) {
            count++;
            next = nextWithin(next, at + count);
        }
        if (at + count > limit || at + count == limit && next != Clusters.END) {
            throw EUCLEAN.error("the chain of cluster %d is too long", first);
        }
        pieces.add(new Piece(at, new Run(start, count)));
        whole = next == Clusters.END;
    }

    /// What follows a cluster that is the last of `length`.
    private int nextWithin(int cluster, int length) throws IOException {
        return bounded && length >= limit ? Clusters.END : clusters.next(cluster);
    }

    /// How many clusters there are.
    public int length() throws IOException {
        while (!whole) {
            follow();
        }
        return known();
    }

    /// How many bytes they have.
    public long bytes() throws IOException {
        return (long) length() * clusters.size();
    }

    /// Takes up to `count` clusters side by side, which are best for [#adopt].
    ///
    /// @throws IOException ENOSPC
    Run take(int count) throws IOException {
        int length = length();
        return clusters.take(length == 0 ? Clusters.NONE : pieces.getLast().run.end(), count);
    }

    /// Makes it longer by clusters that were taken.
    void adopt(Run run) throws IOException {
        int length = length();
        int last = length == 0 ? Clusters.NONE : pieces.getLast().run.end() - 1;
        boolean adjacent = last != Clusters.NONE && run.first() == last + 1;
        if (contiguous && last != Clusters.NONE && !adjacent) {
            useTable();
        }
        if (!contiguous) {
            clusters.chain(run);
        }
        if (last == Clusters.NONE) {
            first = run.first();
        } else if (!contiguous) {
            clusters.link(last, run.first());
        }
        add(length, run, adjacent);
    }

    private void useTable() throws IOException {
        contiguous = false;
        for (Piece piece : pieces) {
            clusters.chain(piece.run);
        }
    }

    private void add(int length, Run run, boolean adjacent) {
        if (adjacent) {
            Piece before = pieces.removeLast();
            pieces.add(new Piece(before.index, new Run(before.run.first(), before.run.count() + run.count())));
        } else {
            pieces.add(new Piece(length, run));
        }
        limit = bounded ? length + run.count() : limit;
    }

    /// Gives back what is behind the first `count` clusters. What of it cannot be found on a damaged disk stays
    /// taken.
    public void cut(int count) throws IOException {
        @Nullable Run last = count == 0 ? null : from(count - 1);
        if (from(count) == null) {
            return;
        }
        try {
            giveFrom(count);
        } finally {
            if (last == null) {
                first = Clusters.NONE;
                contiguous = bounded;
            } else if (!contiguous) {
                clusters.link(last.first(), Clusters.END);
            }
            forgetBehind(count);
            limit = bounded ? count : limit;
            whole = true;
        }
    }

    /// Gives all clusters back that are found.
    public void giveBack() throws IOException {
        giveFrom(0);
    }

    private void giveFrom(int count) throws IOException {
        int index = count;
        for (Run run = from(index); run != null; run = from(index)) {
            clusters.give(run);
            index += run.count();
        }
    }

    private void forgetBehind(int count) {
        while (!pieces.isEmpty() && pieces.getLast().index >= count) {
            pieces.removeLast();
        }
        if (!pieces.isEmpty() && pieces.getLast().end() > count) {
            Piece piece = pieces.removeLast();
            pieces.add(new Piece(piece.index, new Run(piece.run.first(), count - piece.index)));
        }
    }
}
