// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Dev;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;

/// ls, tree and stat.
final class Listing {
    private static final int COLUMNS = 5; // mode, links, owner, group, size

    private final Context context;
    private final PrintStream out;
    private boolean first = true;

    private Listing(Context context) {
        this.context = context;
        this.out = context.out();
    }

    /// A line of `ls`.
    private record Line(Place place, String name, Attr attr) {}

    static void ls(Context context, List<Place> places) {
        var listing = new Listing(context);
        var files = new ArrayList<Line>();
        var directories = new ArrayList<Place>();
        for (Place place : places) {
            try {
                Attr attr = context.has("l") || context.has("d") ? place.lstat() : place.stat();
                boolean listed = !context.has("d") && (attr.isDirectory() || attr.isSymlink() && place.isDirectory());
                if (listed && !(attr.isSymlink() && context.has("l"))) {
                    directories.add(place);
                } else {
                    files.add(new Line(place, place.toString(), attr));
                }
            } catch (ErrnoException e) {
                context.complain("cannot access '" + place + "': " + Context.text(e), 2);
            }
        }
        listing.print(files);
        listing.first = files.isEmpty();
        for (Place directory : directories) {
            listing.directory(directory, places.size() > 1 || context.has("R"));
        }
    }

    private void directory(Place directory, boolean headed) {
        var lines = new ArrayList<Line>();
        try {
            directory.list().stream().filter(this::isShown).forEach(child -> add(child, lines));
        } catch (ErrnoException e) {
            context.complain("cannot open directory", directory, e);
        }
        if (headed) {
            out.println((first ? "" : "\n") + directory + ":");
        }
        first = false;
        if (context.has("l")) {
            long blocks = lines.stream().mapToLong(line -> line.attr.blocks()).sum() / 2;
            out.println("total " + size(blocks, 1024));
        }
        print(lines);
        for (Line line : lines) {
            if (context.has("R") && line.attr.isDirectory()) {
                directory(line.place, true);
            }
        }
    }

    private void add(Place child, List<Line> lines) {
        try {
            lines.add(new Line(child, child.base().toString(), child.lstat()));
        } catch (ErrnoException e) {
            context.complain("cannot access", child, e);
        }
    }

    private boolean isShown(Place child) {
        return context.has("a") || child.base().byteAt(0) != '.';
    }

    private String size(long count, long unit) {
        return context.has("h") ? Text.human(count * unit) : Long.toString(count);
    }

    private void print(List<Line> lines) {
        var widths = new int[COLUMNS];
        for (Line line : lines) {
            String[] columns = columns(line.attr);
            for (int i = 0; i < COLUMNS; i++) {
                widths[i] = Math.max(widths[i], columns[i].length());
            }
        }
        for (Line line : lines) {
            var text = new StringBuilder();
            if (context.has("i")) {
                text.append(line.attr.ino()).append(' ');
            }
            if (context.has("l")) {
                String[] columns = columns(line.attr);
                for (int i = 0; i < COLUMNS; i++) {
                    text.append(Text.right(columns[i], widths[i])).append(' ');
                }
                text.append(Text.minute(line.attr.mtime())).append(' ');
            }
            out.println(text.append(line.name).append(context.has("l") ? target(line) : ""));
        }
    }

    private String[] columns(Attr attr) {
        String size = Mode.isDevice(attr.mode())
                ? Dev.major(attr.rdev()) + ", " + Dev.minor(attr.rdev())
                : size(attr.size(), 1);
        return new String[] {
            Text.mode(attr.mode()),
            Integer.toString(attr.nlink()),
            Integer.toUnsignedString(attr.uid()),
            Integer.toUnsignedString(attr.gid()),
            size
        };
    }

    private String target(Line line) {
        try {
            return line.attr.isSymlink() ? " -> " + new String(line.place.readlink(), UTF_8) : "";
        } catch (ErrnoException e) {
            context.complain("cannot read symbolic link", line.place, e);
            return "";
        }
    }

    /// What `tree` has counted.
    private static final class Count {
        int directories;
        int files;
    }

    static void tree(Context context, List<Place> places) {
        var count = new Count();
        for (Place place : places) {
            context.out().println(place);
            new Listing(context).branch(place, "", count);
        }
        context.out()
                .println("\n" + count.directories + (count.directories == 1 ? " directory, " : " directories, ")
                        + count.files + (count.files == 1 ? " file" : " files"));
    }

    private void branch(Place directory, String indent, Count count) {
        try {
            List<Place> children =
                    directory.list().stream().filter(this::isShown).toList();
            for (int i = 0; i < children.size(); i++) {
                twig(children.get(i), i == children.size() - 1, indent, count);
            }
        } catch (ErrnoException e) {
            context.complain("cannot read", directory, e);
        }
    }

    private void twig(Place child, boolean last, String indent, Count count) {
        String line = indent + (last ? "└── " : "├── ") + child.base();
        try {
            Attr attr = child.lstat();
            out.println(line + target(new Line(child, "", attr)));
            count.directories += attr.isDirectory() ? 1 : 0;
            count.files += attr.isDirectory() ? 0 : 1;
            if (attr.isDirectory()) {
                branch(child, indent + (last ? "    " : "│   "), count);
            }
        } catch (ErrnoException e) {
            out.println(line);
            context.complain("cannot read", child, e);
        }
    }

    static void stat(Context context, List<Place> places) throws IOException {
        for (Place place : places) {
            try {
                new Listing(context).stat(place, place.lstat());
            } catch (ErrnoException e) {
                context.complain("cannot stat", place, e);
            }
        }
    }

    private void stat(Place place, Attr attr) {
        out.println("  File: " + place + target(new Line(place, "", attr)));
        out.println("  Size: " + attr.size() + "\tBlocks: " + attr.blocks() + "\tIO Block: " + attr.blksize() + "\t"
                + Text.type(attr.mode(), attr.size()));
        String device = Mode.isDevice(attr.mode())
                ? "\tDevice type: " + Dev.major(attr.rdev()) + "," + Dev.minor(attr.rdev())
                : "";
        out.println(" Inode: " + attr.ino() + "\tLinks: " + attr.nlink() + device);
        String octal = Text.right(Integer.toOctalString(attr.mode() & Mode.PERMISSIONS), 4)
                .replace(' ', '0');
        out.println("Access: (" + octal + "/" + Text.mode(attr.mode()) + ")\tUid: "
                + Integer.toUnsignedString(attr.uid()) + "\tGid: " + Integer.toUnsignedString(attr.gid()));
        out.println("Access: " + Text.exact(attr.atime()));
        out.println("Modify: " + Text.exact(attr.mtime()));
        out.println("Change: " + Text.exact(attr.ctime()));
        out.println(" Birth: " + Text.exact(attr.btime()));
    }
}
