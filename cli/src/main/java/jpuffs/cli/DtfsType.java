// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.nio.file.Path;
import java.util.List;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.dtfs.Dtfs;
import jpuffs.sys.Sys;

/// `dtfs`: a file system in memory.
final class DtfsType implements FileServerType {
    private static final TypeOption SIZE = new TypeOption(
            "size", "BYTES", "the most data, as in 512m, 2g or 20%, 0 for no limit; default: half of memory");
    private static final TypeOption INODES =
            new TypeOption("nr_inodes", "N", "the most files; default: what half of the heap holds");
    private static final TypeOption MODE = new TypeOption("mode", "OCTAL", "permissions of the root; default: 1777");
    private static final TypeOption LOCKS =
            new TypeOption("locks", null, "the server keeps locks, not the kernel; default: nolocks");

    @Override
    public String name() {
        return "dtfs";
    }

    @Override
    public String summary() {
        return "a file system in memory";
    }

    @Override
    public Source source() {
        return Source.NONE;
    }

    @Override
    public List<TypeOption> options() {
        return List.of(SIZE, INODES, MODE, LOCKS);
    }

    @Override
    public MountOptions defaults(MountOptions base) {
        return FileServerType.cachedForEver(base);
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions options) throws Failure {
        try {
            Tmpfs.Options how = Tmpfs.Options.DEFAULT
                    .with("uid", Integer.toUnsignedString(Sys.geteuid()))
                    .with("gid", Integer.toUnsignedString(Sys.getegid()));
            for (TypeOption option : List.of(SIZE, INODES, MODE)) {
                String value = options.value(option);
                how = value == null ? how : how.with(option.name(), value);
            }
            return new Dtfs(options.flag(LOCKS, false) ? how.with(LOCKS.name(), "") : how);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }
}
