// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SpawnTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);
    private static final int SIGTERM = 15;

    @TempDir
    Path dir;

    private int openBefore;

    @BeforeEach
    void count() {
        openBefore = Fd.openCount();
    }

    @AfterEach
    void nothingLeaked() {
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    /// Runs a shell script with its standard output read here; returns that and the status.
    private static String run(Spawn spawn, int expectedStatus) throws ErrnoException {
        try (Socket.Pair output = Fd.pipe(0);
                Arena arena = Arena.ofConfined();
                Child child = spawn.fd(1, output.second()).start()) {
            output.second().close();
            MemorySegment buffer = arena.allocate(8192);
            long length = output.first().readFully(buffer);
            assertThat(child.pidFd().await(SECONDS_10)).isEqualTo(expectedStatus);
            assertThat(child.pidFd().status()).isEqualTo(expectedStatus); // again, though it is reaped
            return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    private static Spawn sh(String script, String... arguments) {
        Spawn spawn = Spawn.of("sh", "-c", script, "sh");
        for (String argument : arguments) {
            spawn.arg(Name.of(argument));
        }
        return spawn;
    }

    @Test
    void argumentsEnvironmentDirectoryAndStatusArrive() throws Exception {
        Spawn spawn = sh("echo \"$1|$2|$VAR|$(pwd)\"; exit 7", "a b", "")
                .env("VAR", "value")
                .directory(Name.of(dir.toString()));
        assertThat(run(spawn, 7)).isEqualTo("a b||value|" + dir.toRealPath() + "\n");
        assertThat(run(sh("test -n \"$PATH\" && echo inherited"), 0)).isEqualTo("inherited\n");
        Spawn bytes = sh("printf %s \"$1\" | od -An -tx1").arg(Name.of(new byte[] {(byte) 0xff, 1, (byte) 0xc3}));
        assertThat(run(bytes, 0)).isEqualTo(" ff 01 c3\n");
    }

    @Test
    void chosenDescriptorsArriveEvenCrosswiseAndNoOthers() throws ErrnoException {
        try (Fd a = Fd.open(dir.resolve("a"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0600);
                Fd b = Fd.open(dir.resolve("b"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0600);
                Fd notForIt = Fd.open("/dev/null", Fcntl.O_RDWR, 0)) {
            notForIt.setCloexec(false); // closed all the same
            int low = Math.min(a.number(), b.number());
            int high = Math.max(a.number(), b.number());
            Fd first = low == a.number() ? a : b;
            Fd second = low == a.number() ? b : a;
            String script = "for f in /proc/$$/fd/*; do l=$(readlink $f) && echo ${f##*/} $l; done; true";
            // each becomes the number of the other
            String seen = run(sh(script).fd(low, second).fd(high, first), 0);
            assertThat(seen)
                    .contains(low + " " + dir.resolve(second == a ? "a" : "b"))
                    .contains(high + " " + dir.resolve(first == a ? "a" : "b"))
                    .doesNotContain("\n" + notForIt.number() + " /dev/null");
            assertThat(first.isOpen() && second.isOpen()).isTrue();
        }
    }

    @Test
    void signalsHaveTheirDefaultAction() throws ErrnoException {
        // A JVM ignores or handles several; sh reports what it inherited as ignored.
        try (Signals.Handler _ = Signals.ignore("USR2")) {
            String masks = run(sh("grep -E 'SigBlk|SigIgn' /proc/self/status"), 0);
            assertThat(masks).isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
        }
    }

    @Test
    void aSessionOrGroupOfItsOwn() throws ErrnoException {
        // pid, process group and session of the shell
        String ids = "read pid name state parent group session rest < /proc/$$/stat; echo $pid $group $session";
        List<String> leader = run(sh(ids).newSession(), 0).lines().toList();
        assertThat(leader).singleElement().asString().matches("(\\d+) \\1 \\1");
        List<String> group = run(sh(ids).newGroup(), 0).lines().toList();
        assertThat(group).singleElement().asString().matches("(\\d+) \\1 \\d+");
    }

    @Test
    void aKilledChildSaysBySignal() throws ErrnoException {
        try (Child child = Spawn.of("sleep", "1000").start()) {
            assertThat(child.pidFd().status()).isEqualTo(PidFd.RUNNING);
            assertFails(Errno.ETIMEDOUT, () -> child.pidFd().await(0));
            child.pidFd().kill(SIGTERM);
            assertThat(child.pidFd().await(SECONDS_10)).isEqualTo(128 + SIGTERM);
            assertFails(Errno.ESRCH, () -> child.pidFd().kill(SIGTERM));
        }
    }

    @Test
    void aChildIsWatchedByEpoll() throws ErrnoException {
        try (Epoll epoll = Epoll.open(4);
                Child child = Spawn.of("true").start()) {
            epoll.add(child.pidFd().fd().number(), Epoll.EPOLLIN, child.pid());
            assertThat(epoll.await(SECONDS_10)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(child.pid());
            assertThat(child.pidFd().status()).isZero();
        }
    }

    @Test
    void failuresNameTheProgram() throws ErrnoException {
        assertFails(Errno.ENOENT, () -> Spawn.of("no-such-program").start())
                .hasMessage("ENOENT: no-such-program: No such file or directory");
        assertFails(
                Errno.ENOENT,
                () -> Spawn.of("true").directory(Name.of("/nonexistent")).start());
        try (PidFd self = PidFd.open(Sys.getpid())) {
            assertFails(Errno.ECHILD, self::status);
        }
        assertFails(Errno.EINVAL, () -> PidFd.open(-1));
    }

    @Test
    void signalsOfThisProcessRunTheirAction() throws Exception {
        var seen = new CountDownLatch(1);
        try (Signals.Handler _ = Signals.on("USR2", seen::countDown);
                PidFd self = PidFd.open(Sys.getpid())) {
            self.kill(12); // SIGUSR2
            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThatThrownBy(() -> Signals.on("NONSENSE", () -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Signals.on("QUIT", () -> {})).isInstanceOf(IllegalArgumentException.class);
    }
}
