// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/// A plain directory of the host, on whatever file system it is: shows that the cases say what a kernel does.
public final class DirectoryEnv extends HostEnv {
    /// @param missing what the host's file system has not
    public DirectoryEnv(String name, Set<Feature> missing) {
        super(name + ", native", withFixed(missing));
    }

    private static Set<Feature> withFixed(Set<Feature> missing) {
        var all = EnumSet.of(Feature.REMOUNT, Feature.SIZE_LIMIT);
        all.addAll(missing);
        return all;
    }

    /// What the host's file systems are known not to have, of the one where new directories are made. Of a file
    /// system the cases were not tried on it is only known that it has names and bytes.
    public static Set<Feature> missingHere() {
        return switch (typeHere()) {
            case "ext4" -> EnumSet.noneOf(Feature.class);
            case "xfs" -> EnumSet.of(Feature.BTIME);
            case "tmpfs" -> EnumSet.of(Feature.ZERO_RANGE, Feature.COLLAPSE_RANGE);
            default -> EnumSet.complementOf(EnumSet.of(Feature.LINKS, Feature.SYMLINKS, Feature.LARGE_FILES));
        };
    }

    private static String typeHere() {
        try {
            Path made = newDirectory();
            try {
                return Files.getFileStore(made).type();
            } finally {
                Files.delete(made);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void newfs(long size) throws Exception {
        directory = newDirectory();
    }

    @Override
    protected void mount() {}

    @Override
    protected void remount(boolean readOnly) {
        throw new UnsupportedOperationException("a directory of the host");
    }

    @Override
    protected void unmount() {}

    @Override
    protected void fsck() {}

    @Override
    protected void abort() {}

    @Override
    protected void cleanUp() throws Exception {
        if (directory != null) {
            removeTree(directory);
        }
    }
}
