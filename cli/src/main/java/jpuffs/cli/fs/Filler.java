// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Time;
import jpuffs.rumpfs.RumpFsType;
import org.jspecify.annotations.Nullable;

/// Makes files in a new file system, so that the same files make it the same. A file that it cannot have is an
/// error, since an image that lacks something is none of this tree; what it cannot have of a file is left out, and
/// [#notes()] tells of it.
final class Filler extends Maker {
    private final RumpFsType type;
    private final String typeName;
    private final @Nullable Time latest;
    private final FileCopy data;
    private int copied;
    private int stripped;

    /// @param typeName what the user calls it
    /// @param latest no time of a file is later; null for those they have
    Filler(RumpFsType type, String typeName, @Nullable Time latest, FileCopy data) {
        this.type = type;
        this.typeName = typeName;
        this.latest = latest;
        this.data = data;
    }

    /// The time a file gets.
    static Time clamp(Time time, @Nullable Time latest) {
        return latest != null && time.compareTo(latest) > 0 ? latest : time;
    }

    /// In archives a name may come again, and the last counts: where names are not told apart by their letters'
    /// case, that would be another file's.
    @Override
    void clear(Place target) throws ErrnoException {
        if (type.isCaseSensitive()) {
            super.clear(target);
        } else {
            requireFree(target);
        }
    }

    private void requireFree(Place target) throws ErrnoException {
        try {
            target.lstat();
        } catch (ErrnoException e) {
            if (e.errno() == ENOENT) {
                return;
            }
            throw e;
        }
        throw EEXIST.error("to %s its name is that of another file there", typeName);
    }

    /// A directory that is met once, or that the file system came with.
    void directory(Place target) throws ErrnoException {
        if (target.base().length() == 0) {
            return;
        }
        if (!type.isCaseSensitive()) {
            requireFree(target);
        }
        if (!target.isDirectory()) {
            target.mkdir(0700);
        }
    }

    void file(Place source, Attr attr, Place target) throws ErrnoException {
        clear(target);
        data.copyNow(source, attr, target);
    }

    @Override
    void symlink(byte[] to, Place target) throws ErrnoException {
        try {
            super.symlink(to, target);
        } catch (ErrnoException e) {
            throw refusal(e, Mode.S_IFLNK, "leave it out, or make the image of a copy by cp -rL");
        }
    }

    @Override
    void special(int mode, int rdev, Place target) throws ErrnoException {
        try {
            super.special(mode, rdev, target);
        } catch (ErrnoException e) {
            throw refusal(e, mode, "leave it out");
        }
    }

    private ErrnoException refusal(ErrnoException e, int mode, String advice) {
        return Metadata.isLacking(e)
                ? EOPNOTSUPP.error("a %s, which %s cannot have: %s", Text.type(mode, 1), typeName, advice)
                : e;
    }

    /// Where a file has one name only, the other one is a copy.
    @Override
    void link(Place first, Place target) throws ErrnoException {
        try {
            super.link(first, target);
        } catch (ErrnoException e) {
            if (!Metadata.isLacking(e)) {
                throw e;
            }
            Attr attr = first.lstat();
            data.copyNow(first, attr, target);
            super.give(Metadata.of(first, attr), target);
            copied++;
        }
    }

    @Override
    void give(Metadata metadata, Place target) throws ErrnoException {
        if (!metadata.at(clamp(metadata.mtime(), latest)).give(target)) {
            stripped++;
        }
    }

    /// What the file system has not of the files it has, a line each.
    List<String> notes() {
        var notes = new ArrayList<String>();
        if (copied > 0) {
            notes.add(typeName + " has no hard links: so many names have become files of their own: " + copied);
        }
        if (stripped > 0) {
            notes.add(typeName + " cannot have all extended attributes of so many files: " + stripped);
        }
        return notes;
    }
}
