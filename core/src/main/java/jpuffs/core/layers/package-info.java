// SPDX-License-Identifier: BSD-2-Clause
/// File systems on top of file systems, and on top of paths.
///
/// * [jpuffs.core.layers.NodeLayer]: passes every operation on; a subclass changes some.
/// * [jpuffs.core.layers.NameMod]: shows other names than those of the tree below, as
///   puffs_set_namemod(3) does.
/// * [jpuffs.core.layers.PathFileSystem]: for servers that think in paths and not in nodes;
///   [jpuffs.core.layers.PathView] makes a file system of one.
///
/// ```java
/// FileSystem shout = NameMod.over(below, new UpperCase());
/// FileSystem slow = NodeLayer.over(below, Slow::new);   // class Slow extends NodeLayer
/// FileSystem db = PathView.of(new DatabaseFs());        // class DatabaseFs implements PathFileSystem
/// ```
@NullMarked
package jpuffs.core.layers;

import org.jspecify.annotations.NullMarked;
