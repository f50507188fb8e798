// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Entry;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.jspecify.annotations.Nullable;

/// A node over a node: passes every operation on to the one below, and wraps each node that comes back. A subclass
/// overrides what shall be different:
///
/// ```java
/// final class ReadOnly extends NodeLayer {
///     ReadOnly(Node below) { super(below, ReadOnly::new); }
///     @Override public int write(MemorySegment src, long off) throws IOException { throw EROFS.error(); }
///     ...
/// }
/// FileSystem fs = NodeLayer.over(below, ReadOnly::new);
/// ```
///
/// Layers of one class over equal nodes are equal, so nothing need be remembered. Open files have layers of their
/// own, see [#layer(Handle)]: who changes reading or writing changes it there too.
public class NodeLayer implements Node {
    private final Node below;
    private final Function<Node, ? extends NodeLayer> layer;

    /// @param layer makes the layer over another node of the same tree: the constructor of the subclass
    protected NodeLayer(Node below, Function<Node, ? extends NodeLayer> layer) {
        this.below = below;
        this.layer = layer;
    }

    /// The file system `below` with a layer over each of its nodes.
    public static FileSystem over(FileSystem below, Function<Node, ? extends NodeLayer> layer) {
        return new LayerFileSystem(below, layer);
    }

    /// The node this is a layer over.
    public final Node below() {
        return below;
    }

    /// The layer over an open file of the node below. Default: passes everything on.
    protected Handle layer(Handle open) {
        return new HandleLayer(this, open);
    }

    /// The layer over what takes entries of this directory, in readdir of nodes and of handles. Default: none.
    protected DirSink layer(DirSink sink) {
        return sink;
    }

    private Node layer(Node node) {
        return layer.apply(node);
    }

    /// The node below `node`, which is a layer of the same class. EXDEV.
    private Node below(Node node) throws ErrnoException {
        if (node instanceof NodeLayer other && other.getClass() == getClass()) {
            return other.below;
        }
        throw EXDEV.error();
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof NodeLayer node && node.getClass() == getClass() && node.below.equals(below);
    }

    @Override
    public final int hashCode() {
        return below.hashCode();
    }

    @Override
    public Attr getattr() throws IOException {
        return below.getattr();
    }

    @Override
    public long generation() {
        return below.generation();
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        return below.setattr(change);
    }

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        Node found = below.lookup(name);
        return found == null ? null : layer(found);
    }

    @Override
    public @Nullable Entry entry(Name name) throws IOException {
        Node found = lookup(name);
        return found == null ? null : new Entry(found, found.getattr());
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        below.readdir(cookie, layer(sink));
    }

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        return layer(below.mknod(name, mode, rdev, cred));
    }

    @Override
    public Handle create(Name name, int mode, int flags, Cred cred) throws IOException {
        return layerOver(below.create(name, mode, flags, cred));
    }

    @Override
    public Handle tmpfile(int mode, int flags, Cred cred) throws IOException {
        return layerOver(below.tmpfile(mode, flags, cred));
    }

    /// The layer over an open file of another node.
    private Handle layerOver(Handle open) {
        return layer.apply(open.node()).layer(open);
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        return layer(below.mkdir(name, mode, cred));
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        return layer(below.symlink(name, target, cred));
    }

    @Override
    public void link(Node target, Name name) throws IOException {
        below.link(below(target), name);
    }

    @Override
    public void unlink(Name name) throws IOException {
        below.unlink(name);
    }

    @Override
    public void rmdir(Name name) throws IOException {
        below.rmdir(name);
    }

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        below.rename(name, below(newDirectory), newName, flags);
    }

    @Override
    public byte[] readlink() throws IOException {
        return below.readlink();
    }

    @Override
    public Handle open(int flags) throws IOException {
        return layer(below.open(flags));
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return below.read(dst, off);
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return below.write(src, off);
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        below.fsync(dataOnly);
    }

    @Override
    public void fallocate(int mode, long off, long len) throws IOException {
        below.fallocate(mode, off, len);
    }

    @Override
    public long seek(long off, boolean hole) throws IOException {
        return below.seek(off, hole);
    }

    @Override
    public long copyFileRange(long off, Node target, long targetOff, long len) throws IOException {
        return below.copyFileRange(off, below(target), targetOff, len);
    }

    @Override
    public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        return below.ioctl(command, in, out);
    }

    @Override
    public int poll(int events, @Nullable Runnable waker) throws IOException {
        return below.poll(events, waker);
    }

    @Override
    public @Nullable Lock getlk(Lock lock) throws IOException {
        return below.getlk(lock);
    }

    @Override
    public void setlk(Lock lock, boolean wait) throws IOException {
        below.setlk(lock, wait);
    }

    @Override
    public byte @Nullable [] getxattr(Name name) throws IOException {
        return below.getxattr(name);
    }

    @Override
    public List<Name> listxattr() throws IOException {
        return below.listxattr();
    }

    @Override
    public void setxattr(Name name, byte[] value, int flags) throws IOException {
        below.setxattr(name, value, flags);
    }

    @Override
    public void removexattr(Name name) throws IOException {
        below.removexattr(name);
    }

    @Override
    public void inactive() throws IOException {
        below.inactive();
    }

    @Override
    public void reclaim(long answers) throws IOException {
        below.reclaim(answers);
    }
}
