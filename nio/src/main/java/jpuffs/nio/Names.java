// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Set;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;

/// The operations on names; those who watch the directories are told.
final class Names {
    private static final Set<Errno> REFUSALS = Set.of(Errno.EPERM, Errno.EROFS, Errno.EOPNOTSUPP);

    private Names() {}

    static void mkdir(Target directory, int mode) throws IOException {
        directory.act(p -> p.mkdirat(directory.dirfd(), directory.bytes(), mode));
        directory.watches().created(directory.shown());
    }

    static void symlink(Target link, byte[] text) throws IOException {
        ifThereAreLinks(link, () -> {
            link.act(p -> p.symlinkat(text, link.dirfd(), link.bytes()));
            return true;
        });
        link.watches().created(link.shown());
    }

    static void link(Target file, Target newName) throws IOException {
        ifThereAreLinks(newName, () -> {
            two(file, newName, p -> p.linkat(file.dirfd(), file.bytes(), newName.dirfd(), newName.bytes(), 0));
            return true;
        });
        newName.watches().created(newName.shown());
    }

    /// A type without links refuses to make one by EPERM, as Linux has it, or as what it can never do, by EROFS.
    ///
    /// @throws UnsupportedOperationException then
    private static void ifThereAreLinks(Target link, RumpFileSystem.Opening<Boolean> making) throws IOException {
        try {
            making.run();
        } catch (ReadOnlyFileSystemException | FileSystemException e) {
            boolean refused = e.getCause() instanceof ErrnoException cause && REFUSALS.contains(cause.errno());
            if (!refused || link.fs().isReadOnly()) {
                throw e;
            }
            throw new UnsupportedOperationException(link.fs() + " has no such links", e);
        }
    }

    /// @param flags AT_REMOVEDIR or 0
    static void unlink(Target file, int flags) throws IOException {
        Stat directory = flags != 0 && file.watches().areUsed() ? file.stat(false) : null;
        file.act(p -> p.unlinkat(file.dirfd(), file.bytes(), flags));
        file.watches().deleted(file.shown());
        if (directory != null) {
            file.watches().gone(FileKey.of(directory));
        }
    }

    /// Removes a file or an empty directory.
    static void remove(Target file) throws IOException {
        boolean directory = Mode.isDirectory(file.stat(false).attr().mode());
        unlink(file, directory ? Process.AT_REMOVEDIR : 0);
    }

    /// @param flags of renameat2(2)
    static void rename(Target file, Target newName, int flags) throws IOException {
        two(file, newName, p -> p.renameat2(file.dirfd(), file.bytes(), newName.dirfd(), newName.bytes(), flags));
        file.watches().deleted(file.shown());
        newName.watches().created(newName.shown());
    }

    private static void two(Target file, Target other, RumpFileSystem.Action action) throws IOException {
        if (!file.fs().equals(other.fs())) {
            throw new FileSystemException(file.shown().toString(), other.shown().toString(), Errno.EXDEV.text());
        }
        file.held(() -> other.held(() -> file.fs().call(file.shown(), other.shown(), p -> {
            action.run(p);
            return true;
        })));
    }
}
