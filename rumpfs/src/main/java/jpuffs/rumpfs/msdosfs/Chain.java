// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.rumpfs.msdosfs.Fat.Run;
import org.jspecify.annotations.Nullable;

/// Where the clusters of one file are: what was read of its chain so far, as runs.
final class Chain {
    private final Fat fat;
    private final int limit;
    private int first;
    private final List<Piece> pieces = new ArrayList<>();
    private boolean whole; // the end was seen

    /// A run and which cluster of the file it begins with.
    private record Piece(int index, Run run) {
        int end() {
            return index + run.count();
        }
    }

    /// @param first its first cluster, 0 if it has none
    /// @param limit so many clusters are too many: it is a loop then
    Chain(Fat fat, int first, int limit) {
        this.fat = fat;
        this.first = first;
        this.limit = limit;
        this.whole = first == 0;
    }

    /// The first cluster, or 0.
    int first() {
        return first;
    }

    private int known() {
        return pieces.isEmpty() ? 0 : pieces.getLast().end();
    }

    /// Clusters from `index` of the file on that lie side by side; null if the chain ends before.
    ///
    /// @throws IOException EUCLEAN if it is damaged or runs in a circle
    @Nullable
    Run from(int index) throws IOException {
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
        int start = pieces.isEmpty() ? first : fat.next(pieces.getLast().run.end() - 1);
        fat.requireCluster(start);
        int at = known();
        int count = 1;
        int next = fat.next(start);
        while (next == start + count && at + count < limit) {
            count++;
            next = fat.next(start + count - 1);
        }
        if (at + count > limit || at + count == limit && next != Fat.END) {
            throw EUCLEAN.error("the chain of cluster %d is too long", first);
        }
        pieces.add(new Piece(at, new Run(start, count)));
        whole = next == Fat.END;
    }

    /// How many clusters there are.
    int length() throws IOException {
        while (!whole) {
            follow();
        }
        return known();
    }

    /// Makes it up to `count` clusters longer, side by side if possible; answers what was added.
    Run append(int count) throws IOException {
        int length = length();
        int last = length == 0 ? 0 : pieces.getLast().run.end() - 1;
        Run run = fat.take(last == 0 ? 0 : last + 1, count);
        if (last == 0) {
            first = run.first();
        } else {
            fat.set(last, run.first());
        }
        if (last != 0 && run.first() == last + 1) {
            Piece before = pieces.removeLast();
            pieces.add(new Piece(before.index, new Run(before.run.first(), before.run.count() + run.count())));
        } else {
            pieces.add(new Piece(length, run));
        }
        return run;
    }

    /// Gives back what is behind the first `count` clusters.
    void cut(int count) throws IOException {
        @Nullable Run rest = from(count);
        if (rest == null) {
            return;
        }
        @Nullable Run last = count == 0 ? null : from(count - 1);
        if (last != null) {
            fat.give(fat.next(last.first()));
            fat.set(last.first(), Fat.END);
        } else {
            fat.give(first);
            first = 0;
        }
        forgetBehind(count);
        whole = true;
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
