// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.servers.nullfs.Mirror.SELF;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.assertRefused;
import static jpuffs.servers.nullfs.Mirror.bytes;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Handle;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.sys.Fcntl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Attempts to get out of the source by links, made before and in between.
@Timeout(value = 60, unit = SECONDS)
class NullEscapeTest {
    @TempDir
    Path dir;

    private Path outside;
    private Path secret;
    private Mirror mirror;

    @BeforeEach
    void open() throws IOException {
        outside = Files.createDirectory(dir.resolve("outside"));
        secret = Files.writeString(outside.resolve("secret"), "secret");
        mirror = Mirror.of(Files.createDirectory(dir.resolve("source")));
    }

    @AfterEach
    void close() throws IOException {
        mirror.close();
        assertThat(secret).hasContent("secret");
        try (var files = Files.list(outside)) {
            assertThat(files).containsExactly(secret);
        }
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(mirror.host(name), Path.of(target));
    }

    @Test
    void linksAreText() throws IOException {
        link("absolute", secret.toString());
        link("relative", "../outside/secret");
        for (String name : new String[] {"absolute", "relative"}) {
            Node node = mirror.look(name);
            assertThat(node.getattr().isSymlink()).isTrue();
            assertThat(new String(node.readlink(), StandardCharsets.UTF_8)).endsWith("outside/secret");
            assertFails(ELOOP, () -> node.open(Fcntl.O_RDONLY));
            assertFails(ELOOP, () -> node.open(Fcntl.O_RDWR));
            assertFails(ENOTDIR, () -> node.lookup(name("secret")));
        }
    }

    @Test
    void linksToDirectoriesAreNotEntered() throws IOException {
        link("d", outside.toString());
        Node d = mirror.look("d");
        assertFails(ENOTDIR, () -> d.lookup(name("secret")));
        assertFails(ENOTDIR, () -> d.mkdir(name("x"), 0755, SELF));
        assertFails(ENOTDIR, () -> d.create(name("x"), 0100644, Fcntl.O_RDWR, SELF));
        assertFails(ENOTDIR, () -> d.symlink(name("x"), bytes("y"), SELF));
        assertFails(ENOTDIR, () -> d.mknod(name("x"), 0100644, 0, SELF));
        assertFails(ENOTDIR, () -> d.tmpfile(0100644, Fcntl.O_RDWR, SELF));
        assertRefused(ENOTDIR, () -> d.unlink(name("secret")));
        assertRefused(ENOTDIR, () -> d.rename(name("secret"), mirror.root, name("mine"), 0));
        assertRefused(ELOOP, () -> d.readdir(0, (_, _, _, _) -> true));
    }

    @Test
    void changesOfALinkAreItsOwn() throws IOException {
        link("s", secret.toString());
        long mtime = Files.getLastModifiedTime(secret).toMillis();
        Node node = mirror.look("s");
        var past = new Time(1000, 0);
        assertThat(node.setattr(SetAttr.none().withMtime(past)).mtime()).isEqualTo(past);
        assertThat(Files.getLastModifiedTime(secret).toMillis()).isEqualTo(mtime);
        assertFails(EOPNOTSUPP, () -> node.setattr(SetAttr.none().withMode(0777)));
        assertFails(EINVAL, () -> node.setattr(SetAttr.none().withSize(0)));
    }

    @Test
    void creatingThroughALinkFails() throws IOException {
        link("s", outside.resolve("new").toString());
        assertFails(EEXIST, () -> mirror.root.create(name("s"), 0100644, Fcntl.O_RDWR | Fcntl.O_EXCL, SELF));
        assertFails(EEXIST, () -> mirror.root.create(name("s"), 0100644, Fcntl.O_RDWR, SELF));
        assertFails(EEXIST, () -> mirror.root.mkdir(name("s"), 0755, SELF));
        assertFails(EEXIST, () -> mirror.root.mknod(name("s"), 0100644, 0, SELF));
    }

    @Test
    void aDirectoryReplacedByALinkStaysWhatItWas() throws IOException {
        Files.createDirectory(mirror.host("d"));
        mirror.hostFile("d/secret", "harmless");
        Node d = mirror.look("d");
        Files.move(mirror.host("d"), mirror.host("moved"));
        link("d", outside.toString());

        Node found = mirror.tryLook(d, "secret");
        assertThat(found).isNotNull();
        assertThat(Mirror.contentOf(found)).isEqualTo("harmless");
        d.unlink(name("secret"));
        mirror.got(d.mkdir(name("made"), 0755, SELF));
        assertThat(mirror.host("moved/made")).isDirectory();
        Node now = mirror.look("d");
        assertThat(now).isNotSameAs(d);
        assertThat(now.getattr().isSymlink()).isTrue();
    }

    @Test
    void aFileReplacedByALinkStaysWhatItWas() throws IOException {
        mirror.hostFile("f", "harmless");
        Node f = mirror.look("f");
        Files.delete(mirror.host("f"));
        link("f", secret.toString());
        Handle handle = f.open(Fcntl.O_RDWR);
        assertThat(Mirror.read(handle)).isEqualTo("harmless");
        Mirror.write(handle, "changed", 0);
        handle.release();
        f.setattr(SetAttr.none().withSize(0).withMode(0666));
    }

    @Test
    void theSourceHasNoParent() throws IOException {
        assertFails(EINVAL, () -> mirror.root.lookup(name("..")));
        assertRefused(EINVAL, () -> mirror.root.rename(name(".."), mirror.root, name("x"), 0));
        assertFails(EINVAL, () -> mirror.root.lookup(name("../outside/secret")));
        assertRefused(EINVAL, () -> mirror.root.unlink(name("../outside/secret")));
    }

    @Test
    void placedFilesDoNotFollowEither() throws IOException {
        Path source = Files.createDirectory(dir.resolve("placed"));
        Files.createDirectory(source.resolve("d"));
        Files.writeString(source.resolve("d/secret"), "harmless");
        try (Mirror few = Mirror.withFds(source, 0)) {
            Node d = few.look("d");
            Node file = few.look("d/secret");
            Files.move(source.resolve("d"), source.resolve("moved"));
            Files.createSymbolicLink(source.resolve("d"), outside);
            assertFails(ESTALE, d::getattr);
            assertFails(ESTALE, () -> file.open(Fcntl.O_RDWR));
            assertFails(ESTALE, () -> d.lookup(name("secret")));
        }
    }
}
