// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.servers.dtfs.Dtfs;

/// `dtfs`: a file system in memory.
final class DtfsType implements FileServerType {
    /// Nobody else changes the files, so the kernel may believe what it knows.
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private static final TypeOption SIZE =
            new TypeOption("size", "BYTES", "the most data, with k, m, g or t, 0 for no limit; default half of memory");
    private static final TypeOption INODES =
            new TypeOption("nr_inodes", "N", "the most files; default what fits into half of the heap");
    private static final TypeOption MODE = new TypeOption("mode", "OCTAL", "permissions of the root; default 1777");
    private static final TypeOption LOCKS =
            new TypeOption("locks", null, "keep advisory locks here and not in the kernel; default no");

    private static final long MOST_INODES = 1L << 40;

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
        return base.withAttrTtl(FOR_EVER)
                .withEntryTtl(FOR_EVER)
                .withNegativeTtl(FOR_EVER)
                .withAutoCache(false);
    }

    @Override
    public FileSystem open(String source, Path dir, TypeOptions options) throws Failure {
        Dtfs.Options defaults = Dtfs.Options.DEFAULT;
        return new Dtfs(new Dtfs.Options(
                options.bytes(SIZE, defaults.size()),
                options.count(INODES, MOST_INODES, defaults.inodes()),
                options.mode(MODE, defaults.mode()),
                defaults.uid(),
                defaults.gid(),
                options.flag(LOCKS, defaults.locks())));
    }
}
