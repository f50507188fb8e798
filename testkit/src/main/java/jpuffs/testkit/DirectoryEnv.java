// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

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
