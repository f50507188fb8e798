// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.servers.sftp.FileAttrs;
import org.jspecify.annotations.Nullable;

/// Notices that the directories in a directory are listed one after the other, as `find` and `ls -lR` do, and has
/// the next ones listed in advance: more and more, as long as it was right. Nothing here yields.
///
/// Who walks goes on in the order of the listing, or in that of the names.
final class Walk {
    /// What a directory in advance may have: larger ones are listed when they are wanted.
    static final int MAX_NAMES = 2000;

    private static final int MAX_AHEAD = 16;
    private static final int MAX_ORDER = 10_000;

    private final RemoteDirectory parent;
    private @Nullable Name last; // the directory that was listed last
    private List<Name> order = List.of(); // the directories, as they are walked; empty for no walk
    private int here; // where the last one is in that order
    private int asked; // up to where they were listed in advance
    private int ahead; // how many may be

    Walk(RemoteDirectory parent) {
        this.parent = parent;
    }

    /// The directory of this name is listed for somebody.
    void listed(Name name) throws ErrnoException {
        Name before = last;
        if (before == null || before.equals(name)) {
            last = name;
            return;
        }
        last = name;
        if (here + 1 < order.size() && order.get(here + 1).equals(name)) {
            here++;
            ahead = Math.min(2 * ahead, MAX_AHEAD);
        } else {
            begin(before, name);
        }
        goOn();
    }

    /// One of the next cannot be listed, or has more than [#MAX_NAMES]: the others may be like it.
    void stop() {
        order = List.of();
    }

    private void begin(Name before, Name name) {
        Listing all = parent.names().freshListing();
        order = List.of();
        if (all == null || all.entries().size() > MAX_ORDER) {
            return;
        }
        List<Name> listed = directories(all);
        for (List<Name> each : List.of(listed, listed.stream().sorted().toList())) {
            int found = each.indexOf(name);
            if (found > 0 && each.get(found - 1).equals(before)) {
                order = each;
                here = found;
                asked = found + 1;
                ahead = 2;
                return;
            }
        }
    }

    private static List<Name> directories(Listing all) {
        var found = new ArrayList<Name>();
        for (Map.Entry<Name, FileAttrs> entry : all.entries().entrySet()) {
            if (Mode.isDirectory(RemoteNode.mode(entry.getValue()))) {
                found.add(entry.getKey());
            }
        }
        return found;
    }

    private void goOn() throws ErrnoException {
        List<Name> next = order;
        int end = Math.min(here + 1 + ahead, next.size());
        for (asked = Math.max(asked, here + 1); asked < end; asked++) {
            if (parent.names().child(next.get(asked)) instanceof RemoteDirectory directory) {
                directory.listInAdvance();
            }
        }
    }
}
