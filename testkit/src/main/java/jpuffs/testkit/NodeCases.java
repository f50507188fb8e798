// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.ESPIPE;
import static jpuffs.core.Mode.PERMISSIONS;
import static jpuffs.core.Mode.S_IFBLK;
import static jpuffs.core.Mode.S_IFCHR;
import static jpuffs.core.Mode.S_IFDIR;
import static jpuffs.core.Mode.S_IFIFO;
import static jpuffs.core.Mode.S_IFLNK;
import static jpuffs.core.Mode.S_IFREG;
import static jpuffs.core.Mode.S_IFSOCK;
import static jpuffs.sys.Fcntl.O_NONBLOCK;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Dev;
import jpuffs.core.Mode;

/// Fifos, sockets and device files. (NetBSD: tmpfs mknod, devices, pipes, sockets.)
final class NodeCases {
    private NodeCases() {}

    static void mkfifoTellsType(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        root.mkfifo("p", 0640);
        Attr attr = root.stat("p");
        assertThat(Mode.type(attr.mode())).isEqualTo(S_IFIFO);
        assertThat(attr.mode() & PERMISSIONS).isEqualTo(0640);
        assertThat(attr.size()).isZero();
        assertThat(attr.nlink()).isEqualTo(1);
        fails(EEXIST, () -> root.mkfifo("p", 0600));
    }

    static void mknodOfEachType(Env env) throws Exception {
        env.requires(Feature.FIFOS, Feature.DEVICES);
        Client root = env.root();
        for (int type : List.of(S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK)) {
            String name = "n" + Integer.toOctalString(type);
            root.mknod(name, type | 0600, Dev.make(7, 300));
            assertThat(root.stat(name).mode()).isEqualTo(type | 0600);
            boolean device = type == S_IFCHR || type == S_IFBLK;
            assertThat(root.stat(name).rdev()).isEqualTo(device ? Dev.make(7, 300) : 0);
            Dirent entry = root.entries(".").stream()
                    .filter(e -> e.name().is(name))
                    .findFirst()
                    .orElseThrow();
            assertThat(entry.mode()).isIn(type, 0);
            root.unlink(name);
        }
    }

    static void mknodOfTypeZeroIsRegular(Env env) throws Exception {
        Client root = env.root();
        root.mknod("f", 0644, 0);
        assertThat(root.stat("f").isRegular()).isTrue();
        if (env.has(Feature.MODES)) {
            assertThat(root.mode("f")).isEqualTo(0644);
        }
    }

    static void mknodOfWrongType(Env env) throws Exception {
        Client root = env.root();
        fails(EPERM, () -> root.mknod("d", S_IFDIR | 0755, 0));
        fails(EINVAL, () -> root.mknod("l", S_IFLNK | 0777, 0));
        fails(EINVAL, () -> root.mknod("x", 0030000 | 0777, 0));
    }

    static void mknodWithLargeDeviceNumbers(Env env) throws Exception {
        env.requires(Feature.DEVICES);
        Client root = env.root();
        for (int dev : List.of(Dev.make(1, 3), Dev.make(255, 255), Dev.make(256, 256), Dev.make(4095, 0xfffff))) {
            root.mknod("n", S_IFCHR | 0600, dev);
            assertThat(root.stat("n").rdev()).isEqualTo(dev);
            root.unlink("n");
        }
    }

    static void mknodOfDeviceNeedsPrivilege(Env env) throws Exception {
        env.requires(Feature.DEVICES, Feature.FIFOS);
        Client user = env.user();
        fails(EPERM, () -> user.mknod("c", S_IFCHR | 0600, Dev.make(1, 3)));
        fails(EPERM, () -> user.mknod("b", S_IFBLK | 0600, Dev.make(1, 3)));
        user.mkfifo("p", 0600);
        user.mknod("s", S_IFSOCK | 0600, 0);
        assertThat(user.stat("p").uid()).isEqualTo(Env.USER);
    }

    static void mknodAppliesUmask(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client client = env.newProcess();
        client.umask(027);
        client.mkfifo("p", 0666);
        assertThat(client.mode("p")).isEqualTo(0640);
    }

    static void mknodNeedsWritePermission(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        env.root().mkdir("d", 0755);
        Client user = env.user();
        fails(EACCES, () -> user.mkfifo("d/p", 0600));
        fails(EACCES, () -> user.mknod("d/s", S_IFSOCK | 0600, 0));
    }

    static void mknodWithTrailingSlash(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        fails(ENOENT, () -> root.mkfifo("p/", 0600));
        root.create("f");
        fails(EEXIST, () -> root.mkfifo("f/", 0600));
        fails(EEXIST, () -> root.mkfifo(".", 0600));
    }

    static void mknodSetsTimes(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        env.root().mkdir("d");
        var watch = Watch.of(env, "d");
        env.root().mkfifo("d/p", 0600);
        watch.expect("d", "mc");
    }

    static void openOfSocketFails(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        root.mknod("s", S_IFSOCK | 0600, 0);
        fails(ENXIO, () -> root.open("s", O_RDONLY));
        fails(ENXIO, () -> root.open("s", O_RDWR));
    }

    static void fifoWithoutReader(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        root.mkfifo("p", 0600);
        fails(ENXIO, () -> root.open("p", O_WRONLY | O_NONBLOCK));
        int reader = root.open("p", O_RDONLY | O_NONBLOCK);
        assertThat(root.read(reader, 10)).isEmpty();
        int writer = root.open("p", O_WRONLY | O_NONBLOCK);
        fails(EAGAIN, () -> root.read(reader, 10));
        root.write(writer, "abc");
        assertThat(root.read(reader, 2)).asString().isEqualTo("ab");
        assertThat(root.read(reader, 10)).asString().isEqualTo("c");
        root.close(writer);
        assertThat(root.read(reader, 10)).isEmpty();
        root.close(reader);
    }

    static void fifoHasNoPosition(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        root.mkfifo("p", 0600);
        int fd = root.open("p", O_RDWR);
        fails(ESPIPE, () -> root.lseek(fd, 0, 0));
        fails(ESPIPE, () -> root.pread(fd, 1, 0));
        fails(ESPIPE, () -> root.pwrite(fd, "x", 0));
        fails(EINVAL, () -> root.ftruncate(fd, 0));
        fails(EINVAL, () -> root.fsync(fd));
        root.close(fd);
        fails(EINVAL, () -> root.truncate("p", 0));
    }

    static void fifoIgnoresTruncation(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        root.mkfifo("p", 0600);
        int fd = root.open("p", O_RDWR);
        root.write(fd, "abc");
        root.close(root.open("p", O_WRONLY | O_TRUNC));
        assertThat(root.read(fd, 10)).asString().isEqualTo("abc");
        root.close(fd);
        assertThat(root.stat("p").size()).isZero();
    }

    static void fifoFillsUp(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = env.root();
        root.mkfifo("p", 0600);
        int fd = root.open("p", O_RDWR | O_NONBLOCK);
        byte[] chunk = new byte[4096];
        fails(EAGAIN, () -> {
            for (int i = 0; i < 1000; i++) {
                root.write(fd, chunk);
            }
        });
        assertThat(root.read(fd, 4096)).hasSize(4096);
        assertThat(root.write(fd, chunk)).isEqualTo(4096);
        root.close(fd);
    }

    static void fifoBetweenProcesses(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        env.root().mkfifo("p", 0600);
        Client writer = env.newProcess();
        Client reader = env.newProcess();
        Job job = Job.start(() -> {
            int fd = writer.open("p", O_WRONLY);
            writer.write(fd, "through the pipe");
            writer.close(fd);
        });
        int fd = reader.open("p", O_RDONLY);
        assertThat(reader.read(fd, 100)).asString().isEqualTo("through the pipe");
        job.await();
        assertThat(reader.read(fd, 100)).isEmpty();
        reader.close(fd);
    }

    static void fifoPermissions(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        env.root().mkfifo("p", 0600);
        Client user = env.user();
        fails(EACCES, () -> user.open("p", O_RDONLY | O_NONBLOCK));
        fails(EACCES, () -> user.open("p", O_WRONLY | O_NONBLOCK));
        env.root().chmod("p", 0666);
        user.close(user.open("p", O_RDWR | O_NONBLOCK));
    }

    static void deviceReachesItsDriver(Env env) throws Exception {
        env.requires(Feature.DEVICES, Feature.HOST_PATH);
        Client root = env.root();
        root.mknod("null", S_IFCHR | 0666, Dev.make(1, 3));
        int fd = root.open("null", O_RDWR);
        assertThat(root.write(fd, "gone")).isEqualTo(4);
        assertThat(root.read(fd, 10)).isEmpty();
        root.close(fd);
        root.mknod("zero", S_IFCHR | 0666, Dev.make(1, 5));
        fd = root.open("zero", O_RDONLY);
        assertThat(root.read(fd, 3)).containsExactly(0, 0, 0);
        root.close(fd);
    }

    static void boundSocketIsAFile(Env env) throws Exception {
        env.requires(Feature.HOST_PATH, Feature.FIFOS);
        var address = UnixDomainSocketAddress.of(env.absolute("sock"));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            assertThat(Mode.type(env.root().stat("sock").mode())).isEqualTo(S_IFSOCK);
            try (var client = SocketChannel.open(address);
                    var accepted = server.accept()) {
                client.write(ByteBuffer.wrap(new byte[] {42}));
                var got = ByteBuffer.allocate(1);
                accepted.read(got);
                assertThat(got.get(0)).isEqualTo((byte) 42);
            }
        }
        env.root().unlink("sock");
    }
}
