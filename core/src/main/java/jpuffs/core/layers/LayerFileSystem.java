// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import java.io.IOException;
import java.util.function.Function;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import org.jspecify.annotations.Nullable;

/// A file system with a layer over each node.
record LayerFileSystem(FileSystem below, Function<Node, ? extends NodeLayer> layer) implements FileSystem {
    @Override
    public Node root() throws IOException {
        return layer.apply(below.root());
    }

    @Override
    public StatFs statfs() throws IOException {
        return below.statfs();
    }

    @Override
    public void sync() throws IOException {
        below.sync();
    }

    @Override
    public void unmount(boolean force) throws IOException {
        below.unmount(force);
    }

    @Override
    public @Nullable Node byIno(long ino) throws IOException {
        Node node = below.byIno(ino);
        return node == null ? null : layer.apply(node);
    }

    @Override
    public boolean isExportable() {
        return below.isExportable();
    }

    @Override
    public boolean isPrivate() {
        return below.isPrivate();
    }

    @Override
    public boolean listsUnopened() {
        return below.listsUnopened();
    }

    @Override
    public boolean isThreadSafe() {
        return below.isThreadSafe();
    }

    @Override
    public boolean keepsLocks() {
        return below.keepsLocks();
    }

    @Override
    public boolean keepsAcls() {
        return below.keepsAcls();
    }
}
