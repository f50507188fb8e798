// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rump.Stat;
import org.jspecify.annotations.Nullable;

/// cp and mv, between any two volumes.
final class Copier {
    private static final int OWNER = 0700;
    private static final int RWX = 0777;

    private final Context context;
    private final FileCopy data;
    private final boolean archive; // names of one file stay so
    private final boolean recursive;
    private final boolean preserve;
    private final Map<FileId, Place> links = new HashMap<>();
    private boolean failed;

    private Copier(Context context, FileCopy data, boolean archive) {
        this.context = context;
        this.data = data;
        this.archive = archive;
        this.recursive = archive || context.has("r") || context.has("R");
        this.preserve = archive || context.has("p");
    }

    /// What happens to one source.
    @FunctionalInterface
    private interface Action {
        void run(Place source, Place target);
    }

    static void cp(Context context, List<Place> places) throws UsageException {
        try (Arena arena = Arena.ofConfined()) {
            var copier = new Copier(context, new FileCopy(arena, context.progress()), context.has("a"));
            each(places, copier::copy);
        }
    }

    static void mv(Context context, List<Place> places) throws UsageException {
        try (Arena arena = Arena.ofConfined()) {
            var data = new FileCopy(arena, context.progress());
            each(places, (source, target) -> new Copier(context, data, true).move(source, target));
        }
    }

    /// Each source to the last place, or to its name there if that is a directory.
    private static void each(List<Place> places, Action action) throws UsageException {
        Place target = places.getLast();
        List<Place> sources = places.subList(0, places.size() - 1);
        boolean into = target.isDirectory();
        if (sources.size() > 1 && !into) {
            throw new UsageException("target '" + target + "' is not a directory");
        }
        for (Place source : sources) {
            Name base = source.base();
            boolean named = base.length() > 0 && !base.isDot() && !base.isDotDot();
            action.run(source, into && named ? target.child(base) : target);
        }
    }

    private void fail(String what) {
        failed = true;
        context.complain(what);
    }

    private void fail(String what, Place place, ErrnoException e) {
        failed = true;
        context.complain(what, place, e);
    }

    private void say(String verb, Place source, Place target) {
        if (context.has("v")) {
            context.out().println(verb + "'" + source + "' -> '" + target + "'");
        }
    }

    // mv

    private void move(Place source, Place target) {
        try {
            if (source.volume().equals(target.volume())) {
                source.process().renameat2(source.dir(), source.at(), target.dir(), target.at(), 0);
                say("renamed ", source, target);
                return;
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EXDEV) { // that would be two file systems of the host
                fail("cannot move '" + source + "' to '" + target + "': " + Context.text(e));
                return;
            }
        }
        copy(source, target);
        if (!failed) {
            remove(source);
        }
    }

    private void remove(Place place) {
        try {
            Attr attr = place.lstat();
            if (attr.isDirectory()) {
                place.list().forEach(this::remove);
            }
            place.unlink(attr);
        } catch (ErrnoException e) {
            fail("cannot remove", place, e);
        }
    }

    // cp

    /// Copies a file, and with `-r` a directory and what is in it.
    private void copy(Place source, Place target) {
        try {
            Stat stat = source.stat(recursive ? AT_SYMLINK_NOFOLLOW : 0);
            if (!stat.attr().isDirectory()) {
                copyFile(source, stat, target, false);
            } else if (!recursive) {
                fail("-r not specified; omitting directory '" + source + "'");
            } else if (isWithin(target, FileId.of(source, 0))) {
                fail("cannot copy a directory, '" + source + "', into itself, '" + target + "'");
            } else {
                copyDirectory(source, stat.attr(), target);
            }
        } catch (ErrnoException e) {
            fail("cannot stat", source, e);
        }
    }

    /// Whether `place`, which may not exist, is a directory or lies below it.
    private static boolean isWithin(Place place, FileId directory) throws ErrnoException {
        Place at = place.isDirectory() ? place : place.parent();
        if (!at.volume().equals(directory.volume()) || !at.isDirectory()) {
            return false;
        }
        FileId id = FileId.of(at, 0);
        FileId below = directory;
        while (!id.equals(directory) && !id.equals(below)) { // the root is its own parent
            below = id;
            at = at.child(Name.DOT_DOT);
            id = FileId.of(at, 0);
        }
        return id.equals(directory);
    }

    private void copyDirectory(Place source, Attr attr, Place target) {
        int mode = attr.mode() & RWX;
        boolean made;
        try {
            made = makeDirectory(target, mode | OWNER);
        } catch (ErrnoException e) {
            fail("cannot create directory", target, e);
            return;
        }
        if (made) {
            say("", source, target);
        }
        copyChildren(source, target, made);
        try {
            if (preserve) {
                Metadata.of(source, attr).give(target);
            } else if (made && (mode & OWNER) != OWNER) {
                target.process()
                        .fchmodat(
                                target.dir(),
                                target.at(),
                                mode & ~target.volume().umask(),
                                0);
            }
        } catch (ErrnoException e) {
            fail("cannot preserve attributes of", target, e);
        }
    }

    /// Makes a directory; false if it is there.
    private static boolean makeDirectory(Place target, int mode) throws ErrnoException {
        try {
            target.mkdir(mode);
            return true;
        } catch (ErrnoException e) {
            if (target.isDirectory()) {
                return false;
            }
            throw e;
        }
    }

    /// @param fresh whether `target` has just been made, and nothing is in it
    private void copyChildren(Place source, Place target, boolean fresh) {
        try (var from = OpenDirectory.of(source);
                var to = OpenDirectory.of(target)) {
            for (Place child : from.list()) {
                copyChild(child, to.child(child.base()), fresh);
            }
        } catch (ErrnoException e) {
            fail("cannot access", source, e);
        }
    }

    private void copyChild(Place source, Place target, boolean fresh) {
        try {
            Stat stat = source.stat(AT_SYMLINK_NOFOLLOW);
            if (stat.attr().isDirectory()) {
                copyDirectory(source, stat.attr(), target);
            } else {
                copyFile(source, stat, target, fresh);
            }
        } catch (ErrnoException e) {
            fail("cannot stat", source, e);
        }
    }

    /// @param fresh whether nothing can have been there before
    private void copyFile(Place source, Stat stat, Place target, boolean fresh) throws ErrnoException {
        FileId id = FileId.of(source, stat);
        boolean exists = !fresh && exists(target);
        if (exists && (id.equals(FileId.of(target, AT_SYMLINK_NOFOLLOW)) || isSame(id, target))) {
            fail("'" + source + "' and '" + target + "' are the same file");
        } else if (exists && target.isDirectory()) {
            fail("cannot overwrite directory '" + target + "' with non-directory");
        } else {
            try {
                create(source, stat.attr(), target, id);
                say("", source, target);
            } catch (ErrnoException e) {
                fail("cannot copy '" + source + "' to '" + target + "': " + Context.text(e));
            }
        }
    }

    private static boolean exists(Place place) {
        try {
            place.lstat();
            return true;
        } catch (ErrnoException e) {
            return false; // what is wrong is said when it is made
        }
    }

    private static boolean isSame(FileId id, Place target) {
        try {
            return FileId.of(target, 0).equals(id);
        } catch (ErrnoException e) {
            return false; // a link to nothing
        }
    }

    private void create(Place source, Attr attr, Place target, FileId id) throws ErrnoException {
        @Nullable Place first = archive && attr.nlink() > 1 ? links.putIfAbsent(id, target.with(target.path())) : null;
        if (first != null) {
            FileCopy.removeIfThere(target);
            target.process().linkat(first.dir(), first.at(), target.dir(), target.at(), 0);
            return;
        }
        if (attr.isRegular() || !recursive) {
            data.copy(source, attr, target);
        } else if (attr.isSymlink()) {
            FileCopy.removeIfThere(target);
            target.process().symlinkat(source.readlink(), target.dir(), target.at());
        } else {
            FileCopy.removeIfThere(target);
            target.process()
                    .mknodat(target.dir(), target.at(), Mode.type(attr.mode()) | attr.mode() & RWX, attr.rdev());
        }
        if (preserve) {
            Metadata.of(source, attr).give(target);
        }
    }
}
