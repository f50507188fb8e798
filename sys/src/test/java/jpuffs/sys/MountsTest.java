// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class MountsTest {
    @TempDir
    Path dir;

    private Path target;
    private Name name;

    @BeforeEach
    void directory() throws IOException {
        target = Files.createDirectory(dir.toRealPath().resolve("with space\tand\\#"));
        name = Name.of(target.toString());
    }

    @AfterEach
    void unmountWhatIsLeft() throws IOException {
        for (MountInfo left = Mounts.find(name); left != null; left = Mounts.find(name)) {
            Mounts.umount(name, Mounts.MNT_DETACH);
        }
    }

    @Test
    void linesOfMountinfoAreParsed() {
        MountInfo mount = MountInfo.parse("36 35 98:1048575 /mnt1 /mnt\\040two\\134 rw,noatime master:1 shared:2 - "
                + "fuse.puffs|x a\\043b rw,errors=continue");
        assertThat(mount.id()).isEqualTo(36);
        assertThat(mount.parent()).isEqualTo(35);
        assertThat(mount.dev()).isEqualTo(98L << 32 | 1048575);
        assertThat(mount.root()).hasToString("/mnt1");
        assertThat(mount.mountPoint()).hasToString("/mnt two\\");
        assertThat(mount.options()).isEqualTo("rw,noatime");
        assertThat(mount.type()).isEqualTo("fuse.puffs|x");
        assertThat(mount.source()).hasToString("a#b");
        assertThat(mount.superOptions()).isEqualTo("rw,errors=continue");
        assertThat(mount.isFuse()).isTrue();
        assertThat(MountInfo.parse("1 1 0:52 / / rw - fusectl f rw").isFuse()).isFalse();
        assertThat(MountInfo.parse("1 1 0:52 / / rw - fuse f rw").fuseConnection())
                .isEqualTo(52);
        assertThatThrownBy(() -> MountInfo.parse("36 35 nonsense")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theRootIsMounted() throws IOException {
        assertThat(Mounts.find(Name.of("/proc")))
                .isNotNull()
                .satisfies(mount -> assertThat(mount.type()).isEqualTo("proc"));
        assertThat(Mounts.find(name)).isNull();
    }

    @Test
    void abortOfNoConnectionIsTold() {
        assertFails(Errno.ENOENT, () -> Mounts.abort(-1)).hasMessageContaining("connections/4294967295/abort");
    }

    private static void assumeRoot() {
        assumeTrue(Sys.geteuid() == 0, "mounting needs root");
    }

    @Test
    @Tag("root")
    void mountsAndUnmounts() throws Exception {
        assumeRoot();
        Mounts.mount(Name.of("a source"), name, "tmpfs", Mounts.MS_NOSUID | Mounts.MS_RDONLY, "size=1M");
        assertThat(Mounts.find(name)).isNotNull().satisfies(mount -> {
            assertThat(mount.type()).isEqualTo("tmpfs");
            assertThat(mount.source()).hasToString("a source");
            assertThat(mount.options()).contains("ro", "nosuid");
            assertThat(mount.superOptions()).contains("size=1024k");
            assertThat(At.stat(Fcntl.AT_FDCWD, name, 0).dev()).isEqualTo(mount.dev());
        });
        try (Fd busy = Fd.open(name, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0)) {
            assertFails(Errno.EBUSY, () -> Mounts.umount(name, 0)).hasMessageContaining("umount " + name);
            assertFails(Errno.EROFS, () -> At.mkdirat(busy.number(), Name.of("x"), 0700));
            Mounts.umount(name, Mounts.MNT_DETACH);
        }
        assertThat(Mounts.find(name)).isNull();
        assertFails(Errno.EINVAL, () -> Mounts.umount(name, 0));
        assertFails(Errno.ENODEV, () -> Mounts.mount(name, name, "nosuchfs", 0, ""))
                .hasMessage("ENODEV: mount " + name + ": No such device");
    }

    @Test
    @Tag("root")
    void aContextMountsAndSaysWhatIsWrong() throws Exception {
        assumeRoot();
        try (FsContext context = FsContext.open("tmpfs")) {
            context.set("source", "scratch");
            context.set("size", "2M");
            context.setFlag("ro");
            context.mount(name, FsContext.MOUNT_ATTR_NODEV);
        }
        assertThat(Mounts.find(name)).isNotNull().satisfies(mount -> {
            assertThat(mount.source()).hasToString("scratch");
            assertThat(mount.options()).contains("nodev");
            assertThat(mount.superOptions()).contains("size=2048k", "ro");
        });
        try (FsContext context = FsContext.open("tmpfs")) {
            assertFails(Errno.EINVAL, () -> context.set("nonsense", "1"))
                    .hasMessage("EINVAL: tmpfs: nonsense: tmpfs: Unknown parameter 'nonsense'");
            assertFails(Errno.ENOENT, () -> context.mount(Name.of("/nonexistent"), 0));
        }
        assertFails(Errno.ENODEV, () -> FsContext.open("nosuchfs"));
    }

    @Test
    @Tag("root")
    @Tag("mounted")
    void oneMountIsTakenAway() throws Exception {
        assumeRoot();
        Mounts.mount(Name.of("below"), name, "tmpfs", 0, "");
        MountInfo below = Mounts.find(name);
        Mounts.mount(Name.of("above"), name, "tmpfs", 0, "");
        MountInfo above = Mounts.find(name);
        assertThat(Mounts.takeAway(below)).isFalse();
        assertThat(Mounts.find(name)).isEqualTo(above);
        assertThat(Mounts.takeAway(above)).isTrue();
        assertThat(Mounts.takeAway(above)).isTrue(); // it is gone already
        assertThat(Mounts.find(name)).isEqualTo(below);
        assertThat(Mounts.takeAway(below)).isTrue();
        assertThat(Mounts.find(name)).isNull();
    }

    private static void assumeFuse() {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "/dev/fuse is missing or not for this user");
    }

    @Test
    @Tag("root")
    @Tag("mounted")
    void aFuseConnectionIsFoundAndAborted() throws Exception {
        assumeRoot();
        assumeFuse();
        try (Fd device = FuseDev.open(Fcntl.O_NONBLOCK)) {
            String options = "fd=" + device.number() + ",rootmode=40000,user_id=0,group_id=0";
            Mounts.mount(Name.of("src"), name, "fuse.test", Mounts.MS_NOSUID | Mounts.MS_NODEV, options);
            MountInfo mount = Mounts.find(name);
            assertThat(mount).isNotNull();
            assertThat(mount.isFuse()).isTrue();
            assertThat(mount.type()).isEqualTo("fuse.test");
            try (Fd clone = FuseDev.cloneOf(device, Fcntl.O_NONBLOCK)) {
                assertThat(Poll.one(clone.number(), Poll.POLLIN, 0)).isEqualTo(Poll.POLLIN);
            }
            assertThat(FuseDev.tryBackingOpen(device, 0)).isEqualTo(-Errno.EPERM.number());
            abort(mount.fuseConnection());
            assertThat(Poll.one(device.number(), Poll.POLLIN, 0)).isEqualTo(Poll.POLLERR);
            Mounts.umount(name, Mounts.MNT_DETACH);
        }
    }

    /// Aborts, on a machine where nobody has mounted fusectl by mounting it for as long.
    private static void abort(int connection) throws IOException {
        Name fusectl = Name.of("/sys/fs/fuse/connections");
        boolean missing = Mounts.find(fusectl) == null;
        if (missing) {
            Mounts.mount(fusectl, fusectl, "fusectl", 0, "");
        }
        try {
            Mounts.abort(connection);
        } finally {
            if (missing) {
                Mounts.umount(fusectl, Mounts.MNT_DETACH);
            }
        }
    }

    @Test
    @Tag("mounted")
    void fusermountMountsAndUnmounts() throws Exception {
        assumeFuse();
        try (Fusermount.Mounted mounted = Fusermount.mount(name, "fsname=src,subtype=test,nodev")) {
            assertThat(Poll.one(mounted.device().number(), Poll.POLLIN, -1)).isEqualTo(Poll.POLLIN); // INIT
            assertThat(Mounts.find(name)).isNotNull().satisfies(mount -> {
                assertThat(mount.type()).isEqualTo("fuse.test");
                assertThat(mount.source()).hasToString("src");
            });
            Fusermount.unmount(name, true);
            assertThat(Mounts.find(name)).isNull();
        }
        assertFails(Errno.EPERM, () -> Fusermount.mount(name, "fsname=a,nonsense"))
                .hasMessageContaining("nonsense");
        assertThatThrownBy(() -> Fusermount.unmount(name, false))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("fusermount");
        assertFails(Errno.ENOENT, () -> Fusermount.mount(Name.of("/nonexistent"), "nodev"))
                .hasMessageContaining("/nonexistent")
                .hasMessageNotContaining("\n");
    }

    @Test
    @Tag("mounted")
    void fusermountUnmountsByItselfAtTheEnd() throws Exception {
        assumeFuse();
        Fusermount.mount(name, "auto_unmount").close();
        assertThat(Mounts.find(name)).isNull();
    }

    @Test
    void theErrnoIsReadFromWhatFusermountSays() {
        assertThat(Fusermount.errnoIn("fusermount3: failed to open /dev/fuse: Permission denied"))
                .isEqualTo(Errno.EACCES);
        assertThat(Fusermount.errnoIn("fusermount3: user has no write access to mountpoint /mnt"))
                .isEqualTo(Errno.EPERM);
        assertThat(Fusermount.errnoIn("")).isEqualTo(Errno.EPERM);
    }
}
