// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_EXCL;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.StatFs;
import jpuffs.rump.TimeSpec;

/// The file system as a whole: full, read-only, unmounted and mounted again. (NetBSD: t_full fillfs, t_ro,
/// t_rwtoro, t_vfsops tmount, tstatvfs, tsync; tmpfs mount, statvfs, sizes.)
final class FsCases {
    private static final int MIB = 1 << 20;

    private FsCases() {}

    /// Writes until there is no room; the number of bytes written.
    private static long fill(Client client, int fd) throws Exception {
        byte[] chunk = Data.of(64 << 10, 9);
        long done = 0;
        try {
            for (int i = 0; i < 100_000; i++) {
                done += client.pwrite(fd, chunk, done);
            }
        } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(ENOSPC);
            return done;
        }
        throw new AssertionError("never full");
    }

    static void fullFileSystem(Env env) throws Exception {
        env.requires(Feature.SIZE_LIMIT, Feature.WRITE_ERRORS);
        env.newfsOfSize(8 * MIB);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        long written = fill(root, fd);
        assertThat(written).isBetween(4L * MIB, 8L * MIB);
        assertThat(root.fstat(fd).size()).isEqualTo(written);
        assertThat(root.pread(fd, 10, written - 10)).hasSize(10);
        root.close(fd);
    }

    static void fullFileSystemRecovers(Env env) throws Exception {
        env.requires(Feature.SIZE_LIMIT);
        env.newfsOfSize(8 * MIB);
        Client root = env.root();
        for (int round = 0; round < 3; round++) {
            int fd = root.open("f", O_CREAT | O_RDWR);
            long written = fill(root, fd);
            assertThat(written).isGreaterThan(4L * MIB);
            root.ftruncate(fd, MIB);
            root.pwrite(fd, Data.of(MIB, round), MIB);
            assertThat(root.readAll(fd, MIB, MIB)).isEqualTo(Data.of(MIB, round));
            root.close(fd);
            root.unlink("f");
        }
    }

    static void overwritingNeedsNoRoom(Env env) throws Exception {
        env.requires(Feature.SIZE_LIMIT);
        env.newfsOfSize(8 * MIB);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        fill(root, fd);
        byte[] data = Data.of(MIB, 1);
        root.writeAll(fd, data, MIB);
        assertThat(root.readAll(fd, MIB, MIB)).isEqualTo(data);
        root.close(fd);
    }

    static void fallocateOfTooMuch(Env env) throws Exception {
        env.requires(Feature.SIZE_LIMIT, Feature.FALLOCATE);
        env.newfsOfSize(8 * MIB);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        fails(ENOSPC, () -> root.fallocate(fd, 0, 0, 64L * MIB));
        assertThat(root.fstat(fd).size()).isZero();
        root.pwrite(fd, "there is room", 0);
        root.close(fd);
    }

    static void sparseFileLargerThanFileSystem(Env env) throws Exception {
        env.requires(Feature.SIZE_LIMIT, Feature.SPARSE);
        env.newfsOfSize(8 * MIB);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.ftruncate(fd, 1L << 30);
        root.pwrite(fd, "x", 1L << 29);
        assertThat(root.fstat(fd).size()).isEqualTo(1L << 30);
        root.close(fd);
    }

    static void fullOfFiles(Env env) throws Exception {
        env.requires(Feature.SIZE_LIMIT);
        env.newfsOfSize(4 * MIB);
        Client root = env.root();
        int made = 0;
        byte[] page = Data.of(4096, 1);
        try {
            for (; made < 5000; made++) {
                root.create("f" + made, page);
            }
        } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(ENOSPC);
        }
        assertThat(made).isBetween(100, 1100);
        for (String name : root.names(".")) {
            root.unlink(name);
        }
        root.create("again", page);
    }

    static void statfsTellsSizes(Env env) throws Exception {
        env.requires(Feature.STATFS, Feature.SIZE_LIMIT);
        env.newfsOfSize(16 * MIB);
        Client root = env.root();
        StatFs before = root.statfs(".");
        assertThat(before.blockSize()).isBetween(512, MIB);
        assertThat(before.blocks() * before.blockSize()).isBetween(12L * MIB, 17L * MIB);
        assertThat(before.free()).isLessThanOrEqualTo(before.blocks());
        assertThat(before.available()).isLessThanOrEqualTo(before.free());
        assertThat(before.nameMax()).isEqualTo(255);
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.writeAll(fd, Data.of(4 * MIB, 1), 0);
        root.fsync(fd);
        StatFs after = root.calls().fstatfs(fd);
        assertThat((before.free() - after.free()) * after.blockSize()).isBetween(4L * MIB, 5L * MIB);
        root.close(fd);
        root.unlink("f");
        Poll.until("space is free again", () -> root.statfs(".").free() >= before.free());
    }

    static void statfsCountsFiles(Env env) throws Exception {
        env.requires(Feature.STATFS, Feature.FILE_COUNTS);
        Client root = env.root();
        StatFs before = root.statfs(".");
        for (int i = 0; i < 100; i++) {
            root.create("f" + i);
        }
        StatFs after = root.statfs("f1");
        assertThat(after.files()).isPositive();
        assertThat(before.filesFree() - after.filesFree()).isGreaterThanOrEqualTo(0);
        assertThat(after.nameMax()).isEqualTo(before.nameMax());
    }

    private static Client readOnly(Env env) throws Exception {
        Client root = env.root();
        if (!env.has(Feature.WRITABLE)) {
            return root;
        }
        env.requires(Feature.REMOUNT);
        root.create("f", "text");
        root.chmod("f", 0666);
        root.mkdir("d");
        if (env.has(Feature.SYMLINKS)) {
            root.symlink("f", "l");
        }
        if (env.has(Feature.FIFOS)) {
            root.mkfifo("p", 0666);
        }
        env.remount(true);
        return root;
    }

    /// False for what is read-only always.
    private static boolean writableAgain(Env env) throws Exception {
        if (env.has(Feature.WRITABLE)) {
            env.remount(false);
        }
        return env.has(Feature.WRITABLE);
    }

    static void readOnlyCanBeRead(Env env) throws Exception {
        Client root = readOnly(env);
        assertThat(root.text("f")).isEqualTo("text");
        assertThat(root.names(".")).contains("d", "f");
        if (env.has(Feature.SYMLINKS)) {
            assertThat(root.readlink("l")).isEqualTo("f");
        }
        assertThat(root.stat("d").isDirectory()).isTrue();
        root.access("f", 4);
        root.close(root.open("f", O_RDONLY | O_CREAT));
        root.calls().sync();
        if (writableAgain(env)) {
            root.create("g");
        }
    }

    static void readOnlyRefusesNewNames(Env env) throws Exception {
        Client root = readOnly(env);
        fails(EROFS, () -> root.create("new"));
        fails(EROFS, () -> root.mkdir("new"));
        fails(EROFS, () -> root.symlink("x", "new"));
        fails(EROFS, () -> root.mkfifo("new", 0600));
        fails(EROFS, () -> root.mknod("new", Mode.S_IFSOCK | 0600, 0));
        fails(EROFS, () -> root.link("f", "new"));
        fails(EROFS, () -> root.rename("f", "new"));
        fails(EEXIST, () -> root.mkdir("d"));
        fails(EEXIST, () -> root.symlink("x", "f"));
        if (env.has(Feature.SYMLINKS)) {
            fails(EROFS, () -> root.rename("f", "l"));
        }
        fails(EEXIST, () -> root.open("f", O_CREAT | O_EXCL | O_RDWR));
        writableAgain(env);
    }

    static void readOnlyRefusesRemoval(Env env) throws Exception {
        Client root = readOnly(env);
        fails(EROFS, () -> root.unlink("f"));
        fails(EROFS, () -> root.rmdir("d"));
        if (env.has(Feature.SYMLINKS)) {
            fails(EROFS, () -> root.unlink("l"));
        }
        if (env.has(Feature.FIFOS)) {
            fails(EROFS, () -> root.unlink("p"));
        }
        writableAgain(env);
    }

    static void readOnlyRefusesChanges(Env env) throws Exception {
        Client root = readOnly(env);
        fails(EROFS, () -> root.open("f", O_WRONLY));
        fails(EROFS, () -> root.open("f", O_RDWR));
        fails(EROFS, () -> root.open("f", O_RDONLY | O_TRUNC));
        fails(EROFS, () -> root.truncate("f", 0));
        fails(EROFS, () -> root.chmod("f", 0600));
        fails(EROFS, () -> root.chown("f", 1, 1));
        fails(EROFS, () -> root.lchown("f", 1, 1));
        fails(EROFS, () -> root.utimens("f", TimeSpec.NOW, TimeSpec.NOW));
        fails(EROFS, () -> root.access("f", 2));
        fails(EROFS, () -> root.access("d", 2));
        int fd = root.open("f", O_RDONLY);
        fails(EROFS, () -> root.fchmod(fd, 0600));
        fails(EROFS, () -> root.fchown(fd, 1, 1));
        root.close(fd);
        writableAgain(env);
    }

    static void readOnlyRefusesXattrs(Env env) throws Exception {
        env.requires(Feature.XATTRS);
        Client root = readOnly(env);
        fails(EROFS, () -> root.setxattr("f", "user.a", "1"));
        fails(EROFS, () -> root.removexattr("f", "user.a"));
        writableAgain(env);
    }

    static void readOnlyFifoCanBeWritten(Env env) throws Exception {
        env.requires(Feature.FIFOS);
        Client root = readOnly(env);
        int fd = root.open("p", O_RDWR);
        root.write(fd, "abc");
        assertThat(root.read(fd, 10)).asString().isEqualTo("abc");
        root.close(fd);
        root.access("p", 2);
        writableAgain(env);
    }

    static void turningReadOnlyWhileWriting(Env env) throws Exception {
        env.requires(Feature.REMOUNT);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        fails(EBUSY, () -> env.remount(true));
        root.write(fd, "still writable");
        root.close(fd);
        env.remount(true);
        fails(EROFS, () -> root.create("g"));
        env.remount(false);
    }

    static void contentSurvivesUnmount(Env env) throws Exception {
        env.requires(Feature.PERSISTENT);
        boolean links = env.has(Feature.SYMLINKS) && env.has(Feature.LINKS);
        Client root = env.root();
        root.mkdir("d", 0750);
        root.create("d/f", Data.of(100_000, 1));
        root.chmod("d/f", 0640);
        root.setTimes("d/f", 1_000_012_344, 0);
        if (links) {
            root.symlink("d/f", "l");
            root.link("d/f", "h");
        }
        env.mountAgain();
        Client again = env.root();
        assertThat(again.names(".")).containsExactlyElementsOf(links ? List.of("d", "h", "l") : List.of("d"));
        assertThat(again.content("d/f")).isEqualTo(Data.of(100_000, 1));
        assertThat(again.stat("d/f").mtime().seconds()).isEqualTo(1_000_012_344);
        if (env.has(Feature.MODES)) {
            assertThat(again.mode("d/f")).isEqualTo(0640);
            assertThat(again.mode("d")).isEqualTo(0750);
        }
        if (links) {
            assertThat(again.stat("h").nlink()).isEqualTo(env.has(Feature.LINK_COUNTS) ? 2 : 1);
            assertThat(again.readlink("l")).isEqualTo("d/f");
        }
    }

    static void unmountAndMountAgain(Env env) throws Exception {
        env.requires(Feature.PERSISTENT);
        for (int i = 0; i < 3; i++) {
            env.root().create("f" + i);
            env.mountAgain();
        }
        assertThat(env.root().names(".")).contains("f0", "f1", "f2");
    }

    static void syncOfEverything(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.write(fd, "text");
        root.calls().sync();
        root.unlink("f");
        root.calls().sync();
        root.close(fd);
        root.calls().sync();
        fails(ENOENT, () -> root.stat("f"));
    }

    static void rootDirectory(Env env) throws Exception {
        Client root = env.root();
        assertThat(root.stat(".").isDirectory()).isTrue();
        root.chmod(".", 0711);
        if (env.has(Feature.MODES)) {
            assertThat(root.mode(".")).isEqualTo(0711);
        }
        if (env.has(Feature.USERS)) {
            root.chown(".", 5, 6);
            assertThat(root.stat(".").uid()).isEqualTo(5);
            fails(Errno.EACCES, () -> env.user().names("."));
        }
        root.create("f");
        assertThat(root.names(".")).contains("f");
    }
}
