// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Time;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;
import org.jspecify.annotations.Nullable;

/// Files that a new file system is made of: a directory of the host or of an image, or a tar archive. The same
/// files make the same bytes.
///
/// ```
/// try (Tree tree = Tree.open("rootfs.tar.xz", servers, Tree.latest(System.getenv("SOURCE_DATE_EPOCH")))) {
///     Rumpuser host = tree.host("ext4 67108864");
///     type.newfs(disk, options, host);
///     List<String> notes = tree.fill(disk, type, "ext4", host);
/// }
/// ```
public abstract sealed class Tree implements AutoCloseable permits FolderTree, ArchiveTree {
    private final @Nullable Time latest;
    private final Progress progress = Progress.of(System.err);

    Tree(@Nullable Time latest) {
        this.latest = latest;
    }

    /// Opens one.
    ///
    /// @param from a path of the host, or `IMAGE:/PATH`
    /// @param latest files that are younger get this time, which is also the time of the file system; null for
    ///     the times they have, and that of the newest
    public static Tree open(String from, Servers servers, @Nullable Time latest) throws IOException {
        Operand operand = Operand.parse(from);
        boolean onHost = operand.prefix().isEmpty();
        return onHost && !Files.isDirectory(Path.of(from))
                ? ArchiveTree.open(Path.of(from), latest)
                : FolderTree.open(operand, servers, latest);
    }

    /// The value of `SOURCE_DATE_EPOCH` as a time; null if it is not set.
    ///
    /// @throws ErrnoException EINVAL
    public static @Nullable Time latest(@Nullable String text) throws ErrnoException {
        if (text == null || text.isEmpty()) {
            return null;
        }
        if (!text.matches("[0-9]{1,12}")) {
            throw EINVAL.error("SOURCE_DATE_EPOCH=%s: must be the seconds since 1970", text);
        }
        return new Time(Long.parseLong(text), 0);
    }

    /// A host on which this tree makes the same file system each time. Looks at all files.
    ///
    /// @param salt what else the file system depends on: others are to have another UUID
    public final Rumpuser host(String salt) throws IOException {
        var print = new Fingerprint(salt, latest);
        scan(print);
        return print.host();
    }

    /// Copies all into a new file system.
    ///
    /// @param typeName what the user calls it
    /// @return what it cannot have of its files, a line each
    /// @throws IOException with the name of the file that cannot be copied: EOPNOTSUPP for one of a type that
    ///     there is not, EEXIST for two names that are one, ENOSPC
    public final List<String> fill(BlockDevice disk, RumpFsType type, String typeName, Rumpuser host)
            throws IOException {
        try (var pipeline = new Pipeline();
                var kernel = new Kernel(type.mount(disk, FsOptions.NONE, host), 0, host)) {
            Process process = kernel.newProcess(Cred.ROOT);
            int _ = process.umask(0);
            var filler = new Filler(type, typeName, latest, new FileCopy(pipeline, progress));
            copy(new Place(new Volume(process, type.name(), 0), "", "/".getBytes(UTF_8)), filler);
            process.close();
            kernel.unmountAll();
            return filler.notes();
        }
    }

    /// Tells of all files.
    abstract void scan(Fingerprint print) throws IOException;

    /// Makes all files.
    abstract void copy(Place top, Filler filler) throws IOException;

    /// The failure, with the name of what it concerns.
    static ErrnoException named(String name, ErrnoException e) {
        return e.errno().error("%s: %s", name, FsCommand.reason(e));
    }

    @Override
    public void close() throws IOException {
        progress.clear();
    }
}
