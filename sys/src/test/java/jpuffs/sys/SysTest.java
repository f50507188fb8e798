// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SysTest {
    @Test
    void theProcessKnowsItself() throws Exception {
        assertThat(Sys.getpid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(Sys.gettid()).isPositive();
        assertThat(Sys.getppid()).isPositive();
        int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        assertThat(Sys.geteuid()).isEqualTo(uid);
        Cred cred = Sys.credOf(Sys.getpid());
        assertThat(cred.uid()).isEqualTo(Sys.geteuid());
        assertThat(cred.gid()).isEqualTo(Sys.getegid());
        assertThat(Sys.groupsOf(Sys.gettid())).isEqualTo(cred.groups());
        assertThat(Sys.getuid()).isEqualTo(Sys.geteuid());
        assertThat(Sys.getgid()).isEqualTo(Sys.getegid());
    }

    @Test
    void aProcessThatIsNotIsToldAsEsrch() {
        assertFails(Errno.ESRCH, () -> Sys.groupsOf(0));
        assertFails(Errno.ESRCH, () -> Sys.credOf(Integer.MAX_VALUE));
    }

    @Test
    void statusLinesAreParsed() throws ErrnoException {
        String status = """
                Name:\tGid:
                Umask:\t0022
                Uid:\t1\t2\t3\t4294967294
                Gid:\t5\t6\t7\t8
                FDSize:\t64
                Groups:\t4 24 4294967295 1000 1 2 3 4 5 6
                NStgid:\t1
                """;
        var parsed = new ProcStatus(status.getBytes(StandardCharsets.US_ASCII));
        assertThat(parsed.isComplete()).isTrue();
        assertThat(parsed.cred().uid()).isEqualTo(-2);
        assertThat(parsed.cred().gid()).isEqualTo(8);
        assertThat(parsed.cred().groups()).containsExactly(4, 24, -1, 1000, 1, 2, 3, 4, 5, 6);
        byte[] cut = status.substring(0, 80).getBytes(StandardCharsets.US_ASCII);
        assertThat(new ProcStatus(cut).isComplete()).isFalse();
        assertFails(Errno.ESRCH, () -> new ProcStatus(new byte[0]).cred());
        byte[] none = "\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t \n".getBytes(StandardCharsets.US_ASCII);
        assertThat(new ProcStatus(none).cred().groups()).isEmpty();
    }

    @Test
    void cpusAreCounted() throws Exception {
        assertThat(Sys.countCpus("0\n")).isEqualTo(1);
        assertThat(Sys.countCpus("0-3,8,10-11\n")).isEqualTo(7);
        assertThat(Sys.possibleCpus())
                .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void aThreadIsPinnedToItsCpu() throws Exception {
        int cpus = Sys.possibleCpus();
        var failures = IntStream.range(0, cpus)
                .mapToObj(cpu -> Thread.ofPlatform().unstarted(() -> {
                    try {
                        Sys.pinTo(cpu);
                        assertThat(Sys.currentCpu()).isEqualTo(cpu);
                    } catch (ErrnoException e) {
                        assertThat(e.errno()).isEqualTo(Errno.EINVAL); // not ours to use
                    }
                }));
        for (Thread thread : failures.toList()) {
            var failed = new Throwable[1];
            thread.setUncaughtExceptionHandler((_, e) -> failed[0] = e);
            thread.start();
            thread.join();
            assertThat(failed[0]).isNull();
        }
        assertThatThrownBy(() -> Sys.pinTo(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aThreadTakesWhatIsLeft() throws Exception {
        var nice = new String[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                Sys.setNice(Sys.gettid(), 19);
                nice[0] = Files.readString(Path.of("/proc/thread-self/stat"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.join();
        assertThat(nice[0].substring(nice[0].lastIndexOf(')')).split(" ", -1)[17])
                .isEqualTo("19"); // proc(5): field 19
        assertFails(Errno.ESRCH, () -> Sys.setNice(Integer.MAX_VALUE, 19));
    }

    @Test
    void limitsAreReadAndSet() throws ErrnoException {
        Sys.Limit before = Sys.limit(Sys.RLIMIT_CORE);
        Sys.setLimit(Sys.RLIMIT_CORE, new Sys.Limit(0, before.hard()));
        assertThat(Sys.limit(Sys.RLIMIT_CORE)).isEqualTo(new Sys.Limit(0, before.hard()));
        Sys.setLimit(Sys.RLIMIT_CORE, before);
        assertFails(Errno.EINVAL, () -> Sys.limit(1000));
        assertThat(Sys.limit(Sys.RLIMIT_NOFILE).soft()).isPositive();
    }

    @Test
    void theRestOfTheProcess() throws Exception {
        assertThat(Sys.kernelRelease())
                .isEqualTo(
                        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        int mask = Sys.umask(0123);
        assertThat(Sys.umask(mask)).isEqualTo(0123);
        assertThat(Sys.prctl(Sys.PR_SET_DUMPABLE, 1)).isZero();
        assertFails(Errno.EINVAL, () -> Sys.prctl(-1, 0));
        assertFails(Errno.ENOENT, () -> Sys.chdir(Name.of("/nonexistent")));
        Sys.chdir(Name.of("."));
    }
}
