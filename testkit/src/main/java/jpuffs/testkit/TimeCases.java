// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.rump.TimeSpec.NOW;
import static jpuffs.rump.TimeSpec.OMIT;
import static jpuffs.sys.Fcntl.AT_FDCWD;
import static jpuffs.sys.Fcntl.AT_SYMLINK_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Time;
import jpuffs.rump.TimeSpec;

/// utimensat(2) and what times can be. (NetBSD: t_unpriv times, tmpfs times.)
final class TimeCases {
    /// In 2001: all know it.
    private static final long BASE = 1_000_000_000;

    private static final TimeSpec OLD = at(0);

    private TimeCases() {}

    /// An even number of seconds after [#BASE], as all can keep it.
    private static TimeSpec at(long seconds) {
        return new TimeSpec(BASE + seconds, 0);
    }

    static void timesAreSet(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        root.utimens("f", at(1_000_000), at(2_000_000));
        assertTimes(env, root.stat("f"), 1_000_000, 2_000_000);
    }

    static void timesHaveNanoseconds(Env env) throws Exception {
        env.requires(Feature.NANOSECONDS);
        Client root = env.root();
        root.create("f");
        root.utimens("f", new TimeSpec(1, 1), new TimeSpec(2, 999_999_999));
        assertThat(root.stat("f").atime()).isEqualTo(new Time(1, 1));
        assertThat(root.stat("f").mtime()).isEqualTo(new Time(2, 999_999_999));
    }

    static void timesBefore1970AndAfter2038(Env env) throws Exception {
        env.requires(Feature.WIDE_TIMES);
        Client root = env.root();
        root.create("f");
        for (long seconds : List.of(0L, -1L, -2_000_000_000L, 1L << 31, (1L << 32) - 1, 1L << 32, 15_000_000_000L)) {
            root.utimens("f", new TimeSpec(seconds, 0), new TimeSpec(seconds, 0));
            assertThat(root.stat("f").atime()).isEqualTo(new Time(seconds, 0));
            assertThat(root.stat("f").mtime()).isEqualTo(new Time(seconds, 0));
        }
    }

    static void timesBefore1970WithNanoseconds(Env env) throws Exception {
        env.requires(Feature.WIDE_TIMES, Feature.NANOSECONDS);
        env.root().create("f");
        env.root().setTimes("f", -5, 123_456_789);
        assertThat(env.root().stat("f").mtime()).isEqualTo(new Time(-5, 123_456_789));
    }

    static void oneTimeIsLeftAlone(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        root.utimens("f", at(10), at(20));
        root.utimens("f", OMIT, at(30));
        assertTimes(env, root.stat("f"), 10, 30);
        root.utimens("f", at(40), OMIT);
        assertTimes(env, root.stat("f"), 40, 30);
        root.utimens("f", OMIT, OMIT);
        assertTimes(env, root.stat("f"), 40, 30);
    }

    private static void assertTimes(Env env, Attr attr, long atime, long mtime) {
        assertThat(attr.mtime()).isEqualTo(new Time(BASE + mtime, 0));
        if (env.has(Feature.SECONDS)) {
            assertThat(attr.atime()).isEqualTo(new Time(BASE + atime, 0));
        }
    }

    static void timesAreSetToNow(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        root.setTimes("f", BASE, 0);
        env.tick();
        root.create("clock");
        Time before = root.stat("clock").ctime();
        root.utimens("f", NOW, NOW);
        Attr attr = root.stat("f");
        assertThat(attr.mtime()).isGreaterThanOrEqualTo(before);
        if (env.has(Feature.ATIME)) {
            assertThat(attr.atime()).isEqualTo(attr.mtime());
        }
        root.utimens("f", OLD, NOW);
        assertThat(root.stat("f").mtime()).isGreaterThanOrEqualTo(before);
        if (env.has(Feature.SECONDS)) {
            assertThat(root.stat("f").atime().seconds()).isEqualTo(BASE);
        }
    }

    static void settingTimesSetsCtime(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f");
        root.setTimes("d/f", BASE + 10, 0);
        var watch = Watch.of(env, "d", "d/f");
        root.utimens("d/f", OLD, at(10));
        watch.expect("d/f", "c");
        watch.expect("d", "");
    }

    static void settingNoTimeSetsNoCtime(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        var watch = Watch.of(env, "f");
        root.utimens("f", OMIT, OMIT);
        watch.expect("f", "");
    }

    static void futimens(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDONLY);
        root.calls().futimens(fd, at(10), at(20));
        assertTimes(env, root.stat("f"), 10, 20);
        root.close(fd);
        root.mkdir("d");
        int dir = root.open("d", O_RDONLY);
        root.calls().futimens(dir, at(30), at(40));
        assertTimes(env, root.stat("d"), 30, 40);
        root.close(dir);
    }

    static void timesOfLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.setTimes("f", BASE + 6, 0);
        root.symlink("f", "l");
        byte[] path = Client.bytes("l");
        root.calls().utimensat(AT_FDCWD, path, at(10), at(20), AT_SYMLINK_NOFOLLOW);
        assertThat(root.lstat("l").mtime().seconds()).isEqualTo(BASE + 20);
        assertTimes(env, root.stat("f"), 6, 6);
        root.calls().utimensat(AT_FDCWD, path, at(30), at(40), 0);
        assertThat(root.stat("f").mtime().seconds()).isEqualTo(BASE + 40);
    }

    static void badTimes(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        fails(EINVAL, () -> root.utimens("f", new TimeSpec(0, 1_000_000_000), OLD));
        fails(EINVAL, () -> root.utimens("f", OLD, new TimeSpec(0, -1)));
        fails(EINVAL, () -> root.calls().utimensat(AT_FDCWD, Client.bytes("f"), OLD, OLD, 0x8));
    }

    static void timesByOwner(Env env) throws Exception {
        Client user = env.user();
        user.create("f");
        user.chmod("f", 0000);
        user.utimens("f", OLD, OLD);
        user.utimens("f", NOW, NOW);
        user.utimens("f", NOW, OMIT);
        user.utimens("f", OMIT, OLD);
        assertThat(user.stat("f").mtime().seconds()).isEqualTo(BASE);
    }

    static void timesByOneWhoMayWrite(Env env) throws Exception {
        env.root().create("f");
        env.root().chmod("f", 0666);
        Client user = env.user();
        user.utimens("f", NOW, NOW);
        fails(EPERM, () -> user.utimens("f", OLD, OLD));
        fails(EPERM, () -> user.utimens("f", NOW, OMIT));
        fails(EPERM, () -> user.utimens("f", OMIT, NOW));
        fails(EPERM, () -> user.utimens("f", OLD, NOW));
        user.utimens("f", OMIT, OMIT);
        user.utimens("none", OMIT, OMIT);
        fails(ENOENT, () -> user.utimens("none", NOW, NOW));
    }

    static void timesByOneWhoMayNot(Env env) throws Exception {
        env.root().create("f");
        var watch = Watch.of(env, "f");
        Client user = env.user();
        fails(EACCES, () -> user.utimens("f", NOW, NOW));
        fails(EPERM, () -> user.utimens("f", OLD, OLD));
        int fd = user.open("f", O_RDONLY);
        fails(EPERM, () -> user.calls().futimens(fd, OLD, OLD));
        user.close(fd);
        watch.expect("f", "");
    }

    static void setTimesSurviveReadingAndClosing(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDWR);
        root.write(fd, "x");
        root.calls().futimens(fd, at(10), at(20));
        root.close(fd);
        assertThat(root.stat("f").mtime().seconds()).isEqualTo(BASE + 20);
        root.text("f");
        assertThat(root.stat("f").mtime().seconds()).isEqualTo(BASE + 20);
    }

    static void timesOfDirectoryStay(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f", "abc");
        root.setTimes("d", BASE + 100, 0);
        root.text("d/f");
        root.chmod("d/f", 0600);
        root.stat("d");
        assertThat(root.stat("d").mtime().seconds()).isEqualTo(BASE + 100);
    }

    static void statSetsNoTimes(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        root.symlink("f", "l");
        var watch = Watch.of(env, "f", "d", "l");
        for (String path : List.of("f", "d", "l")) {
            root.stat(path);
            root.lstat(path);
            root.access(path, 4);
        }
        watch.expect("f", "");
        watch.expect("d", "");
        watch.expect("l", "");
    }
}
