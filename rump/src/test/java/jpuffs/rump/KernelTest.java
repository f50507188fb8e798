// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.core.OpenFlags.O_WRONLY;
import static jpuffs.rump.Process.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Time;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the testkit's cases do not see: the life of nodes, mounts, processes, and interrupts.
@Timeout(30)
@SuppressWarnings("JavaLangClash")
class KernelTest {
    private final CountingFs fs = new CountingFs();
    private Kernel kernel;
    private Process process;

    @BeforeEach
    void boot() throws ErrnoException {
        kernel = new Kernel(fs);
        process = kernel.newProcess(Cred.ROOT);
    }

    @AfterEach
    void halt() {
        fs.vetoes = false;
        kernel.close();
    }

    private static byte[] path(String path) {
        return path.getBytes(UTF_8);
    }

    private int open(String path, int flags) throws ErrnoException {
        return process.openat(AT_FDCWD, path(path), flags, 0644);
    }

    private void mkdir(String path) throws ErrnoException {
        process.mkdirat(AT_FDCWD, path(path), 0755);
    }

    private Stat stat(String path) throws ErrnoException {
        return process.fstatat(AT_FDCWD, path(path), 0);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThat(catchThrowable(call))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void everyAnswerIsReclaimed() throws ErrnoException {
        mkdir("/d");
        process.close(open("/d/f", O_CREAT | O_RDWR));
        for (int i = 0; i < 10; i++) {
            stat("/d/f");
        }
        process.close();
        kernel.unmountAll();
        assertThat(fs.known).isEmpty();
        assertThat(fs.open).isZero();
        assertThat(fs.syncs).isEqualTo(1);
    }

    @Test
    void inactiveFollowsTheLastRelease() throws ErrnoException {
        int first = open("/f", O_CREAT | O_RDWR);
        int second = open("/f", O_RDONLY);
        int copy = process.dup(first);
        process.close(first);
        process.close(second);
        assertThat(fs.open).isEqualTo(1);
        assertThat(fs.inactives).isZero();
        process.close(copy);
        assertThat(fs.open).isZero();
        assertThat(fs.inactives).isEqualTo(1);
        assertThat(fs.reclaims).isZero();
    }

    @Test
    void removedFileIsReclaimedWithItsLastUse() throws ErrnoException {
        int fd = open("/f", O_CREAT | O_RDWR);
        process.unlinkat(AT_FDCWD, path("/f"), 0);
        assertThat(fs.reclaims).isZero();
        process.close(fd);
        assertThat(fs.reclaims).isEqualTo(1);
        mkdir("/d");
        process.unlinkat(AT_FDCWD, path("/d"), Process.AT_REMOVEDIR);
        assertThat(fs.reclaims).isEqualTo(2);
    }

    @Test
    void replacedFileIsReclaimed() throws ErrnoException {
        process.close(open("/a", O_CREAT | O_RDWR));
        process.close(open("/b", O_CREAT | O_RDWR));
        process.renameat2(AT_FDCWD, path("/a"), AT_FDCWD, path("/b"), 0);
        assertThat(fs.reclaims).isEqualTo(1);
    }

    @Test
    void unusedNodesAreForgottenInTheEnd() throws ErrnoException {
        mkdir("/d");
        for (int i = 0; i < 3000; i++) {
            process.close(open("/d/" + i, O_CREAT | O_WRONLY));
        }
        assertThat(fs.known).hasSizeLessThan(1100);
        assertThat(fs.known).doesNotContainValue(Long.MIN_VALUE);
    }

    @Test
    void entriesWithoutInodeNumberGetOne() throws ErrnoException {
        process.close(open("/a", O_CREAT | O_RDWR));
        process.close(open("/b", O_CREAT | O_RDWR));
        assertThat(stat("/a").attr().ino())
                .isPositive()
                .isNotEqualTo(stat("/b").attr().ino());
        assertThat(stat("/a").attr().ino()).isEqualTo(stat("/a").attr().ino());
    }

    @Test
    void bugOfFileSystemIsEio() throws ErrnoException {
        assertErrno(Errno.EIO, () -> stat("/bug"));
        mkdir("/d");
        assertThat(stat("/d").attr().isDirectory()).isTrue();
    }

    @Test
    void busyFileSystemIsNotUnmounted() throws ErrnoException {
        int fd = open("/f", O_CREAT | O_RDWR);
        assertErrno(Errno.EBUSY, kernel::unmountAll);
        process.close(fd);
        assertErrno(Errno.EBUSY, kernel::unmountAll); // the working directory
        process.close();
        fs.vetoes = true;
        assertErrno(Errno.EBUSY, kernel::unmountAll);
        fs.vetoes = false;
        kernel.unmountAll();
    }

    @Test
    void nestedMounts() throws ErrnoException {
        var second = new CountingFs();
        mkdir("/m");
        mkdir("/other");
        process.close(open("/m/hidden", O_CREAT | O_RDWR));
        process.mount(second, path("/m"), 0);
        assertErrno(Errno.ENOENT, () -> stat("/m/hidden"));
        process.close(open("/m/f", O_CREAT | O_RDWR));
        mkdir("/m/d");
        assertThat(second.root.children.keySet()).extracting(Name::toString).containsExactly("f", "d");
        assertThat(stat("/m/f").dev()).isNotEqualTo(stat("/other").dev());
        assertThat(stat("/m/d/../..").dev()).isEqualTo(stat("/").dev());
        assertThat(stat("/m/../other").attr()).isEqualTo(stat("/other").attr());

        assertErrno(Errno.EBUSY, () -> process.unlinkat(AT_FDCWD, path("/m"), Process.AT_REMOVEDIR));
        assertErrno(Errno.EBUSY, () -> process.renameat2(AT_FDCWD, path("/m"), AT_FDCWD, path("/n"), 0));
        assertErrno(Errno.EXDEV, () -> process.renameat2(AT_FDCWD, path("/m/f"), AT_FDCWD, path("/f"), 0));
        assertErrno(Errno.EXDEV, () -> process.linkat(AT_FDCWD, path("/m/f"), AT_FDCWD, path("/f"), 0));

        process.chdir(path("/m/d"));
        assertErrno(Errno.EBUSY, () -> process.unmount(path("/m"), false));
        process.chdir(path("../.."));
        assertThat(stat("other").attr().isDirectory()).isTrue();
        process.unmount(path("/m"), false);
        assertThat(second.known).isEmpty();
        assertThat(stat("/m/hidden").attr().isRegular()).isTrue();
        assertErrno(Errno.EINVAL, () -> process.unmount(path("/m"), false));
        assertErrno(Errno.EBUSY, () -> process.unmount(path("/"), false));
    }

    @Test
    void mountOnMount() throws ErrnoException {
        mkdir("/m");
        process.mount(new CountingFs(), path("/m"), 0);
        mkdir("/m/lower");
        process.mount(new CountingFs(), path("/m"), 0);
        mkdir("/m/upper");
        assertErrno(Errno.ENOENT, () -> stat("/m/lower"));
        assertThat(stat("/m/upper/../..").dev()).isEqualTo(stat("/").dev());
        process.unmount(path("/m"), false);
        assertThat(stat("/m/lower").attr().isDirectory()).isTrue();
        process.unmount(path("/m"), false);
    }

    @Test
    void mountNeedsPrivilegeAndFittingTypes() throws ErrnoException {
        mkdir("/m");
        process.close(open("/f", O_CREAT | O_RDWR));
        Process user = process.forkAs(Cred.of(1000, 1000));
        assertErrno(Errno.EPERM, () -> user.mount(new CountingFs(), path("/m"), 0));
        assertErrno(Errno.EPERM, () -> user.unmount(path("/"), true));
        assertErrno(Errno.ENOTDIR, () -> process.mount(new CountingFs(), path("/f"), 0));
        assertErrno(Errno.ENOENT, () -> process.mount(new CountingFs(), path("/none"), 0));
        assertErrno(Errno.EINVAL, () -> process.mount(new CountingFs(), path("/m"), 1 << 30));
    }

    @Test
    void forcedUnmountLeavesErrors() throws ErrnoException {
        var second = new CountingFs();
        mkdir("/m");
        process.mount(second, path("/m"), 0);
        int fd = open("/m/f", O_CREAT | O_RDWR);
        mkdir("/m/d");
        process.chdir(path("/m/d"));
        process.unmount(path("/m"), true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1);
            assertErrno(Errno.EIO, () -> process.pread(fd, buffer, 0));
            assertErrno(Errno.EIO, () -> process.write(fd, buffer));
        }
        assertErrno(Errno.EIO, () -> process.fstat(fd));
        assertErrno(Errno.EIO, () -> stat("x"));
        process.close(fd);
        process.chdir(path("/"));
        process.unlinkat(AT_FDCWD, path("/m"), Process.AT_REMOVEDIR);
        process.close();
        kernel.unmountAll();
    }

    @Test
    void readOnlyMountInWritableOne() throws ErrnoException {
        mkdir("/m");
        process.mount(new CountingFs(), path("/m"), Kernel.MS_RDONLY);
        assertErrno(Errno.EROFS, () -> open("/m/f", O_CREAT | O_RDWR));
        process.close(open("/f", O_CREAT | O_RDWR));
        process.remount(path("/m"), 0);
        int fd = open("/m/f", O_CREAT | O_RDWR);
        assertErrno(Errno.EBUSY, () -> process.remount(path("/m"), Kernel.MS_RDONLY));
        process.close(fd);
        process.remount(path("/m"), Kernel.MS_RDONLY);
        assertErrno(Errno.EINVAL, () -> process.remount(path("/f"), 0));
    }

    @Test
    void childSharesOpenFiles() throws ErrnoException {
        int fd = open("/f", O_CREAT | O_RDWR);
        process.umask(077);
        process.chdir(path("/"));
        Process child = process.forkAs(Cred.of(1000, 1000));
        child.lseek(fd, 7, Process.SEEK_SET);
        assertThat(process.lseek(fd, 0, Process.SEEK_CUR)).isEqualTo(7);
        process.close(fd);
        assertThat(child.lseek(fd, 0, Process.SEEK_CUR)).isEqualTo(7);
        assertThat(child.umask(0)).isEqualTo(077);
        assertThat(child.getpid()).isNotEqualTo(process.getpid());
        child.close();
        assertThat(fs.open).isZero();
        assertErrno(Errno.EBADF, () -> child.lseek(fd, 0, Process.SEEK_CUR));
    }

    @Test
    void descriptorsAreLimited() throws ErrnoException {
        process.setNofile(4);
        int[] fds = new int[4];
        for (int i = 0; i < 4; i++) {
            fds[i] = open("/f", O_CREAT | O_RDWR);
            assertThat(fds[i]).isEqualTo(i);
        }
        assertErrno(Errno.EMFILE, () -> open("/f", O_RDWR));
        assertErrno(Errno.EMFILE, () -> process.dup(0));
        assertErrno(Errno.EBADF, () -> process.dup2(0, 4));
        assertErrno(Errno.EINVAL, () -> process.dupFrom(0, 4));
        process.close(2);
        assertThat(process.dupFrom(0, 1)).isEqualTo(2);
        assertThat(fs.open).isEqualTo(3);
    }

    @Test
    void waitingCallsEndWithTheirThread() throws Exception {
        int fd = open("/f", O_CREAT | O_RDWR);
        process.setlk(fd, Flock.write(0, 0), false);
        Process other = kernel.newProcess(Cred.ROOT);
        int theirs = other.openat(AT_FDCWD, path("/f"), O_RDWR, 0);
        assertInterruptible(() -> other.setlk(theirs, Flock.write(0, 0), true));
        process.mknodat(AT_FDCWD, path("/p"), Mode.S_IFIFO | 0600, 0);
        assertInterruptible(() -> other.openat(AT_FDCWD, path("/p"), O_RDONLY, 0));
        int pipe = other.openat(AT_FDCWD, path("/p"), O_RDWR, 0);
        assertInterruptible(() -> other.read(pipe, MemorySegment.ofArray(new byte[1])));
    }

    private static void assertInterruptible(ThrowingCallable call) throws InterruptedException {
        var failure = new AtomicReference<Throwable>();
        var started = new CountDownLatch(1);
        Thread thread = Thread.ofVirtual().start(() -> {
            started.countDown();
            failure.set(catchThrowable(call));
        });
        started.await();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        thread.join();
        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
    }

    @Test
    void directoryPositionsOfDots() throws ErrnoException {
        process.close(open("/a", O_CREAT | O_RDWR));
        process.close(open("/b", O_CREAT | O_RDWR));
        int fd = open("/", O_RDONLY);
        List<String> seen = new ArrayList<>();
        while (oneEntry(fd, seen)) {
            process.lseek(fd, process.lseek(fd, 0, Process.SEEK_CUR), Process.SEEK_SET);
        }
        assertThat(seen).containsExactly(".", "..", "a", "b");
    }

    private boolean oneEntry(int fd, List<String> seen) throws ErrnoException {
        int before = seen.size();
        process.getdents(fd, (name, ino, mode, cookie) -> seen.size() == before && seen.add(name.toString()));
        return seen.size() > before;
    }

    @Test
    void timesComeFromTheKernelsClock() throws ErrnoException {
        var clocked = new CountingFs();
        var host = new Rumpuser() {
            @Override
            public Time now() {
                return new Time(42, 0);
            }
        };
        try (var other = new Kernel(clocked, 0, host)) {
            assertThat(other.now()).isEqualTo(new Time(42, 0));
        }
    }

    @Test
    void theSyncDaemonSyncsUntilTheKernelIsClosed() throws Exception {
        var threads = new ArrayList<Thread>();
        var host = new Rumpuser() {
            @Override
            public Thread startThread(String name, Runnable body) {
                threads.add(super.startThread(name, body));
                return threads.getLast();
            }
        };
        var synced = new CountingFs();
        try (var other = new Kernel(synced, 0, host)) {
            other.startSyncDaemon(Duration.ofMillis(1));
            while (synced.syncs < 3) {
                Thread.onSpinWait();
            }
        }
        threads.getFirst().join();
        assertThat(threads).hasSize(1);
    }

    private Kernel kernelOfPrivate(CountingFs privateFs) throws ErrnoException {
        privateFs.isPrivate = true;
        return new Kernel(privateFs);
    }

    @Test
    void namesOfAPrivateFileSystemAreRemembered() throws ErrnoException {
        var own = new CountingFs();
        try (var other = kernelOfPrivate(own)) {
            Process there = other.newProcess(Cred.ROOT);
            there.mkdirat(AT_FDCWD, path("/d"), 0755);
            there.mkdirat(AT_FDCWD, path("/d/e"), 0755);
            there.fstatat(AT_FDCWD, path("/d/e"), 0);
            own.lookups = 0;
            for (int i = 0; i < 3; i++) {
                there.fstatat(AT_FDCWD, path("/d/e"), 0);
                assertErrno(Errno.ENOENT, () -> there.fstatat(AT_FDCWD, path("/d/none"), 0));
            }
            assertThat(own.lookups).isEqualTo(1);
            there.close();
            other.unmountAll();
        }
        assertThat(own.known).isEmpty();
    }

    @Test
    void everyChangeOfANameIsSeen() throws ErrnoException {
        var own = new CountingFs();
        try (var other = kernelOfPrivate(own)) {
            Process there = other.newProcess(Cred.ROOT);
            assertErrno(Errno.ENOENT, () -> there.fstatat(AT_FDCWD, path("/a"), 0));
            there.close(there.openat(AT_FDCWD, path("/a"), O_CREAT | O_RDWR, 0644));
            there.fstatat(AT_FDCWD, path("/a"), 0);
            assertErrno(Errno.ENOENT, () -> there.fstatat(AT_FDCWD, path("/b"), 0));
            there.renameat2(AT_FDCWD, path("/a"), AT_FDCWD, path("/b"), 0);
            there.fstatat(AT_FDCWD, path("/b"), 0);
            assertErrno(Errno.ENOENT, () -> there.fstatat(AT_FDCWD, path("/a"), 0));
            there.unlinkat(AT_FDCWD, path("/b"), 0);
            assertErrno(Errno.ENOENT, () -> there.fstatat(AT_FDCWD, path("/b"), 0));
            there.mkdirat(AT_FDCWD, path("/b"), 0755);
            assertThat(Mode.isDirectory(
                            there.fstatat(AT_FDCWD, path("/b"), 0).attr().mode()))
                    .isTrue();
            there.unlinkat(AT_FDCWD, path("/b"), Process.AT_REMOVEDIR);
            assertErrno(Errno.ENOENT, () -> there.fstatat(AT_FDCWD, path("/b"), 0));
            there.close();
            other.unmountAll();
        }
        assertThat(own.known).isEmpty();
    }

    /// More files than the kernel keeps vnodes or names of.
    @Test
    void namesOfReclaimedFilesAreAskedForAgain() throws ErrnoException {
        var own = new CountingFs();
        try (var other = kernelOfPrivate(own)) {
            Process there = other.newProcess(Cred.ROOT);
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 6000; i++) {
                    byte[] name = path("/f" + i);
                    if (round == 0) {
                        there.close(there.openat(AT_FDCWD, name, O_CREAT | O_RDWR, 0644));
                    }
                    there.fstatat(AT_FDCWD, name, 0);
                }
            }
            there.close();
            other.unmountAll();
        }
        assertThat(own.known).isEmpty();
    }

    @Test
    void kernelsAreApart() throws ErrnoException {
        try (var other = new Kernel(new CountingFs())) {
            Process there = other.newProcess(Cred.ROOT);
            mkdir("/here");
            assertErrno(Errno.ENOENT, () -> there.chdir(path("/here")));
        }
    }
}
