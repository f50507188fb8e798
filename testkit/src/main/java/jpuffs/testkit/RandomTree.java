// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_EXCL;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Random operations on names, each compared with a [TreeModel]: the error of every call, and now and then the
/// whole tree.
final class RandomTree {
    private static final int CREATE = 0;
    private static final int SYMLINK = 3;
    private static final int LINK = 4;
    private static final int NAMES = 5;
    private static final int DEPTH = 4;
    private static final int CHECK_EVERY = 1000;
    private static final int HISTORY = 25;

    private final Env env;
    private final long seed;
    private final Random random;
    private final TreeModel model = new TreeModel();
    private final Deque<String> history = new ArrayDeque<>();

    RandomTree(Env env, long seed) {
        this.env = env;
        this.seed = seed;
        this.random = new Random(seed);
    }

    /// Makes `count` operations, and compares the tree at the end, after a new mount if that keeps files.
    void run(int count) throws Exception {
        try {
            for (int i = 1; i <= count; i++) {
                step();
                if (i % CHECK_EVERY == 0) {
                    compare();
                }
            }
            compare();
            if (env.has(Feature.PERSISTENT)) {
                env.mountAgain();
                compare();
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + ", the last operations:\n" + String.join("\n", history), e);
        }
    }

    private List<String> path() {
        var path = new ArrayList<String>();
        int depth = 1 + random.nextInt(DEPTH);
        for (int i = 0; i < depth; i++) {
            path.add(String.valueOf((char) ('a' + random.nextInt(NAMES))));
        }
        return path;
    }

    private static String text(List<String> path) {
        return String.join("/", path);
    }

    /// What there are no links for makes files.
    private int operation() {
        int operation = random.nextInt(10);
        boolean missing =
                operation == SYMLINK && !env.has(Feature.SYMLINKS) || operation == LINK && !env.has(Feature.LINKS);
        return missing ? CREATE : operation;
    }

    private void step() throws Exception {
        List<String> a = path();
        List<String> b = path();
        String pathA = text(a);
        String pathB = text(b);
        Client client = env.root();
        int mode = 0600 | random.nextInt(0100);
        switch (operation()) {
            case CREATE -> check("create " + pathA, model.create(a, mode), () -> create(client, pathA, mode));
            case 1, 2 ->
                check("mkdir " + pathA, model.mkdir(a, mode | 0700), () -> {
                    client.mkdir(pathA);
                    client.chmod(pathA, mode | 0700);
                });
            case SYMLINK ->
                check("symlink " + pathA, model.symlink("nowhere", a), () -> client.symlink("nowhere", pathA));
            case LINK -> check("link " + pathA + " " + pathB, model.link(a, b), () -> client.link(pathA, pathB));
            case 5 -> check("unlink " + pathA, model.unlink(a), () -> client.unlink(pathA));
            case 6 -> check("rmdir " + pathA, model.rmdir(a), () -> client.rmdir(pathA));
            case 7 -> check("rename " + pathA + " " + pathB, model.rename(a, b), () -> client.rename(pathA, pathB));
            case 8 -> {
                byte[] content = Data.of(random.nextInt(5000), random.nextLong());
                check("write " + pathA, model.write(a, content), () -> write(client, pathA, content));
            }
            default -> check("chmod " + pathA, model.chmod(a, mode), () -> client.chmod(pathA, mode));
        }
    }

    private static void create(Client client, String path, int mode) throws ErrnoException {
        int fd = client.open(path, O_CREAT | O_EXCL | O_WRONLY);
        client.fchmod(fd, mode);
        client.close(fd);
    }

    private static void write(Client client, String path, byte[] content) throws ErrnoException {
        int fd = client.open(path, O_WRONLY | O_TRUNC);
        client.writeAll(fd, content, 0);
        client.close(fd);
    }

    private void check(String operation, @Nullable Errno expected, Expect.Call call) throws Exception {
        if (history.size() == HISTORY) {
            history.removeFirst();
        }
        history.addLast(operation + (expected == null ? "" : ": " + expected));
        if (expected == null) {
            call.run();
        } else {
            Expect.fails(expected, call);
        }
    }

    private void compare() throws Exception {
        compare(env.root(), ".", model.root, new HashMap<>());
    }

    private void compare(Client client, String path, TreeModel.Item item, Map<TreeModel.Item, Long> inodes)
            throws Exception {
        var names = client.names(path).stream()
                .filter(name -> !name.startsWith("."))
                .toList();
        assertThat(names).as("names in %s", path).containsExactlyElementsOf(item.children.keySet());
        for (var child : item.children.entrySet()) {
            String childPath = path + "/" + child.getKey();
            compareAttr(client.lstat(childPath), childPath, child.getValue(), inodes);
            if (child.getValue().directory) {
                compare(client, childPath, child.getValue(), inodes);
            } else if (child.getValue().target != null) {
                assertThat(client.readlink(childPath)).isEqualTo(child.getValue().target);
            } else {
                assertThat(client.content(childPath)).as(childPath).isEqualTo(child.getValue().content);
            }
        }
    }

    private void compareAttr(Attr attr, String path, TreeModel.Item item, Map<TreeModel.Item, Long> inodes) {
        assertThat(attr.isDirectory()).as(path).isEqualTo(item.directory);
        assertThat(attr.isSymlink()).as(path).isEqualTo(item.target != null);
        if (env.has(Feature.MODES)) {
            assertThat(attr.mode() & 0777).as("mode of %s", path).isEqualTo(item.mode);
        }
        if (!item.directory && env.has(Feature.LINK_COUNTS)) {
            assertThat(attr.nlink()).as("links of %s", path).isEqualTo(item.names);
            assertThat(inodes.computeIfAbsent(item, k -> attr.ino())).isEqualTo(attr.ino());
        } else if (item.directory && env.has(Feature.DIRECTORY_LINKS)) {
            long below = item.children.values().stream()
                    .filter(child -> child.directory)
                    .count();
            assertThat(attr.nlink()).as("links of %s", path).isEqualTo(2 + (int) below);
        }
    }
}
