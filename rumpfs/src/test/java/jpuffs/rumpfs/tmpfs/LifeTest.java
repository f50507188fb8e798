// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.rumpfs.tmpfs.Fixture.assertFails;
import static jpuffs.rumpfs.tmpfs.Fixture.assertNlink;
import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static jpuffs.rumpfs.tmpfs.Fixture.read;
import static jpuffs.rumpfs.tmpfs.Fixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Objects;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How long files live, what there is room for, and what a file system tells of itself.
@Timeout(60)
class LifeTest {
    private final Fixture t = new Fixture();

    @AfterEach
    void close() {
        t.close();
    }

    @Test
    void anUnlinkedFileLivesUntilItIsReclaimed() throws IOException {
        Handle handle = t.root.create(name("f"), 0600, 2, Cred.ROOT);
        write(handle.node(), 0, "text");
        long ino = handle.getattr().ino();
        t.root.unlink(name("f"));
        assertNlink(handle.node(), 0);
        write(handle.node(), 4, " and more");
        assertThat(read(handle.node(), 0, 99)).isEqualTo("text and more");
        assertThat(t.fs.byIno(ino)).isSameAs(handle.node());
        handle.release();
        handle.node().inactive();
        assertThat(t.usedBlocks()).isEqualTo(1);
        handle.node().reclaim(2);
        assertThat(t.usedBlocks()).isZero();
        assertThat(t.usedInodes()).isEqualTo(1);
        assertThat(t.fs.byIno(ino)).isNull();
        handle.node().reclaim(1);
        assertThat(t.usedInodes()).isEqualTo(1);
    }

    @Test
    void aFileTheDriverDoesNotKnowGoesWithItsLastName() throws IOException {
        Node file = t.file("f");
        write(file, 0, "text");
        t.root.link(file, name("g"));
        file.reclaim(1);
        t.root.unlink(name("f"));
        assertThat(t.usedBlocks()).isEqualTo(1);
        t.root.unlink(name("g"));
        assertThat(t.usedBlocks()).isZero();
        assertThat(t.usedInodes()).isEqualTo(1);
    }

    @Test
    void aTemporaryFileGoesWhenReclaimed() throws IOException {
        Handle handle = t.root.tmpfile(0600, 2, Cred.ROOT);
        write(handle.node(), 0, "text");
        handle.node().reclaim(1);
        assertThat(t.usedBlocks()).isZero();
        assertThat(t.usedInodes()).isEqualTo(1);
    }

    @Test
    void filesAreFoundByNumber() throws IOException {
        assertThat(t.fs.isExportable()).isTrue();
        Node file = t.file("f");
        assertThat(t.fs.byIno(file.getattr().ino())).isSameAs(file);
        assertThat(t.fs.byIno(t.root.getattr().ino())).isSameAs(t.root);
        assertThat(t.fs.byIno(999)).isNull();
        assertThat(file.generation()).isEqualTo(t.root.generation());
    }

    @Test
    void inodesRunOutAndComeBack() throws IOException {
        for (int i = 0; i < 999; i++) {
            t.file("f" + i).reclaim(1);
        }
        assertThat(t.fs.statfs().filesFree()).isZero();
        assertFails(Errno.ENOSPC, () -> t.file("more"));
        assertFails(Errno.ENOSPC, () -> t.directory("more"));
        assertFails(Errno.ENOSPC, () -> t.root.symlink(name("more"), new byte[1], Cred.ROOT));
        assertFails(Errno.ENOSPC, () -> t.root.tmpfile(0600, 2, Cred.ROOT));
        assertFails(Errno.ENOSPC, () -> t.root.rename(name("f1"), t.root, name("x"), Node.RENAME_WHITEOUT));
        assertNlink(t.root, 2);
        t.root.unlink(name("f1"));
        t.file("more");
        assertThat(t.usedInodes()).isEqualTo(1000);
    }

    @Test
    void heapRunsOutAndComesBack() throws IOException {
        var space = new Space(10, 1000);
        assertThat(space.inodes()).isEqualTo(1);
        space.addInode();
        space.charge(840);
        assertFails(Errno.ENOSPC, () -> space.charge(1));
        assertFails(Errno.ENOSPC, space::addInode);
        space.refund(840);
        space.removeInode();
        assertThat(space.bytes()).isZero();
        assertThat(space.maxInodes()).isEqualTo(10);
    }

    @Test
    void nothingIsLeftWhenAllIsRemoved() throws IOException {
        long before = t.fs.space().bytes();
        Node d = t.directory("d");
        for (int i = 0; i < 300; i++) {
            Node file = t.file(d, "f" + i);
            write(file, 5000L * i * i, "x".repeat(i * 13));
            file.setxattr(name("user.x"), new byte[i], 0);
            d.symlink(name("l" + i), new byte[i + 1], Cred.ROOT).reclaim(1);
            file.reclaim(1);
        }
        assertThat(t.usedBlocks()).isGreaterThan(300);
        for (int i = 0; i < 300; i++) {
            d.unlink(name("f" + i));
            d.unlink(name("l" + i));
        }
        t.root.rmdir(name("d"));
        d.reclaim(1);
        assertThat(t.usedBlocks()).isZero();
        assertThat(t.usedInodes()).isEqualTo(1);
        assertThat(t.fs.space().bytes()).isEqualTo(before);
    }

    @Test
    void tellsSizesAndFeatures() throws IOException {
        write(t.file("f"), 0, "x");
        StatFs statfs = t.fs.statfs();
        assertThat(statfs).isEqualTo(new StatFs(4096, 4096, 4095, 4095, 1000, 998, 255));
        assertThat(t.fs.keepsAcls()).isTrue();
        assertThat(t.fs.keepsLocks()).isFalse();
        assertThat(t.fs.isThreadSafe()).isFalse();
        t.fs.sync();
        t.fs.unmount(false);
    }

    @Test
    void memoryGoesBackToTheSystem() throws IOException {
        var blocks = new Blocks(100_000, (size, arena) -> arena.allocate(size, Blocks.SIZE));
        var taken = new int[20_000];
        for (int i = 0; i < taken.length; i++) {
            blocks.reserve();
            taken[i] = blocks.write();
        }
        assertThat(taken).doesNotHaveDuplicates().doesNotContain(0, -1);
        assertThat(blocks.slabs()).isEqualTo(40);
        for (int block : taken) {
            blocks.free(block);
        }
        assertThat(blocks.used()).isZero();
        assertThat(blocks.slabs()).isLessThan(5);
        blocks.reserve();
        assertThat(blocks.write()).isPositive();
        blocks.close();
        assertThat(blocks.slabs()).isZero();
    }

    @Test
    void locksAreKeptByFile() throws IOException {
        try (var locking = new Fixture(Fixture.OPTIONS.with("locks", ""))) {
            assertThat(locking.fs.keepsLocks()).isTrue();
            Node f = locking.file("f");
            Node g = locking.file("g");
            var lock = new Lock(Lock.Type.WRITE, 1, 0, 9, 1, false);
            var other = new Lock(Lock.Type.WRITE, 2, 5, 5, 2, false);
            f.setlk(lock, false);
            assertThat(f.getlk(other)).isEqualTo(lock);
            assertThat(g.getlk(other)).isNull();
            assertFails(Errno.EAGAIN, () -> f.setlk(other, false));
        }
    }

    @Test
    void optionsAreThoseOfMount() throws IOException {
        Tmpfs.Options options = Tmpfs.Options.DEFAULT
                .with("size", "3m")
                .with("nr_inodes", "2k")
                .with("mode", "0750")
                .with("uid", "5")
                .with("gid", "4294967294");
        assertThat(options).isEqualTo(new Tmpfs.Options(3 << 20, 2048, 0750, 5, -2, false));
        assertThat(Tmpfs.Options.DEFAULT.with("size", "50%").size()).isPositive();
        assertThat(Tmpfs.Options.DEFAULT.with("size", "8T").size()).isEqualTo(8L << 40);
        try (var fs = new Fixture(options)) {
            Attr root = fs.root.getattr();
            assertThat(root.mode()).isEqualTo(Mode.S_IFDIR | 0750);
            assertThat(root.uid()).isEqualTo(5);
            assertThat(root.gid()).isEqualTo(-2);
            assertThat(fs.fs.statfs().blocks()).isEqualTo(768);
        }
        try (var fs = new Fixture(options.with("size", "0").with("nr_inodes", "0"))) {
            assertThat(fs.fs.statfs().blocks()).isGreaterThan(1L << 30);
            assertThat(fs.fs.statfs().filesFree()).isGreaterThan(1L << 60);
        }
    }

    @Test
    void badOptionsSayWhatIsWrong() {
        String[][] bad = {
            {"size", ""},
            {"size", "m"},
            {"size", "-1"},
            {"size", "9999999999t"},
            {"nr_inodes", "many"},
            {"mode", "888"},
            {"mode", "17777"},
            {"uid", "4294967295"},
            {"gid", "root"}
        };
        for (String[] option : bad) {
            assertThatThrownBy(() -> Tmpfs.Options.DEFAULT.with(option[0], option[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("bad value for option " + option[0] + ": \"" + option[1] + "\"");
        }
        assertThatThrownBy(() -> Tmpfs.Options.DEFAULT.with("color", "red")).hasMessage("tmpfs has no option color");
    }

    @Test
    void theClockIsTheSystemsUnlessGiven() throws IOException {
        try (var fs = new Tmpfs(Tmpfs.Options.DEFAULT)) {
            assertThat(Objects.requireNonNull(fs.root()).getattr().mtime().seconds())
                    .isBetween(1_700_000_000L, System.currentTimeMillis() / 1000);
        }
    }
}
