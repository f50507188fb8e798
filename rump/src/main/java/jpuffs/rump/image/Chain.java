// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;

/// The files that stand on each other, from the image down to one of them. Names of backing files are believed only
/// as far as [ImageHost.Backing] goes.
final class Chain {
    private static final int MAX_DEPTH = 32;

    /// As QEMU calls them.
    private static final List<String> FORMATS = List.of("", "raw", "qcow2", "vpc", "vhdx", "vmdk");

    private final ImageHost host;
    private final ImageFile top;
    private final Set<Path> opened; // real paths

    Chain(ImageHost host, ImageFile top) throws IOException {
        this(host, top, Set.of());
    }

    private Chain(ImageHost host, ImageFile top, Set<Path> above) throws IOException {
        this.host = host;
        this.top = top;
        this.opened = new HashSet<>(above);
        opened.add(top.path().toRealPath());
    }

    ImageHost host() {
        return host;
    }

    /// Opens what the image stands on, read-only.
    ///
    /// @param name as the image has it: a path, from the directory of the image if it is not absolute
    /// @param format as the image has it, or empty: then it is told by the content
    BlockDevice open(String name, String format) throws IOException {
        Path path = allowed(name);
        if (!FORMATS.contains(format)) {
            throw EOPNOTSUPP.error("%s stands on %s of format %s", top.path(), name, format);
        }
        if (opened.contains(path)) {
            throw ELOOP.error("%s stands on itself", path);
        }
        if (opened.size() >= MAX_DEPTH) {
            throw ELOOP.error("%s: more than %d images on each other", top.path(), MAX_DEPTH);
        }
        ImageFile file = host.open(path, true);
        boolean done = false;
        try {
            ImageFormat content = format.equals("raw") ? ImageFormat.RAW : ImageFormat.of(file);
            if (content == ImageFormat.RAW && !FORMATS.subList(0, 2).contains(format)) {
                throw EINVAL.error("%s stands on %s, which is not %s", top.path(), name, format);
            }
            BlockDevice disk = Images.container(content, new Chain(host, file, opened), file, "");
            done = true;
            return disk;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /// The real path of a name, which may be opened.
    private Path allowed(String name) throws IOException {
        if (host.backing() == ImageHost.Backing.NONE) {
            throw forbidden(name, "and no backing files are allowed");
        }
        if (name.matches("[a-zA-Z][a-zA-Z0-9+.-]*:.*")) {
            throw EOPNOTSUPP.error("%s stands on %s, which is not a path", top.path(), name);
        }
        Path near = top.path().toRealPath().getParent();
        Path path;
        try {
            path = (near == null ? Path.of(name) : near.resolve(name)).toRealPath();
        } catch (InvalidPathException e) {
            throw EINVAL.error("%s stands on %s, which is no path", top.path(), name);
        }
        if (host.backing() == ImageHost.Backing.NEAR && (near == null || !path.startsWith(near))) {
            throw forbidden(name, "which is not in its directory or below (PUFFS_BACKING=any allows it)");
        }
        boolean device = host.backing() == ImageHost.Backing.ANY && path.startsWith("/dev");
        if (!Files.isRegularFile(path) && !device) {
            throw forbidden(name, "which is no regular file");
        }
        return path;
    }

    private ErrnoException forbidden(String name, String why) {
        return EPERM.error("%s stands on %s, %s", top.path(), name, why);
    }
}
