// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EREMOTEIO;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Sftp;
import org.jspecify.annotations.Nullable;

/// What it means that the server refuses something about a name in a directory. The protocol says "failure" for
/// most: the server is asked for what is there.
final class Refusals {
    private final RemoteDirectory directory;

    /// A renaming that was refused.
    ///
    /// @param name what was to be moved
    /// @param replace whether something in the way was to be replaced
    record Move(Name name, RemoteDirectory to, Name newName, boolean replace) {}

    Refusals(RemoteDirectory directory) {
        this.directory = directory;
    }

    private @Nullable FileAttrs find(Name name) throws IOException {
        return directory.fs.find(directory.path(name));
    }

    private static boolean isDirectory(@Nullable FileAttrs attrs) {
        return attrs != null && Mode.isDirectory(RemoteNode.mode(attrs));
    }

    /// The connection was lost meanwhile, if that is what `e` says: nobody knows what there is by the name now.
    private static ErrnoException orInDoubt(ErrnoException e, RemoteDirectory directory, Name name) {
        if (e.errno() == EIO) {
            directory.names().doubt(name);
            directory.changed();
        }
        return e;
    }

    /// EEXIST, if there is something by that name on the server.
    ErrnoException making(ErrnoException e, Name name) throws IOException {
        if (e.errno() != EREMOTEIO) {
            return orInDoubt(e, directory, name);
        }
        if (find(name) != null) {
            directory.names().doubt(name);
            return EEXIST.error("on the server");
        }
        return directory.fs.explain(e, directory);
    }

    /// ENOTEMPTY, ENOTDIR, EISDIR.
    ErrnoException removing(ErrnoException e, Name name, boolean asDirectory) throws IOException {
        if (e.errno() == ENOENT) { // somebody else was faster
            directory.names().doubt(name);
            directory.names().remove(name);
            return e;
        }
        if (e.errno() != EREMOTEIO) {
            return orInDoubt(e, directory, name);
        }
        boolean isDirectory = isDirectory(find(name));
        if (asDirectory) {
            return (isDirectory ? ENOTEMPTY : ENOTDIR).error("on the server");
        }
        return isDirectory ? EISDIR.error("on the server") : directory.fs.explain(e, directory);
    }

    /// EEXIST, EISDIR, ENOTDIR, ENOTEMPTY; EPERM from servers that cannot replace; EXDEV if nothing explains why it
    /// cannot go to another directory, so that it is copied.
    ErrnoException renaming(ErrnoException e, Move move) throws IOException {
        if (e.errno() != EREMOTEIO) {
            orInDoubt(e, directory, move.name);
            return orInDoubt(e, move.to, move.newName);
        }
        FileAttrs there = directory.fs.find(move.to.path(move.newName));
        if (there == null) {
            boolean same = move.to.equals(directory);
            return same ? directory.fs.explain(e, directory) : EXDEV.error("on the server");
        }
        if (!move.replace) {
            return EEXIST.error("on the server");
        }
        if (!directory.has(Sftp.POSIX_RENAME)) {
            return EPERM.error("the server cannot replace %s at once (workaround=rename does)", move.newName);
        }
        boolean toDirectory = isDirectory(there);
        if (isDirectory(find(move.name)) != toDirectory) {
            return (toDirectory ? EISDIR : ENOTDIR).error("on the server");
        }
        return toDirectory ? ENOTEMPTY.error("on the server") : directory.fs.explain(e, directory);
    }
}
