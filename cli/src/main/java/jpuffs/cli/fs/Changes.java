// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;

/// mkdir, ln, chmod, chown and rm.
final class Changes {
    private Changes() {}

    static void mkdir(Context context, List<Place> places) throws UsageException {
        for (Place place : places) {
            ModeChange mode = ModeChange.parse(
                    context.options().value("m", "777"), place.volume().umask());
            try {
                if (!context.has("p") || !place.isDirectory()) {
                    makeDirectory(context, place, mode);
                }
            } catch (ErrnoException e) {
                context.complain("cannot create directory", place, e);
            }
        }
    }

    private static void makeDirectory(Context context, Place place, ModeChange mode) throws ErrnoException {
        if (context.has("p")) {
            var missing = new ArrayList<Place>();
            for (Place at = place.parent(); !at.isDirectory() && at.base().length() > 0; at = at.parent()) {
                missing.add(at);
            }
            for (Place at : missing.reversed()) {
                at.mkdir(0777);
            }
        }
        place.mkdir(0777);
        if (context.has("m")) {
            place.calls().fchmodat(place.dir(), place.at(), mode.apply(0777) & Mode.PERMISSIONS, 0);
        }
    }

    static void ln(Context context, List<Place> places) throws UsageException {
        boolean symbolic = context.has("s");
        if (places.size() != (symbolic ? 1 : 2)) {
            throw new UsageException("wants a file and the name of a link");
        }
        String target = context.options().operands().getFirst();
        Place last = places.getLast();
        Place link = last.isDirectory()
                ? last.child(symbolic ? base(target) : places.getFirst().base())
                : last;
        try {
            if (context.has("f")) {
                FileCopy.removeIfThere(link);
            }
            if (symbolic) {
                link.calls().symlinkat(target.getBytes(UTF_8), link.dir(), link.at());
            } else if (places.getFirst().volume().equals(link.volume())) {
                link.calls().linkat(places.getFirst().dir(), places.getFirst().at(), link.dir(), link.at(), 0);
            } else {
                throw Errno.EXDEV.error();
            }
        } catch (ErrnoException e) {
            context.complain("failed to create " + (symbolic ? "symbolic" : "hard") + " link", link, e);
        }
    }

    private static Name base(String target) {
        return Name.of(target.substring(target.lastIndexOf('/') + 1));
    }

    /// Does one thing to a file.
    @FunctionalInterface
    private interface Action {
        void run(Place place, Attr attr) throws ErrnoException;
    }

    /// To a file and, with `-R`, to all below it before; links are not followed then.
    private static void each(Context context, Place place, boolean follow, String what, Action action) {
        try {
            Attr attr = follow ? place.stat() : place.lstat();
            if (context.has("R") && attr.isDirectory()) {
                for (Place child : place.list()) {
                    each(context, child, false, what, action);
                }
            }
            action.run(place, attr);
        } catch (ErrnoException e) {
            context.complain(what, place, e);
        }
    }

    static void chmod(Context context, List<Place> places) throws UsageException {
        String word = context.options().operands().getFirst();
        for (Place each : places) {
            ModeChange change = ModeChange.parse(word, each.volume().umask());
            each(context, each, true, "changing permissions of", (place, attr) -> {
                if (!attr.isSymlink()) {
                    int mode = change.apply(attr.mode()) & Mode.PERMISSIONS;
                    place.calls().fchmodat(place.dir(), place.at(), mode, 0);
                }
            });
        }
    }

    static void chown(Context context, List<Place> places) throws UsageException {
        String word = context.options().operands().getFirst();
        if (!word.matches("[0-9]{1,10}|[0-9]{0,10}:[0-9]{0,10}")) {
            throw new UsageException("invalid owner: '" + word + "': numbers, as in 1000:1000");
        }
        String[] ids = word.split(":", -1);
        int uid = id(ids[0]);
        int gid = ids.length > 1 ? id(ids[1]) : -1;
        boolean follow = !context.has("h") && !context.has("R");
        for (Place each : places) {
            each(
                    context,
                    each,
                    follow,
                    "changing ownership of",
                    (place, _) -> place.calls()
                            .fchownat(place.dir(), place.at(), uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW));
        }
    }

    private static int id(String digits) throws UsageException {
        long id = digits.isEmpty() ? -1 : Long.parseLong(digits);
        if (id >= 0xffff_ffffL) {
            throw new UsageException("invalid owner: " + digits + " is too large");
        }
        return (int) id;
    }

    static void rm(Context context, List<Place> places) {
        for (Place place : places) {
            if (place.base().length() == 0) {
                context.complain("refusing to remove '" + place + "', the root");
            } else {
                remove(context, place);
            }
        }
    }

    /// Removes it, and with `-r` what is in it.
    private static void remove(Context context, Place place) {
        try {
            Attr attr = place.lstat();
            boolean recursive = context.has("r") || context.has("R");
            if (attr.isDirectory() && !recursive) {
                throw Errno.EISDIR.error();
            }
            if (attr.isDirectory()) {
                for (Place child : place.list()) {
                    remove(context, child);
                }
            }
            place.unlink(attr);
            if (context.has("v")) {
                context.out().println("removed " + (attr.isDirectory() ? "directory '" : "'") + place + "'");
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT || !context.has("f")) {
                context.complain("cannot remove", place, e);
            }
        }
    }
}
