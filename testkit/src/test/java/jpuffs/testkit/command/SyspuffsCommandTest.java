// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jpuffs.nio.RumpFileSystemProvider;
import jpuffs.rumpfs.Ukfs;
import jpuffs.syspuffs.ChildServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// File servers, ours and unmodified C programs, on the kernel half of the wire: `puffs syspuffs`, mounted through
/// p2k, and `puffs fs` with no mount at all.
@Tag("mounted")
@Tag("root")
@Timeout(value = 240, unit = SECONDS)
class SyspuffsCommandTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path EXAMPLES = Path.of("/usr/share/doc/libfuse3-dev/examples");

    @TempDir
    Path dir;

    private SshServer server;
    private PuffsMount mount;

    @BeforeEach
    void require() {
        PuffsMount.require();
    }

    @AfterEach
    void end() throws Exception {
        if (mount != null) {
            mount.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private Shell.Result run(String script) throws Exception {
        return Shell.run(mount == null ? dir : mount.directory(), LIMIT, script);
    }

    private void mount(String... command) throws Exception {
        mount = PuffsMount.ofSyspuffs(List.of(command));
    }

    private void assertShown(String source, String name) throws Exception {
        var info = mount.info().orElseThrow();
        assertThat(info.source()).hasToString(source);
        assertThat(info.type()).isEqualTo("fuse.puffs|p2k|puffs|" + name);
    }

    private static void needs(String program) {
        boolean here = Files.isExecutable(Path.of("/usr/bin", program));
        assumeTrue(here || Boolean.getBoolean("jpuffs.ci"), "no " + program);
    }

    private String example(String name) throws Exception {
        Path source = EXAMPLES.resolve(name + ".c");
        assumeTrue(Files.exists(source) || Boolean.getBoolean("jpuffs.ci"), "no " + source);
        run("cc -O1 -w -o %s %s $(pkg-config --cflags --libs fuse3)".formatted(name, source))
                .ok();
        return dir.resolve(name).toString();
    }

    /// Writing, reading back, names, directories, unlinking: on whatever is mounted, whose files are in `../src`
    /// too.
    private void use() throws Exception {
        run("""
                head -c 3000000 /dev/urandom >../data; cp ../data a; cmp a ../data; cmp ../src/a ../data
                mkdir -p d/e; mv a d/e/b; ls -lR . >/dev/null; ln -s d/e/b l; cmp l ../data; truncate -s 1000 d/e/b
                [ $(stat -c %s ../src/d/e/b) = 1000 ]; echo more >>d/e/b; tail -c 5 ../src/d/e/b | grep -x more
                rm l d/e/b; rmdir d/e d; ls -A | (! grep .); df . >/dev/null""").ok();
    }

    /// What the mount looks like: `localhost:/pub on DIR type fuse.puffs|p2k|puffs|psshfs`.
    @Test
    void psshfsOfARealSshd() throws Exception {
        server = SshServer.start(dir);
        mount("psshfs", "root@127.0.0.1:SRC", "DIR", "-o", server.options());
        assertShown("root@127.0.0.1:" + mount.source(), "psshfs");
        run("mount | grep -F '%s on %s type fuse.puffs|p2k|puffs|psshfs '"
                        .formatted("root@127.0.0.1:" + mount.source(), mount.directory()))
                .ok();
        use();
    }

    @Test
    void sshfsOfARealSshd() throws Exception {
        needs("sshfs");
        server = SshServer.start(dir);
        mount("sshfs", "-o", server.options(), "root@127.0.0.1:SRC", "DIR");
        assertShown("root@127.0.0.1:" + mount.source(), "sshfs");
        use();
    }

    @Test
    void libfuseHello() throws Exception {
        mount(example("hello_ll"), "DIR");
        assertShown("hello_ll", "hello_ll");
        run("[ \"$(cat hello)\" = 'Hello World!' ]; [ \"$(ls)\" = hello ]; ! cat other; ! echo x >hello")
                .ok();
    }

    @Test
    void libfusePassthrough() throws Exception {
        mount(example("passthrough_ll"), "-o", "source=SRC", "DIR");
        use();
    }

    /// One of ours as a child, which knows no more of its kernel half than a program of others.
    @Test
    void oursAsAChild() throws Exception {
        mount(PuffsMount.puffs(), "mount", "null", "SRC", "DIR");
        use();
    }

    @Test
    void squashfuse() throws Exception {
        needs("squashfuse");
        run("mkdir -p s/d; seq 20000 >s/d/f; ln -s d/f s/l; mksquashfs s a.sqsh -quiet")
                .ok();
        mount("squashfuse", dir.resolve("a.sqsh").toString(), "DIR");
        run("cmp d/f %1$s/s/d/f; cmp l %1$s/s/d/f; ! touch x".formatted(dir)).ok();
    }

    /// They insist on a directory, which they get in a mount namespace of their own.
    @Test
    void bindfsInAMountNamespace() throws Exception {
        needs("bindfs");
        mount("bindfs", "SRC", "DIR");
        assertShown(mount.source().toString(), "bindfs");
        use();
    }

    @Test
    void fuse2fsInAMountNamespace() throws Exception {
        needs("fuse2fs");
        run("truncate -s 8M e.img; PATH=$PATH:/sbin mke2fs -q -F e.img").ok();
        String image = dir.resolve("e.img").toString();
        mount("fuse2fs", image, "DIR");
        run("seq 5000 >f; cmp f <(seq 5000); mkdir d; mv f d/g").ok();
        mount.close();
        mount = null;
        run("PATH=$PATH:/sbin e2fsck -fn %s; debugfs -R 'cat d/g' %1$s | cmp - <(seq 5000)".formatted(image))
                .ok();
    }

    /// It mounts by itself and asks nobody: it cannot be served, and that is said.
    @Test
    void whatCannotBeServedIsTold() throws Exception {
        var result = run("mkdir m; timeout 60 %s syspuffs -- true m".formatted(PuffsMount.puffs()));
        assertThat(result.status()).isEqualTo(32);
        assertThat(result.output()).contains("true does not serve");
        result = run("timeout 60 %s syspuffs -- hello_ll nowhere".formatted(PuffsMount.puffs()));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("lacks the DIR");
    }

    @Test
    void aServerThatDiesLeavesErrorsAndCanBeUnmounted() throws Exception {
        mount(example("passthrough_ll"), "-o", "source=SRC", "DIR");
        run("echo x >f; kill -9 $(pgrep -f \"[p]assthrough_ll -o source=$(realpath ../src)\"); ! cat f")
                .ok();
        Shell.run(Path.of("/"), LIMIT, "umount " + mount.directory()).ok();
        assertThat(mount.info()).isEmpty();
    }

    @Test
    void filesOfAServerByNio() throws Exception {
        Path source = Files.createDirectory(dir.resolve("s"));
        var command = List.of(example("passthrough_ll"), "-f", "-o", "source=" + source, ChildServer.MOUNT_POINT);
        try (var child = ChildServer.start(command);
                FileSystem files = RumpFileSystemProvider.over(Ukfs.of(child.fileSystem(), "syspuffs"), "s")) {
            Path folder = Files.createDirectory(files.getPath("/d"));
            Path file = Files.writeString(folder.resolve("f"), "text");
            assertThat(source.resolve("d/f")).hasContent("text");
            Files.createSymbolicLink(files.getPath("/l"), files.getPath("d/g"));
            Files.move(file, folder.resolve("g")); // without RENAME2, which it does not know
            assertThatThrownBy(() -> Files.move(files.getPath("/l"), folder.resolve("g")))
                    .isInstanceOf(FileAlreadyExistsException.class);
            assertThat(Files.readString(files.getPath("/l"))).isEqualTo("text");
            Files.writeString(source.resolve("d/h"), "of the host");
            try (var listed = Files.list(folder)) {
                assertThat(listed).containsExactlyInAnyOrder(folder.resolve("g"), folder.resolve("h"));
            }
            assertThat(Files.getFileStore(folder).type()).isEqualTo("syspuffs");
        }
    }

    @Test
    void filesOfAServerWithoutAMount() throws Exception {
        String program = example("passthrough_ll");
        String files = "'syspuffs:" + program + " -o source=" + dir + "/s:";
        run("""
                mkdir s t; seq 100 >s/f; p=%s
                [ "$($p fs ls %2$s/')" = f ]; $p fs cat %2$s/f' | cmp - s/f; $p fs cp -r %2$s/' t/copy; cmp t/copy/f s/f
                $p fs cp t/copy/f %2$s/g'; cmp s/g s/f; $p fs cp %2$s/g' 'syspuffs:null %3$s/t:/h'; cmp t/h s/f
                ! $p fs ls 'syspuffs:no-such-program:/'; ! $p fs ls 'syspuffs:"open:/'""".formatted(PuffsMount.puffs(), files, dir)).ok();
    }
}
