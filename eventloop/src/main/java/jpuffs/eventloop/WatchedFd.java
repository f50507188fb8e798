// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.ArrayList;
import java.util.List;
import jpuffs.sys.Fd;

/// A descriptor in the loop's epoll set and everybody who watches it: epoll knows a descriptor once.
final class WatchedFd {
    private final Fd fd;
    final int number;
    final int generation; // so that an event of an older file of the same number is not taken for ours
    final List<Watch> watches = new ArrayList<>(1);
    int armed;

    WatchedFd(Fd fd, int generation) {
        this.fd = fd;
        this.number = fd.number();
        this.generation = generation;
    }

    /// Whether the descriptor was closed without a word to the loop. The kernel has then forgotten it, and its
    /// number may be another file's.
    boolean isStale() {
        return fd.number() != number;
    }

    long token() {
        return (long) generation << 32 | number;
    }

    /// What any of the watches waits for.
    int wanted() {
        int wanted = 0;
        for (Watch watch : watches) {
            wanted |= watch.events();
        }
        return wanted;
    }

    void tell(int happened, Tasks tasks) {
        if (watches.size() == 1) {
            watches.getFirst().tell(happened, tasks);
            return;
        }
        for (Watch watch : List.copyOf(watches)) { // watches come and go meanwhile
            watch.tell(happened, tasks);
        }
    }
}
