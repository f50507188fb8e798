// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import jpuffs.core.Mode;
import jpuffs.core.Name;

/// Many files, many links, large files. (NetBSD: t_vnops create_many.)
final class BigCases {
    private BigCases() {}

    @Slow
    static void directoryOf10000Entries(Env env) throws Exception {
        bigDirectory(env, 10_000);
    }

    @Slow
    static void directoryOf200000Entries(Env env) throws Exception {
        bigDirectory(env, 200_000);
    }

    private static void bigDirectory(Env env, int count) throws Exception {
        Client client = env.newProcess();
        client.mkdir("d");
        client.chdir("d");
        for (int i = 0; i < count; i++) {
            client.mknod("entry" + i, Mode.S_IFREG | 0644, 0);
        }
        assertThat(namesIn(client)).hasSize(count);
        for (int i = 0; i < count; i += count / 100) {
            assertThat(client.exists("entry" + i)).isTrue();
        }
        assertThat(client.exists("entry" + count)).isFalse();
        removeAll(client, count);
        client.chdir("..");
        client.rmdir("d");
    }

    private static Set<Name> namesIn(Client client) throws Exception {
        var names = new HashSet<Name>();
        for (Dirent entry : client.entries(".")) {
            assertThat(names.add(entry.name())).isTrue();
        }
        return names;
    }

    /// As `rm -r` does it: reads some, removes those, reads on.
    private static void removeAll(Client client, int count) throws Exception {
        int removed = 0;
        int fd = client.open(".", O_RDONLY);
        for (var some = client.getdents(fd, 32 << 10); !some.isEmpty(); some = client.getdents(fd, 32 << 10)) {
            for (Dirent entry : some) {
                if (!entry.name().isDot() && !entry.name().isDotDot()) {
                    client.unlink(entry.name().toString());
                    removed++;
                }
            }
        }
        client.close(fd);
        assertThat(removed).isEqualTo(count);
    }

    @Slow
    static void sixtyThousandLinks(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        root.chdir("d");
        for (int i = 1; i < 60_000; i++) {
            root.link("../f", "l" + i);
        }
        assertThat(root.stat("../f").nlink()).isEqualTo(60_000);
        for (int i = 1; i < 60_000; i++) {
            root.unlink("l" + i);
        }
        assertThat(root.stat("../f").nlink()).isEqualTo(1);
        root.chdir("..");
    }

    @Slow
    static void manyDirectories(Env env) throws Exception {
        Client root = env.root();
        Deque<String> made = new ArrayDeque<>();
        for (int a = 0; a < 20; a++) {
            for (int b = 0; b < 20; b++) {
                for (int c = 0; c < 5; c++) {
                    for (String path : new String[] {"a" + a, "a" + a + "/b" + b, "a" + a + "/b" + b + "/c" + c}) {
                        if (!root.exists(path)) {
                            root.mkdir(path);
                            made.push(path);
                        }
                    }
                    root.create("a" + a + "/b" + b + "/c" + c + "/f");
                }
            }
        }
        assertThat(made).hasSize(20 + 400 + 2000);
        for (String path : made) {
            if (path.contains("c")) {
                root.unlink(path + "/f");
            }
            root.rmdir(path);
        }
        assertThat(root.names(".")).isEmpty();
    }

    @Slow
    static void fileOf200MiB(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        for (int i = 0; i < 200; i++) {
            root.writeAll(fd, Data.of(1 << 20, i), (long) i << 20);
        }
        for (int i = 199; i >= 0; i -= 7) {
            assertThat(root.readAll(fd, 1 << 20, (long) i << 20)).isEqualTo(Data.of(1 << 20, i));
        }
        root.close(fd);
    }

    static void manyOpenFiles(Env env) throws Exception {
        Client root = env.root();
        int[] fds = new int[300];
        for (int i = 0; i < fds.length; i++) {
            fds[i] = root.open("f" + i, O_CREAT | O_RDWR);
            root.write(fds[i], "file " + i);
        }
        for (int i = 0; i < fds.length; i++) {
            assertThat(root.pread(fds[i], 20, 0)).asString().isEqualTo("file " + i);
            root.close(fds[i]);
        }
    }

    static void manySmallRandomWrites(Env env) throws Exception {
        Client root = env.root();
        var random = new Random(7);
        byte[] model = new byte[1 << 18];
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.ftruncate(fd, model.length);
        for (int i = 0; i < 2000; i++) {
            byte[] data = Data.of(1 + random.nextInt(300), i);
            int at = random.nextInt(model.length - data.length);
            System.arraycopy(data, 0, model, at, data.length);
            root.pwrite(fd, data, at);
        }
        assertThat(root.readAll(fd, model.length + 1, 0)).isEqualTo(model);
        root.close(fd);
    }
}
