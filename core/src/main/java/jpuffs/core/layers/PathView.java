// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import java.io.IOException;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.StatFs;

/// The nodes of a [PathFileSystem]. A node that the driver knows follows its file through renames, of
/// directories above it too. Not thread-safe.
public final class PathView implements FileSystem {
    private final PathFileSystem paths;
    private final PathNode root;

    private PathView(PathFileSystem paths) {
        this.paths = paths;
        this.root = new PathNode(paths);
    }

    /// The file system whose nodes are the paths of `paths`.
    public static FileSystem of(PathFileSystem paths) {
        return new PathView(paths);
    }

    @Override
    public Node root() {
        return root;
    }

    @Override
    public StatFs statfs() throws IOException {
        return paths.statfs();
    }
}
