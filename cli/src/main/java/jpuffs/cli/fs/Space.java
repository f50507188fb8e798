// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.StatFs;

/// du and df, in units of 1,024 bytes.
final class Space {
    private static final int UNIT = 1024;
    private static final String ROW = "%-24s %-8s %12s %12s %12s %5s%n";

    private final Context context;
    private final Set<FileId> counted = new HashSet<>();

    private Space(Context context) {
        this.context = context;
    }

    /// A file with several names counts once.
    private record FileId(Volume volume, long ino) {}

    static void du(Context context, List<Place> places) {
        var space = new Space(context);
        for (Place place : places) {
            space.blocks(place, true);
        }
    }

    /// The blocks of 512 bytes of a file and what is below it; tells of those that are asked for.
    private long blocks(Place place, boolean isOperand) {
        try {
            Attr attr = place.lstat();
            if (!attr.isDirectory() && attr.nlink() > 1 && !counted.add(new FileId(place.volume(), attr.ino()))) {
                return 0;
            }
            long sum = attr.blocks();
            if (attr.isDirectory()) {
                for (Place child : place.list()) {
                    sum += blocks(child, false);
                }
            }
            if (isOperand || !context.has("s") && (attr.isDirectory() || context.has("a"))) {
                long units = (sum * 512 + UNIT - 1) / UNIT;
                context.out().println((context.has("h") ? Text.human(sum * 512) : units) + "\t" + place);
            }
            return sum;
        } catch (ErrnoException e) {
            context.complain("cannot access", place, e);
            return 0;
        }
    }

    static void df(Context context, List<Place> places) {
        boolean inodes = context.has("i");
        context.out()
                .printf(
                        ROW,
                        "Image",
                        "Type",
                        inodes ? "Inodes" : context.has("h") ? "Size" : "1K-blocks",
                        inodes ? "IUsed" : "Used",
                        inodes ? "IFree" : "Available",
                        "Use%");
        for (Place place : places) {
            try {
                StatFs fs = place.calls().statfs(place.path());
                new Space(context).row(place, fs);
            } catch (ErrnoException e) {
                context.complain(place + ": " + Context.text(e));
            }
        }
    }

    private void row(Place place, StatFs fs) {
        String prefix = place.prefix();
        String name = prefix.isEmpty() ? place.toString() : prefix.substring(0, prefix.length() - 1);
        String type = place.volume().type().isEmpty() ? "-" : place.volume().type();
        boolean inodes = context.has("i");
        long all = inodes ? fs.files() : fs.blocks();
        long free = inodes ? fs.filesFree() : fs.available();
        long used = inodes ? all - free : all - fs.free();
        String percent = used + free == 0 ? "-" : (used * 100 + used + free - 1) / (used + free) + "%";
        context.out().printf(ROW, name, type, amount(fs, all), amount(fs, used), amount(fs, free), percent);
    }

    private String amount(StatFs fs, long count) {
        if (context.has("i")) {
            return Long.toString(count);
        }
        long bytes = count * fs.blockSize();
        return context.has("h") ? Text.human(bytes) : Long.toString(bytes / UNIT);
    }
}
