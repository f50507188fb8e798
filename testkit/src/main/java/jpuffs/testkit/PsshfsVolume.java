// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.servers.psshfs.Options;
import jpuffs.servers.psshfs.Psshfs;
import jpuffs.servers.psshfs.Remote;
import jpuffs.sys.Mounts;
import org.jspecify.annotations.Nullable;

/// A [Psshfs] of a tmpfs, served by OpenSSH's own sftp-server over a socket pair, or by what a program leads to.
public final class PsshfsVolume implements Volume {
    private static final List<String> SERVERS =
            List.of("/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server");

    private final Options options;
    private @Nullable Path source;

    /// @param options beside the command
    public PsshfsVolume(Options options) {
        this(options, server());
    }

    /// @param options beside the command
    /// @param command a program that serves on its standard input and output
    public PsshfsVolume(Options options, String command) {
        this.options = options.with("command", command);
    }

    /// OpenSSH's program, wherever the distribution has it; empty if it has none.
    public static String server() {
        return SERVERS.stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElse("sftp-server");
    }

    /// What version 3 of the protocol cannot say, or the server does not do.
    public static Set<Feature> missing() {
        return EnumSet.of(
                Feature.LINK_COUNTS,
                Feature.INODES,
                Feature.FIFOS,
                Feature.DEVICES,
                Feature.DIRECTORY_LINKS,
                Feature.NANOSECONDS,
                Feature.WIDE_TIMES,
                Feature.CTIME,
                Feature.ATIME,
                Feature.BTIME,
                Feature.SPARSE,
                Feature.SEEK_HOLE,
                Feature.FALLOCATE,
                Feature.PUNCH_HOLE,
                Feature.ZERO_RANGE,
                Feature.TMPFILE,
                Feature.RENAME_FLAGS,
                Feature.WHITEOUT,
                Feature.XATTRS,
                Feature.TRUSTED_XATTRS,
                Feature.ACLS,
                Feature.MAP_TIMES,
                Feature.WRITE_ERRORS,
                Feature.LONG_PATHS,
                Feature.FILE_HANDLES);
    }

    @Override
    public void newfs(long size) throws Exception {
        remove();
        Path made = HostEnv.newDirectory();
        source = made;
        String limit = size == 0 ? "mode=0755" : "mode=0755,size=" + size;
        Mounts.mount(Name.of("testkit"), HostEnv.name(made), "tmpfs", 0, limit);
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Override
    public FileSystem open() throws Exception {
        return Psshfs.open(
                new Remote(null, "here", requireNonNull(source, "not made").toString()), options);
    }

    @Override
    public void remove() throws Exception {
        if (source != null) {
            HostEnv.detach(source);
            HostEnv.removeTree(source);
            source = null;
        }
    }
}
