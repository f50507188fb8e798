// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import org.jspecify.annotations.Nullable;

/// A small file system in memory that keeps the books of what a driver does with it: how often each node was
/// answered and reclaimed, which handles are open. Not thread-safe.
final class MemFs implements FileSystem {
    /// Runs before each operation.
    interface Before {
        void operation(String name) throws IOException;
    }

    static final int MAX_SIZE = 1 << 20;
    static final int MAX_NODES = 5_000;

    /// All nodes that have a name or are known to the driver, by inode number.
    final TreeMap<Long, MemNode> nodes = new TreeMap<>();

    /// What the driver did wrong.
    final List<String> complaints = new ArrayList<>();

    final Map<String, Integer> calls = new LinkedHashMap<>();
    final MemNode root;
    Before before = _ -> {};
    boolean exportable;
    boolean listsUnopened;
    boolean keepsLocks;
    boolean keepsAcls;
    int openHandles;
    int unmounts;
    int syncs;

    @Nullable
    Errno veto;

    private long nextIno = 100;

    MemFs() {
        root = add(0040755);
    }

    MemNode add(int mode) {
        var node = new MemNode(this, nextIno++, mode);
        nodes.put(node.ino, node);
        return node;
    }

    /// Every operation begins here.
    void enter(String operation) throws IOException {
        before.operation(operation);
        calls.merge(operation, 1, Integer::sum);
    }

    /// A node that nobody can come to any more is gone.
    void collect(MemNode node) {
        if (node.nlink == 0 && node.answered == 0 && node.handles == 0) {
            nodes.remove(node.ino);
        }
    }

    int calls(String operation) {
        return calls.getOrDefault(operation, 0);
    }

    /// After the session was closed: all was released and forgotten, in the right order.
    void assertAllGivenBack() {
        assertThat(complaints).isEmpty();
        assertThat(openHandles).as("open handles").isZero();
        assertThat(nodes.values()).as("nodes the driver still knows").noneMatch(node -> node.answered != 0);
    }

    @Override
    public Node root() {
        root.answered++;
        return root;
    }

    @Override
    public StatFs statfs() throws IOException {
        enter("statfs");
        return new StatFs(512, 1_000, 900, 800, 700, 600, 255);
    }

    @Override
    public void sync() throws IOException {
        enter("sync");
        syncs++;
    }

    @Override
    public void unmount(boolean force) throws IOException {
        enter("unmount");
        unmounts++;
        if (veto != null && !force) {
            throw veto.error("not now");
        }
    }

    @Override
    public @Nullable Node byIno(long ino) throws IOException {
        enter("byIno");
        MemNode node = nodes.get(ino);
        return node == null ? null : node.answer();
    }

    @Override
    public boolean isExportable() {
        return exportable;
    }

    @Override
    public boolean listsUnopened() {
        return listsUnopened;
    }

    @Override
    public boolean keepsLocks() {
        return keepsLocks;
    }

    @Override
    public boolean keepsAcls() {
        return keepsAcls;
    }
}
