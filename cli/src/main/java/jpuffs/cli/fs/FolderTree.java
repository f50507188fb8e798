// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A tree that is a directory. Its files come in the order of their names.
final class FolderTree extends Tree {
    private final Volumes volumes;
    private final Place folder;
    private final Map<FileId, Place> links = new HashMap<>();

    private FolderTree(Volumes volumes, Place folder, @Nullable Time latest) {
        super(latest);
        this.volumes = volumes;
        this.folder = folder;
    }

    static Tree open(Operand operand, Servers servers, @Nullable Time latest) throws IOException {
        var volumes = new Volumes(servers);
        boolean done = false;
        try {
            var tree = new FolderTree(volumes, volumes.place(operand), latest);
            done = true;
            return tree;
        } finally {
            if (!done) {
                volumes.close();
            }
        }
    }

    @Override
    void scan(Fingerprint print) throws IOException {
        scan(folder, "", print);
    }

    private static void scan(Place place, String path, Fingerprint print) throws ErrnoException {
        Attr attr;
        List<Place> children;
        try {
            attr = place.lstat();
            children = attr.isDirectory() ? place.list() : List.of();
        } catch (ErrnoException e) {
            throw named(place.toString(), e);
        }
        print.add(path, attr.mode(), attr.size(), attr.mtime());
        for (Place child : children) {
            scan(child, path + "/" + TarEntry.text(child.base().toBytes()), print);
        }
    }

    @Override
    void copy(Place top, Filler filler) throws IOException {
        copy(folder, top, filler);
    }

    private void copy(Place source, Place target, Filler filler) throws ErrnoException {
        Attr attr;
        List<Place> children;
        try {
            attr = source.lstat();
            make(source, attr, target, filler);
            children = attr.isDirectory() ? source.list() : List.of();
        } catch (ErrnoException e) {
            throw named(source.toString(), e);
        }
        for (Place child : children) {
            copy(child, target.child(child.base()), filler);
        }
        try {
            filler.give(Metadata.of(source, attr), target);
        } catch (ErrnoException e) {
            throw named(source.toString(), e);
        }
    }

    private void make(Place source, Attr attr, Place target, Filler filler) throws ErrnoException {
        if (attr.isDirectory()) {
            filler.directory(target);
            return;
        }
        Place first = attr.nlink() > 1 ? links.putIfAbsent(FileId.of(source, AT_SYMLINK_NOFOLLOW), target) : null;
        if (first != null) {
            filler.clear(target);
            filler.link(first, target);
        } else if (attr.isRegular()) {
            filler.file(source, attr, target);
        } else if (attr.isSymlink()) {
            filler.symlink(source.readlink(), target);
        } else {
            filler.special(attr.mode(), attr.rdev(), target);
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        volumes.close();
    }
}
