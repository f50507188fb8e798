// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.OpenFlags.O_RDONLY;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;

/// diff: whether files are alike, and with `-r` trees: names, types, contents, targets of links, numbers of
/// devices. It ends with 0 if they are, with 1 if not.
final class Comparer {
    private static final int BUFFER = 1 << 20;

    private final Context context;
    private final boolean recursive;
    private final MemorySegment left;
    private final MemorySegment right;

    private Comparer(Context context, Arena arena) {
        this.context = context;
        this.recursive = context.has("r");
        this.left = arena.allocate(BUFFER, 4096);
        this.right = arena.allocate(BUFFER, 4096);
    }

    static void diff(Context context, List<Place> places) throws UsageException {
        if (places.size() != 2) {
            throw new UsageException("two files, not " + places.size());
        }
        try (Arena arena = Arena.ofConfined()) {
            new Comparer(context, arena).operands(places.getFirst(), places.getLast());
        }
    }

    /// Links are followed here, and not below. A file is compared with the one of its name in a directory.
    private void operands(Place first, Place second) {
        boolean intoSecond = second.isDirectory() && !first.isDirectory();
        boolean intoFirst = first.isDirectory() && !second.isDirectory();
        Place one = intoFirst ? first.child(second.base()) : first;
        Place other = intoSecond ? second.child(first.base()) : second;
        Attr attr = stat(one);
        Attr otherAttr = stat(other);
        if (attr.nlink() > 0 && otherAttr.nlink() > 0) {
            compare(one, attr, other, otherAttr);
        }
    }

    /// Of what cannot be had, attributes without links.
    private Attr stat(Place place) {
        try {
            return place.stat();
        } catch (ErrnoException e) {
            context.complain(place + ": " + Context.text(e));
            return Attr.of(0).withNlink(0);
        }
    }

    private void compare(Place one, Attr attr, Place other, Attr otherAttr) {
        try {
            if (Mode.type(attr.mode()) != Mode.type(otherAttr.mode())) {
                differ("File " + one + " is a " + type(attr) + " while file " + other + " is a " + type(otherAttr));
            } else if (attr.isDirectory()) {
                directories(one, other);
            } else if (attr.isRegular()) {
                boolean same = attr.size() == otherAttr.size() && sameContent(one, other);
                differUnless(same, "Files", one, other);
            } else if (attr.isSymlink()) {
                differUnless(Arrays.equals(one.readlink(), other.readlink()), "Symbolic links", one, other);
            } else {
                differUnless(attr.rdev() == otherAttr.rdev(), "Special files", one, other);
            }
        } catch (ErrnoException e) {
            context.complain(one + ", " + other + ": " + Context.text(e));
        }
    }

    private static String type(Attr attr) {
        return Text.type(attr.mode(), attr.size());
    }

    private void differ(String how) {
        context.out().println(how);
        context.differ();
    }

    private void differUnless(boolean same, String what, Place one, Place other) {
        if (!same) {
            differ(what + " " + one + " and " + other + " differ");
        }
    }

    private void directories(Place one, Place other) throws ErrnoException {
        Map<Name, Place> ones = byName(one);
        Map<Name, Place> others = byName(other);
        var all = new TreeMap<Name, Place>(others);
        all.putAll(ones);
        for (Name name : all.keySet()) {
            Place child = ones.get(name);
            Place otherChild = others.get(name);
            if (child == null || otherChild == null) {
                differ("Only in " + (child == null ? other : one) + ": " + name);
            } else {
                children(child, otherChild);
            }
        }
    }

    private void children(Place one, Place other) throws ErrnoException {
        Attr attr = one.lstat();
        Attr otherAttr = other.lstat();
        if (recursive || !attr.isDirectory() || !otherAttr.isDirectory()) {
            compare(one, attr, other, otherAttr);
        } else {
            context.out().println("Common subdirectories: " + one + " and " + other);
        }
    }

    private static Map<Name, Place> byName(Place directory) throws ErrnoException {
        var all = new TreeMap<Name, Place>();
        directory.list().forEach(child -> all.put(child.base(), child));
        return all;
    }

    private boolean sameContent(Place one, Place other) throws ErrnoException {
        int fd = one.open(O_RDONLY, 0);
        try {
            int otherFd = other.open(O_RDONLY, 0);
            try {
                return sameContent(one, fd, other, otherFd);
            } finally {
                other.calls().close(otherFd);
            }
        } finally {
            one.calls().close(fd);
        }
    }

    private boolean sameContent(Place one, int fd, Place other, int otherFd) throws ErrnoException {
        for (long at = 0; ; ) {
            int count = fill(one, fd, left, at);
            int otherCount = fill(other, otherFd, right, at);
            if (count != otherCount || left.asSlice(0, count).mismatch(right.asSlice(0, count)) >= 0) {
                return false;
            }
            if (count < BUFFER) {
                return true;
            }
            at += count;
        }
    }

    /// Less than the buffer only at the end of the file.
    private static int fill(Place place, int fd, MemorySegment buffer, long off) throws ErrnoException {
        int done = 0;
        for (int n = 1; n > 0 && done < BUFFER; done += n) {
            n = place.calls().pread(fd, buffer.asSlice(done), off + done);
        }
        return done;
    }
}
