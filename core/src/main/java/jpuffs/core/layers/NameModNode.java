// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import java.io.IOException;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// A node whose entries have other names, see [NameMod].
final class NameModNode extends NodeLayer {
    private final NameMod mod;

    NameModNode(Node below, NameMod mod) {
        super(below, node -> new NameModNode(node, mod));
        this.mod = mod;
    }

    /// The name below; `.` and `..`, which only look-ups know, stay.
    private Name map(Name name) throws IOException {
        return name.isDot() || name.isDotDot() ? name : mod.find(below(), name);
    }

    @Override
    protected DirSink layer(DirSink sink) {
        return (name, ino, mode, cookie) -> {
            Name above = name.isDot() || name.isDotDot() ? name : mod.above(name);
            return above == null || sink.add(above, ino, mode, cookie);
        };
    }

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        return super.lookup(map(name));
    }

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        return super.mknod(map(name), mode, rdev, cred);
    }

    @Override
    public Handle create(Name name, int mode, int flags, Cred cred) throws IOException {
        return super.create(map(name), mode, flags, cred);
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        return super.mkdir(map(name), mode, cred);
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        return super.symlink(map(name), target, cred);
    }

    @Override
    public void link(Node target, Name name) throws IOException {
        super.link(target, map(name));
    }

    @Override
    public void unlink(Name name) throws IOException {
        super.unlink(map(name));
    }

    @Override
    public void rmdir(Name name) throws IOException {
        super.rmdir(map(name));
    }

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        Name to = newDirectory instanceof NameModNode directory ? directory.map(newName) : newName;
        super.rename(map(name), newDirectory, to, flags);
    }
}
