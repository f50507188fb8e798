// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.SetAttr.none;
import static jpuffs.rumpfs.tmpfs.Fixture.list;
import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static jpuffs.rumpfs.tmpfs.Fixture.read;
import static jpuffs.rumpfs.tmpfs.Fixture.times;
import static jpuffs.rumpfs.tmpfs.Fixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which operation sets which time. The clock goes on by a second at each look, so a new time is a later
/// one.
@Timeout(30)
class TimesTest {
    private static final Name USER_X = name("user.x");
    private static final int O_NOATIME = 01000000;

    private final Fixture t = new Fixture();
    private Node directory = t.root;
    private Node file = t.root;

    @FunctionalInterface
    private interface Operation {
        void run() throws IOException;
    }

    @BeforeEach
    void make() throws IOException {
        directory = t.directory("d");
        file = t.file(directory, "f");
        write(file, 0, "text");
        read(file, 0, 1);
        list(directory);
    }

    @AfterEach
    void close() {
        t.close();
    }

    /// Asserts that `operation` sets those times of `node` whose letters (a, m, c) are in `expected`.
    private static void assertSets(String expected, Node node, Operation operation) throws IOException {
        List<Time> before = times(node);
        operation.run();
        List<Time> after = times(node);
        var set = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            assertThat(after.get(i)).isGreaterThanOrEqualTo(before.get(i));
            set.append(after.get(i).equals(before.get(i)) ? "" : "amc".charAt(i));
        }
        assertThat(set).hasToString(expected);
    }

    @Test
    void aNewFileHasOneTime() throws IOException {
        Attr attr = t.file("new").getattr();
        assertThat(attr.atime()).isEqualTo(attr.mtime()).isEqualTo(attr.ctime()).isEqualTo(attr.btime());
    }

    @Test
    void contentSetsMtimeAndCtime() throws IOException {
        assertSets("mc", file, () -> write(file, 1, "x"));
        assertSets("", file, () -> write(file, 1, ""));
        assertSets("mc", file, () -> file.setattr(none().withSize(0)));
        assertSets("mc", file, () -> file.setattr(none().withSize(0)));
        assertSets("mc", file, () -> file.fallocate(0, 0, 10));
        Node other = t.file("other");
        write(other, 0, "data");
        assertSets("mc", file, () -> other.copyFileRange(0, file, 0, 4));
    }

    @Test
    void attributesSetCtime() throws IOException {
        assertSets("c", file, () -> file.setattr(none().withMode(0600)));
        assertSets("c", file, () -> file.setattr(none().withUid(3)));
        assertSets("c", file, () -> file.setattr(none()));
        assertSets("c", file, () -> file.setxattr(USER_X, new byte[1], 0));
        assertSets("c", file, () -> file.removexattr(USER_X));
        assertSets("", file, () -> file.removexattr(Acl.ACCESS));
        assertSets("", file, () -> file.getxattr(USER_X));
        assertSets("", file, () -> file.fsync(false));
    }

    @Test
    void timesAreSetAsAskedOrToNow() throws IOException {
        Time then = new Time(-77, 5);
        Time late = new Time(1L << 33, 999_999_999);
        Attr attr = file.setattr(none().withAtime(then).withMtime(late));
        assertThat(attr.atime()).isEqualTo(then);
        assertThat(attr.mtime()).isEqualTo(late);
        assertThat(file.setattr(none().withCtime(then)).ctime()).isEqualTo(then);
        attr = file.setattr(
                none().withAtime(Time.EPOCH).withMtime(Time.EPOCH).with(SetAttr.ATIME_NOW | SetAttr.MTIME_NOW));
        assertThat(attr.atime()).isEqualTo(attr.ctime()).isEqualTo(attr.mtime());
        assertThat(attr.atime()).isGreaterThan(Time.EPOCH);
    }

    @Test
    void entriesSetTheirDirectorys() throws IOException {
        assertSets("mc", directory, () -> t.file(directory, "1"));
        assertSets("mc", directory, () -> directory.create(name("2"), 0600, 2, Cred.ROOT));
        assertSets("mc", directory, () -> t.directory(directory, "3"));
        assertSets("mc", directory, () -> directory.symlink(name("4"), new byte[1], Cred.ROOT));
        assertSets("mc", directory, () -> directory.link(file, name("5")));
        assertSets("mc", directory, () -> directory.unlink(name("5")));
        assertSets("mc", directory, () -> directory.rmdir(name("3")));
        assertSets("", directory, () -> directory.tmpfile(0600, 2, Cred.ROOT));
        assertSets("", directory, () -> directory.lookup(name("1")));
        assertSets("", directory, () -> write(file, 0, "x"));
    }

    @Test
    void linksSetCtimeOfTheFile() throws IOException {
        assertSets("c", file, () -> directory.link(file, name("g")));
        assertSets("c", file, () -> directory.unlink(name("g")));
        assertSets("c", file, () -> directory.unlink(name("f")));
        Node sub = t.directory("sub");
        assertSets("c", sub, () -> t.root.rmdir(name("sub")));
    }

    @Test
    void renameSetsBothDirectoriesTheMovedAndTheVictim() throws IOException {
        Node victim = t.file("victim");
        assertSets(
                "c",
                victim,
                () -> assertSets(
                        "c",
                        file,
                        () -> assertSets(
                                "mc",
                                t.root,
                                () -> assertSets(
                                        "mc",
                                        directory,
                                        () -> directory.rename(name("f"), t.root, name("victim"), 0)))));
        Node other = t.directory("other");
        assertSets(
                "c",
                other,
                () -> assertSets(
                        "mc",
                        t.root,
                        () -> assertSets(
                                "mc", directory, () -> t.root.rename(name("other"), directory, name("x"), 0))));
        assertSets(
                "c",
                other,
                () -> assertSets(
                        "c",
                        file,
                        () -> assertSets(
                                "mc",
                                t.root,
                                () -> directory.rename(name("x"), t.root, name("victim"), Node.RENAME_EXCHANGE))));
    }

    @Test
    void readingSetsAtimeIfItTellsAnything() throws IOException {
        assertSets("", file, () -> read(file, 0, 1));
        write(file, 0, "x");
        assertSets("a", file, () -> read(file, 0, 1));
        assertSets("", file, () -> read(file, 0, 1));
        file.setattr(none().withMode(0600));
        assertSets("a", file, () -> read(file, 0, 1));
        t.file(directory, "new");
        assertSets("a", directory, () -> list(directory));
        assertSets("", directory, () -> list(directory));
        Node link = t.root.symlink(name("l"), new byte[1], Cred.ROOT);
        assertSets("a", link, link::readlink);
        assertSets("", link, link::readlink);
        Time future = new Time(3_000_000, 0);
        file.setattr(none().withMtime(new Time(0, 0)).withCtime(new Time(0, 0)).withAtime(new Time(1, 0)));
        assertSets("a", file, () -> read(file, 0, 1));
        file.setattr(none().withAtime(future).withCtime(Time.EPOCH).withMtime(Time.EPOCH));
        assertSets("", file, () -> read(file, 0, 1));
    }

    @Test
    void noatimeReadsQuietly() throws IOException {
        write(file, 0, "text");
        t.file(directory, "new");
        Handle quiet = file.open(O_NOATIME);
        assertSets("", file, () -> quiet.read(Fixture.segment("...."), 0));
        assertSets("", directory, () -> directory.open(O_NOATIME).readdir(0, (name, ino, mode, cookie) -> true));
        assertSets("a", file, () -> file.open(0).read(Fixture.segment("...."), 0));
        assertSets("a", directory, () -> directory.open(0).readdir(0, (name, ino, mode, cookie) -> true));
    }

    @Test
    void theCacheIsKeptWhereNoReadHasAnAtimeToSet() throws IOException {
        int keep = Handle.KEEP_CACHE;
        assertThat(file.open(0).caching()).isEqualTo(keep | Handle.NOFLUSH);
        write(file, 0, "x");
        assertThat(file.open(0).caching()).isEqualTo(Handle.NOFLUSH);
        assertThat(file.open(2).caching()).isEqualTo(Handle.NOFLUSH);
        assertThat(file.open(1).caching()).isEqualTo(keep | Handle.NOFLUSH);
        assertThat(file.open(O_NOATIME).caching()).isEqualTo(keep | Handle.NOFLUSH);
        read(file, 0, 1);
        assertThat(file.open(2).caching()).isEqualTo(keep | Handle.NOFLUSH);
        list(directory);
        assertThat(directory.open(0).caching()).isEqualTo(keep | Handle.CACHE_DIR | Handle.NOFLUSH);
        try (var locking = new Fixture(Fixture.OPTIONS.with("locks", ""))) {
            assertThat(locking.file("f").open(1).caching()).isEqualTo(keep);
        }
    }

    @Test
    void setIdBitsGoWithTheContent() throws IOException {
        var stranger = new jpuffs.core.Caller(Cred.of(9, 9), 1);
        SetAttr chmod = none().withMode(06777);
        file.setattr(chmod);
        assertThat(file.setattr(none().withSize(1).with(SetAttr.KILL_SUID)).mode())
                .isEqualTo(Mode.S_IFREG | 0777);
        file.setattr(chmod);
        assertThat(file.setattr(none().withUid(5)).mode()).isEqualTo(Mode.S_IFREG | 0777);
        file.setattr(chmod);
        file.fallocate(0, 0, 5);
        assertThat(file.getattr().mode()).as("root keeps them").isEqualTo(Mode.S_IFREG | 06777);
        stranger.call(() -> {
            file.fallocate(0, 0, 5);
            return "";
        });
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0777);
        file.setattr(chmod);
        stranger.call(() -> file.copyFileRange(0, file, 4, 1));
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0777);
    }
}
