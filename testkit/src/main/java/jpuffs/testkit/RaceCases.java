// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.sys.Fcntl.O_APPEND;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_EXCL;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Several processes at once. (NetBSD: t_renamerace, t_rmdirrace.)
final class RaceCases {
    private RaceCases() {}

    @FunctionalInterface
    private interface Work {
        void run(Client client, int number) throws Exception;
    }

    /// Runs `work` in `count` processes at once.
    private static void together(Env env, int count, Work work) throws Exception {
        var jobs = new ArrayList<Job>();
        for (int i = 0; i < count; i++) {
            int number = i;
            Client client = env.newProcess();
            jobs.add(Job.start(() -> work.run(client, number)));
        }
        for (Job job : jobs) {
            job.await();
        }
    }

    /// Makes a call that the others may have made impossible; whether it worked.
    private static boolean tolerate(Set<Errno> errnos, Expect.Call call) throws Exception {
        try {
            call.run();
            return true;
        } catch (ErrnoException e) {
            assertThat(e.errno()).isIn(errnos);
            return false;
        }
    }

    static void eightProcessesInOneDirectory(Env env) throws Exception {
        env.root().mkdir("d");
        together(env, 8, (client, number) -> {
            for (int i = 0; i < 100; i++) {
                String name = "d/p" + number + "-" + i;
                client.create(name, name);
                client.rename(name, name + "-moved");
                assertThat(client.text(name + "-moved")).isEqualTo(name);
                if (i % 2 == 0) {
                    client.unlink(name + "-moved");
                }
                if (i % 10 == 0) {
                    client.names("d");
                }
            }
        });
        assertThat(env.root().names("d")).hasSize(8 * 50);
    }

    static void exclusiveCreationHasOneWinner(Env env) throws Exception {
        var wins = new AtomicInteger();
        together(env, 6, (client, number) -> {
            for (int i = 0; i < 100; i++) {
                String name = "f" + i;
                var lost = EnumSet.of(EEXIST);
                if (tolerate(lost, () -> client.close(client.open(name, O_CREAT | O_EXCL | O_RDWR)))) {
                    wins.incrementAndGet();
                }
            }
        });
        assertThat(wins.get()).isEqualTo(100);
        assertThat(env.root().names(".")).hasSize(100);
    }

    static void mkdirHasOneWinner(Env env) throws Exception {
        var wins = new AtomicInteger();
        together(env, 6, (client, number) -> {
            for (int i = 0; i < 100; i++) {
                String name = "d" + i;
                wins.addAndGet(tolerate(EnumSet.of(EEXIST), () -> client.mkdir(name)) ? 1 : 0);
            }
        });
        assertThat(wins.get()).isEqualTo(100);
    }

    static void unlinkHasOneWinner(Env env) throws Exception {
        for (int i = 0; i < 100; i++) {
            env.root().create("f" + i);
        }
        var wins = new AtomicInteger();
        together(env, 6, (client, number) -> {
            for (int i = 0; i < 100; i++) {
                String name = "f" + i;
                wins.addAndGet(tolerate(EnumSet.of(ENOENT), () -> client.unlink(name)) ? 1 : 0);
            }
        });
        assertThat(wins.get()).isEqualTo(100);
        assertThat(env.root().names(".")).isEmpty();
    }

    static void appendsAreAtomic(Env env) throws Exception {
        env.root().create("log");
        together(env, 4, (client, number) -> {
            int fd = client.open("log", O_WRONLY | O_APPEND);
            for (int i = 0; i < 200; i++) {
                client.write(fd, "%d:%03d%n".formatted(number, i));
            }
            client.close(fd);
        });
        List<String> lines = env.root().text("log").lines().toList();
        assertThat(lines).hasSize(800).doesNotHaveDuplicates().allMatch(line -> line.matches("[0-3]:\\d{3}"));
    }

    static void renameRace(Env env) throws Exception {
        var lost = env.has(Feature.INODES) ? EnumSet.noneOf(Errno.class) : EnumSet.of(ESTALE);
        together(env, 4, (client, number) -> {
            var random = new Random(number);
            for (int i = 0; i < 300; i++) {
                String a = "f" + random.nextInt(5);
                String b = "f" + random.nextInt(5);
                switch (random.nextInt(3)) {
                    case 0 -> tolerate(lost, () -> client.create(a, "x"));
                    case 1 -> tolerate(EnumSet.of(ENOENT), () -> client.rename(a, b));
                    default -> tolerate(EnumSet.of(ENOENT), () -> client.unlink(a));
                }
            }
        });
        for (String name : env.root().names(".")) {
            assertThat(env.root().stat(name).nlink()).isEqualTo(1);
        }
    }

    static void renameRaceOfDirectories(Env env) throws Exception {
        var lost = EnumSet.of(ENOENT, EEXIST, ENOTEMPTY, EINVAL, ENOTDIR, EISDIR);
        together(env, 4, (client, number) -> {
            var random = new Random(number);
            for (int i = 0; i < 300; i++) {
                String a = "d" + random.nextInt(4);
                String b = "d" + random.nextInt(4);
                switch (random.nextInt(5)) {
                    case 0 -> tolerate(lost, () -> client.mkdir(a));
                    case 1 -> tolerate(lost, () -> client.mkdir(a + "/" + b));
                    case 2 -> tolerate(lost, () -> client.rename(a, b + "/" + a));
                    case 3 -> tolerate(lost, () -> client.rename(b + "/" + a, a));
                    default -> tolerate(lost, () -> client.rmdir(a));
                }
            }
        });
        assertThat(treeSize(env.root(), ".", 0)).isLessThan(1500);
    }

    /// Walks the tree: every directory can be reached and none is in itself.
    private static int treeSize(Client client, String path, int depth) throws Exception {
        assertThat(depth).isLessThan(1500);
        int size = 1;
        for (String name : client.names(path)) {
            size += treeSize(client, path + "/" + name, depth + 1);
        }
        return size;
    }

    static void crossedRenamesDoNotDeadlock(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.mkdir("a/x");
        root.mkdir("b/y");
        var lost = EnumSet.of(ENOENT, EEXIST, ENOTEMPTY, EINVAL);
        together(env, 2, (client, number) -> {
            String from = number == 0 ? "a/x" : "b/y";
            String to = number == 0 ? "b/y/x" : "a/x/y";
            for (int i = 0; i < 300; i++) {
                if (tolerate(lost, () -> client.rename(from, to))) {
                    tolerate(lost, () -> client.rename(to, from));
                }
            }
        });
        assertThat(treeSize(root, ".", 0)).isEqualTo(5);
    }

    static void rmdirRace(Env env) throws Exception {
        var lost = EnumSet.of(ENOENT, EEXIST, ENOTEMPTY);
        together(env, 2, (client, number) -> {
            for (int i = 0; i < 500; i++) {
                if (number == 0) {
                    tolerate(lost, () -> client.mkdir("d"));
                    tolerate(lost, () -> client.create("d/f"));
                    tolerate(lost, () -> client.unlink("d/f"));
                } else {
                    tolerate(lost, () -> client.rmdir("d"));
                }
            }
        });
        if (env.root().exists("d")) {
            env.root().rmdir("d");
        }
    }

    static void readersNeverSeeHalfOfRename(Env env) throws Exception {
        env.requires(Feature.UNNAMED_FILES);
        env.root().create("f", "0");
        together(env, 3, (client, number) -> {
            for (int i = 0; i < 200; i++) {
                if (number == 0) {
                    client.create("new", "content " + i);
                    client.rename("new", "f");
                } else {
                    assertThat(client.text("f")).isNotEmpty();
                }
            }
        });
    }

    static void linkAndUnlinkRace(Env env) throws Exception {
        env.requires(Feature.LINKS);
        env.root().create("f");
        together(env, 4, (client, number) -> {
            for (int i = 0; i < 200; i++) {
                client.link("f", "l" + number);
                client.unlink("l" + number);
            }
        });
        assertThat(env.root().stat("f").nlink()).isEqualTo(1);
        assertThat(env.root().names(".")).containsExactly("f");
    }

    static void writersOfOneFile(Env env) throws Exception {
        env.root().create("f");
        together(env, 4, (client, number) -> {
            int fd = client.open("f", O_RDWR);
            for (int i = 0; i < 100; i++) {
                long at = (i * 4L + number) * 100;
                client.pwrite(fd, String.valueOf(number).repeat(100), at);
                assertThat(client.pread(fd, 100, at)).containsOnly('0' + number);
            }
            client.close(fd);
        });
        String text = env.root().text("f");
        assertThat(text).hasSize(40_000);
        for (int i = 0; i < 400; i++) {
            assertThat(text.substring(i * 100, i * 100 + 100))
                    .isEqualTo(String.valueOf(i % 4).repeat(100));
        }
    }
}
