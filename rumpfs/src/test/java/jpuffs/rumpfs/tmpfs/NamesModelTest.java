// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random operations on names beside a model of maps; a node is known from time to time and forgotten
/// again.
@Timeout(300)
class NamesModelTest {
    private static final long SEED = Long.getLong("jpuffs.seed", System.nanoTime());
    private static final String[] NAMES = {"a", "b", "c", "d", "e", "f"};

    private final Random random = new Random(SEED);

    /// A file; a directory has entries.
    private static final class File {
        final Node node;
        final @Nullable Map<String, File> entries;
        int nlink;

        @Nullable
        File parent;

        File(Node node, boolean directory) {
            this.node = node;
            this.entries = directory ? new LinkedHashMap<>() : null;
            this.nlink = directory ? 2 : 1;
        }

        boolean isDirectory() {
            return entries != null;
        }

        Map<String, File> entries() {
            return java.util.Objects.requireNonNull(entries);
        }
    }

    @FunctionalInterface
    private interface Operation {
        void run() throws IOException;
    }

    @Test
    void agreesWithTheModel() throws IOException {
        try (var t = new Fixture()) {
            var root = new File(t.root, true);
            var directories = new ArrayList<File>(List.of(root));
            for (int step = 0; step < 40_000; step++) {
                try {
                    step(t, directories);
                    directories.removeIf(d -> d.nlink == 0);
                    compare(directories.get(random.nextInt(directories.size())));
                    if (step % 500 == 0) {
                        compareAll(t, root);
                    }
                } catch (IOException | RuntimeException | AssertionError e) {
                    throw new AssertionError("-Djpuffs.seed=" + SEED + " step " + step, e);
                }
            }
            removeAll(root);
            assertThat(t.usedInodes()).isEqualTo(1);
            assertThat(t.usedBlocks()).isZero();
            assertThat(t.fs.space().bytes()).isEqualTo(new Fixture().fs.space().bytes());
        }
    }

    private String anyName() {
        return NAMES[random.nextInt(NAMES.length)];
    }

    private void step(Fixture t, List<File> directories) throws IOException {
        File d = directories.get(random.nextInt(directories.size()));
        String name = anyName();
        switch (random.nextInt(10)) {
            case 0, 1 -> makeDirectory(d, name, directories);
            case 2, 3 -> makeFile(t, d, name);
            case 4 -> link(d, name, directories);
            case 5 -> unlink(d, name);
            case 6 -> rmdir(d, name);
            default -> rename(d, name, directories);
        }
    }

    private static void expect(@Nullable Errno errno, Operation operation) throws IOException {
        Errno actual = null;
        try {
            operation.run();
        } catch (ErrnoException e) {
            actual = e.errno();
        }
        assertThat(actual).isEqualTo(errno);
    }

    private void makeDirectory(File d, String name, List<File> directories) throws IOException {
        if (d.entries().containsKey(name)) {
            expect(Errno.EEXIST, () -> d.node.mkdir(name(name), 0755, Cred.ROOT));
        } else if (directories.size() < 40) {
            var made = new File(d.node.mkdir(name(name), 0755, Cred.ROOT), true);
            made.parent = d;
            d.nlink++;
            d.entries().put(name, made);
            directories.add(made);
            made.node.reclaim(1);
        }
    }

    private void makeFile(Fixture t, File d, String name) throws IOException {
        boolean exists = d.entries().containsKey(name);
        int type = random.nextInt(4);
        Operation operation = () -> {
            Node node = switch (type) {
                case 0 -> d.node.symlink(name(name), new byte[] {'x'}, Cred.ROOT);
                case 1 -> d.node.mknod(name(name), Mode.S_IFIFO | 0600, 0, Cred.ROOT);
                case 2 -> linkTemporary(d, name);
                default -> t.file(d.node, name);
            };
            if (type > 1) {
                Fixture.write(node, random.nextInt(100_000), "text");
            }
            d.entries().put(name, new File(node, false));
            node.reclaim(1);
        };
        expect(exists ? Errno.EEXIST : null, operation);
    }

    private static Node linkTemporary(File d, String name) throws IOException {
        Node node = d.node.tmpfile(0600, 2, Cred.ROOT).node();
        try {
            d.node.link(node, name(name));
        } finally {
            node.reclaim(1);
        }
        return node;
    }

    private void link(File d, String name, List<File> directories) throws IOException {
        File from = directories.get(random.nextInt(directories.size()));
        File target = from.entries().get(anyName());
        if (target == null) {
            return;
        }
        Errno errno = target.isDirectory() ? Errno.EPERM : d.entries().containsKey(name) ? Errno.EEXIST : null;
        expect(errno, () -> d.node.link(target.node, name(name)));
        if (errno == null) {
            d.entries().put(name, target);
            target.nlink++;
        }
    }

    private static void unlink(File d, String name) throws IOException {
        File file = d.entries().get(name);
        Errno errno = file == null ? Errno.ENOENT : file.isDirectory() ? Errno.EISDIR : null;
        expect(errno, () -> d.node.unlink(name(name)));
        if (errno == null && file != null) {
            d.entries().remove(name);
            file.nlink--;
        }
    }

    private static void rmdir(File d, String name) throws IOException {
        File file = d.entries().get(name);
        Errno errno = file == null
                ? Errno.ENOENT
                : !file.isDirectory() ? Errno.ENOTDIR : file.entries().isEmpty() ? null : Errno.ENOTEMPTY;
        expect(errno, () -> d.node.rmdir(name(name)));
        if (errno == null && file != null) {
            d.entries().remove(name);
            file.nlink = 0;
            d.nlink--;
        }
    }

    private void rename(File from, String name, List<File> directories) throws IOException {
        File to = directories.get(random.nextInt(directories.size()));
        String newName = anyName();
        int flags = random.nextInt(3); // 0, RENAME_NOREPLACE, RENAME_EXCHANGE
        File moved = from.entries().get(name);
        File target = to.entries().get(newName);
        Errno errno = renameErrno(moved, to, target, from, flags);
        expect(errno, () -> from.node.rename(name(name), to.node, name(newName), flags));
        if (errno != null || moved == null || moved.equals(target)) {
            return;
        }
        if (flags == Node.RENAME_EXCHANGE && target != null) {
            from.entries().put(name, target);
            to.entries().put(newName, moved);
            place(target, to, from);
        } else {
            from.entries().remove(name);
            to.entries().put(newName, moved);
            if (target != null) {
                to.nlink -= target.isDirectory() ? 1 : 0;
                target.nlink = target.isDirectory() ? 0 : target.nlink - 1;
            }
        }
        place(moved, from, to);
    }

    private static void place(File file, File from, File to) {
        if (file.isDirectory()) {
            file.parent = to;
            from.nlink--;
            to.nlink++;
        }
    }

    private static boolean isIn(@Nullable File inner, File outer) {
        for (File at = inner; at != null; at = at.parent) {
            if (at.equals(outer)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Errno renameErrno(
            @Nullable File moved, File to, @Nullable File target, File from, int flags) {
        if (moved == null) {
            return Errno.ENOENT;
        }
        if (target != null && flags == Node.RENAME_NOREPLACE) {
            return Errno.EEXIST;
        }
        if (moved.equals(target)) {
            return null;
        }
        if (moved.isDirectory() && isIn(to, moved)) {
            return Errno.EINVAL;
        }
        if (target == null) {
            return flags == Node.RENAME_EXCHANGE ? Errno.ENOENT : null;
        }
        if (flags == Node.RENAME_EXCHANGE) {
            return target.isDirectory() && isIn(from, target) ? Errno.EINVAL : null;
        }
        if (target.isDirectory() != moved.isDirectory()) {
            return target.isDirectory() ? Errno.EISDIR : Errno.ENOTDIR;
        }
        return target.isDirectory() && !target.entries().isEmpty() ? Errno.ENOTEMPTY : null;
    }

    private static void compare(File d) throws IOException {
        var seen = new HashMap<String, Long>();
        d.node.readdir(0, (name, ino, mode, cookie) -> seen.put(name.toString(), ino) == null);
        assertThat(seen.keySet()).isEqualTo(d.entries().keySet());
        for (var entry : d.entries().entrySet()) {
            assertThat(seen.get(entry.getKey())).isEqualTo(ino(entry.getValue().node));
        }
        assertThat(d.node.getattr().nlink()).isEqualTo(d.nlink);
        Node parent = java.util.Objects.requireNonNull(d.node.lookup(Name.DOT_DOT));
        parent.reclaim(1); // else it stays when it is removed
        assertThat(parent).isSameAs(d.parent == null ? d.node : d.parent.node);
    }

    private static long ino(Node node) throws IOException {
        return node.getattr().ino();
    }

    private static void compareAll(Fixture t, File root) throws IOException {
        Set<File> all = new HashSet<>();
        var todo = new ArrayList<File>(List.of(root));
        while (!todo.isEmpty()) {
            File file = todo.removeLast();
            if (all.add(file) && file.isDirectory()) {
                compare(file);
                todo.addAll(file.entries().values());
            }
        }
        for (File file : all) {
            assertThat(file.node.getattr().nlink()).isEqualTo(file.nlink);
        }
        assertThat(t.usedInodes()).isEqualTo(all.size());
    }

    private static void removeAll(File d) throws IOException {
        for (var entry : d.entries().entrySet()) {
            if (entry.getValue().isDirectory()) {
                removeAll(entry.getValue());
                d.node.rmdir(name(entry.getKey()));
                entry.getValue().node.reclaim(1);
            } else {
                d.node.unlink(name(entry.getKey()));
            }
        }
    }
}
