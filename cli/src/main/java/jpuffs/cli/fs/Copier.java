// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final Pipeline pipeline;
    private final FileCopy data;
    private final boolean moving; // what is in the way goes, and nothing is followed
    private final boolean archive; // names of one file stay so
    private final boolean recursive;
    private final boolean preserve;
    private final Map<FileId, NewFile> links = new HashMap<>();

    /// Symbolic links of this command: another source must not get out of the target through one.
    private final Set<String> madeLinks = new HashSet<>();

    private boolean failed; // of steps

    private Copier(Context context, Pipeline pipeline, boolean moving) {
        this.context = context;
        this.pipeline = pipeline;
        this.data = new FileCopy(pipeline, context.progress());
        this.moving = moving;
        this.archive = moving || context.has("a");
        this.recursive = archive || context.has("r") || context.has("R");
        this.preserve = archive || context.has("p");
    }

    /// What happens to one source.
    @FunctionalInterface
    private interface Action {
        void run(Place source, Place target);
    }

    /// Where a copy goes, and how a step gets there.
    ///
    /// @param place for its name; for system calls [Copier#reach]
    /// @param in null for one that was named on the command line
    private record Target(Place place, @Nullable Folder in) {
        Target child(Name name, Folder folder) {
            return new Target(place.child(name), folder);
        }
    }

    /// A directory of the target while files are copied into it.
    private static final class Folder {
        @Nullable
        OpenDirectory open;

        boolean there;
        boolean made; // by us: nothing was in it

        /// Nothing can be copied into it.
        volatile boolean lost;
    }

    static void cp(Context context, List<Place> places) throws UsageException {
        try (var pipeline = new Pipeline()) {
            var copier = new Copier(context, pipeline, false);
            each(places, copier::copy);
        }
    }

    static void mv(Context context, List<Place> places) throws UsageException {
        try (var pipeline = new Pipeline()) {
            each(places, (source, target) -> new Copier(context, pipeline, true).move(source, target));
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
                source.calls().renameat2(source.dir(), source.at(), target.dir(), target.at(), 0);
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
        pipeline.drain();
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

    // cp: the caller looks at the source, and steps do what is to be done at the target

    /// Copies a file, and with `-r` a directory and what is in it.
    private void copy(Place source, Place target) {
        pipeline.setAhead(!source.volume().equals(target.volume())); // else one might read what the other writes
        try {
            Stat stat = source.stat(recursive ? AT_SYMLINK_NOFOLLOW : 0);
            if (!stat.attr().isDirectory()) {
                copyFile(source, stat, new Target(target, null));
            } else if (!recursive) {
                pipeline.then(() -> fail("-r not specified; omitting directory '" + source + "'"));
            } else if (isWithin(target, FileId.of(source, 0))) {
                fail("cannot copy a directory, '" + source + "', into itself, '" + target + "'");
            } else {
                copyDirectory(source, stat.attr(), new Target(target, null));
            }
        } catch (ErrnoException e) {
            pipeline.then(() -> fail("cannot stat", source, e));
        }
    }

    /// Whether `place`, which may not exist, is a directory or lies below it.
    private static boolean isWithin(Place place, FileId directory) throws ErrnoException {
        if (!place.volume().equals(directory.volume())) {
            return false;
        }
        Place at = place.isDirectory() ? place : place.parent();
        if (!at.isDirectory()) {
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

    /// Where a step makes a file; null if its directory could not be made, which was said.
    private static @Nullable Place reach(Target target) {
        Folder in = target.in();
        if (in == null) {
            return target.place();
        }
        return in.open == null ? null : in.open.holds(target.place());
    }

    private void copyDirectory(Place source, Attr attr, Target target) {
        var folder = new Folder();
        pipeline.then(() -> enter(source, attr, target, folder));
        copyChildren(source, target, folder);
        Result<Metadata> metadata = metadata(source, attr);
        pipeline.then(() -> leave(attr, metadata, target, folder));
    }

    private @Nullable Result<Metadata> metadata(Place source, Attr attr) {
        return preserve ? Result.of(() -> Metadata.of(source, attr)) : null;
    }

    private void enter(Place source, Attr attr, Target target, Folder folder) {
        Place at = reach(target);
        folder.lost = at == null || !open(source, attr, at, folder);
    }

    private boolean open(Place source, Attr attr, Place at, Folder folder) {
        try {
            folder.made = makeDirectory(at, attr.mode() & RWX | OWNER);
        } catch (ErrnoException e) {
            fail("cannot create directory", at, e);
            return false;
        }
        folder.there = true;
        if (folder.made) {
            say("", source, at);
        }
        try {
            folder.open = OpenDirectory.of(at);
            return true;
        } catch (ErrnoException e) {
            fail("cannot access", source, e);
            return false;
        }
    }

    private void leave(Attr attr, @Nullable Result<Metadata> metadata, Target target, Folder folder) {
        Place at = reach(target);
        if (at == null || !folder.there) {
            return;
        }
        try {
            if (folder.open != null) {
                folder.open.close();
            }
            int mode = attr.mode() & RWX;
            if (metadata != null) {
                metadata.get().give(at);
            } else if (folder.made && (mode & OWNER) != OWNER) {
                at.calls().fchmodat(at.dir(), at.at(), mode & ~at.volume().umask(), 0);
            }
        } catch (ErrnoException e) {
            fail("cannot preserve attributes of", at, e);
        }
    }

    /// Makes a directory; false if it is there.
    private boolean makeDirectory(Place target, int mode) throws ErrnoException {
        try {
            target.mkdir(mode);
            return true;
        } catch (ErrnoException e) {
            if (isDirectory(target) && !madeLinks.contains(target.toString())) {
                return false;
            }
            throw e;
        }
    }

    private void copyChildren(Place source, Target target, Folder folder) {
        try (var from = OpenDirectory.of(source)) {
            for (Place child : from.list()) {
                if (folder.lost) {
                    return;
                }
                copyChild(child, target.child(child.base(), folder));
            }
        } catch (ErrnoException e) {
            failLater("cannot access", source, e, folder);
        }
    }

    /// Says what failed, unless that is nothing any more to somebody who copies into `folder`.
    private void failLater(String what, Place source, ErrnoException e, @Nullable Folder folder) {
        pipeline.then(() -> {
            if (folder == null || !folder.lost) {
                fail(what, source, e);
            }
        });
    }

    private void copyChild(Place source, Target target) {
        try {
            Stat stat = source.stat(AT_SYMLINK_NOFOLLOW);
            if (stat.attr().isDirectory()) {
                copyDirectory(source, stat.attr(), target);
            } else {
                copyFile(source, stat, target);
            }
        } catch (ErrnoException e) {
            failLater("cannot stat", source, e, target.in());
        }
    }

    private void copyFile(Place source, Stat stat, Target target) {
        var file = new NewFile(source, stat, target);
        Attr attr = stat.attr();
        Place first = archive && attr.nlink() > 1 ? first(file) : null;
        if (first != null) {
            file.make(at -> {
                FileCopy.removeIfThere(at);
                at.calls().linkat(first.dir(), first.at(), at.dir(), at.at(), 0);
            });
            return;
        }
        file.metadata = metadata(source, attr);
        if (attr.isRegular() || !recursive) {
            data.copy(source, attr, file);
        } else if (attr.isSymlink()) {
            Result<byte[]> to = Result.of(source::readlink);
            file.make(at -> {
                FileCopy.removeIfThere(at);
                at.calls().symlinkat(to.get(), at.dir(), at.at());
                madeLinks.add(at.toString());
            });
        } else {
            file.make(at -> {
                FileCopy.removeIfThere(at);
                at.calls().mknodat(at.dir(), at.at(), Mode.type(attr.mode()) | attr.mode() & RWX, attr.rdev());
            });
        }
    }

    /// Where the same file has been copied to; else its copy will be the first.
    private @Nullable Place first(NewFile file) {
        NewFile before = links.get(file.id);
        if (before != null) {
            pipeline.drain();
            if (before.tried) {
                return before.target.place();
            }
        }
        links.put(file.id, file);
        return null;
    }

    /// What makes a file that has no data.
    @FunctionalInterface
    private interface Making {
        void run(Place at) throws ErrnoException;
    }

    /// A file that is no directory, at the target. Its steps may be taken by [FileCopy].
    private final class NewFile implements FileCopy.Goal {
        private final Place source;
        private final FileId id;
        private final Target target;
        private @Nullable Result<Metadata> metadata;
        private boolean tried; // the target could be made, as far as one knows before

        NewFile(Place source, Stat stat, Target target) {
            this.source = source;
            this.id = FileId.of(source, stat);
            this.target = target;
        }

        void make(Making making) {
            pipeline.then(() -> {
                Place at = place();
                if (at == null) {
                    return;
                }
                ErrnoException failure = null;
                try {
                    making.run(at);
                } catch (ErrnoException e) {
                    failure = e;
                }
                done(at, failure);
            });
        }

        @Override
        public @Nullable Place place() {
            Place at = reach(target);
            try {
                tried = at != null && (target.in() != null && target.in().made || mayReplace(at));
            } catch (ErrnoException e) {
                fail("cannot stat", source, e);
            }
            return tried ? at : null;
        }

        /// Whether there is nothing, or nothing that must stay.
        private boolean mayReplace(Place at) throws ErrnoException {
            if (!exists(at)) {
                return true;
            }
            if (id.equals(FileId.of(at, AT_SYMLINK_NOFOLLOW)) || isSame(id, at)) {
                fail("'" + source + "' and '" + at + "' are the same file");
            } else if (madeLinks.contains(at.toString())) {
                fail("will not copy '" + source + "' through '" + at + "', a symbolic link that was just made");
            } else if (isDirectory(at)) {
                fail("cannot overwrite directory '" + at + "' with non-directory");
            } else {
                if (moving) {
                    FileCopy.removeIfThere(at);
                }
                return true;
            }
            return false;
        }

        @Override
        public void done(Place at, @Nullable ErrnoException failure) {
            try {
                if (failure != null) {
                    throw failure;
                }
                if (metadata != null) {
                    metadata.get().give(at);
                }
                say("", source, at);
            } catch (ErrnoException e) {
                fail("cannot copy '" + source + "' to '" + at + "': " + Context.text(e));
            }
        }
    }

    private boolean isDirectory(Place target) {
        try {
            return (moving ? target.lstat() : target.stat()).isDirectory();
        } catch (ErrnoException e) {
            return false; // what is wrong is said when it is made
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
}
