// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import java.io.IOException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// Other names for the files of a tree: what is looked up, made, moved and removed under a name here has
/// another name there.
///
/// ```java
/// FileSystem fs = NameMod.over(below, new Rot13());
/// ```
///
/// The targets of symbolic links stay as they are: they are followed through the layer. (NetBSD:
/// puffs_set_namemod(3).)
public interface NameMod {
    /// The name that a new file called `name` gets in the tree below.
    ///
    /// @throws IOException for a name that cannot be, as EILSEQ
    Name below(Name name) throws IOException;

    /// The name that users see for `name` of the tree below; null hides it from readdir.
    @Nullable
    Name above(Name name);

    /// The name of the file called `name` in `directory`, a node of the tree below; if there is none, of a
    /// new one. For names that are not simply mapped, as where case does not matter. Default:
    /// [#below(Name)].
    ///
    /// Must not look files up there: that would make the tree below believe that the driver knows them.
    default Name find(Node directory, Name name) throws IOException {
        return below(name);
    }

    /// The file system `below` with its names changed by `mod`.
    static FileSystem over(FileSystem below, NameMod mod) {
        return NodeLayer.over(below, node -> new NameModNode(node, mod));
    }
}
