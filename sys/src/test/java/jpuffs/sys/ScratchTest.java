// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.Errno;
import jpuffs.core.Name;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ScratchTest {
    private static final int TASKS = 64;
    private static final int ROUNDS = 5_000;

    /// Each task makes calls that fail in its own way; none must see another's errno or path.
    @Test
    void errnoAndPathsAreNeverMixedUp() throws Exception {
        try (var virtual = Executors.newVirtualThreadPerTaskExecutor();
                var platform = Executors.newFixedThreadPool(8)) {
            var results = new ArrayList<Future<Integer>>();
            for (int i = 0; i < TASKS; i++) {
                Callable<Integer> task = failing(i % 4);
                results.add((i % 8 == 0 ? platform : virtual).submit(task));
            }
            for (Future<Integer> result : results) {
                assertThat(result.get()).isEqualTo(ROUNDS);
            }
        }
    }

    private static Callable<Integer> failing(int kind) {
        Name missing = Name.of("/nonexistent/" + kind);
        Name notDirectory = Name.of("/proc/version/x");
        Name tooLong = Name.of("/" + "x".repeat(300));
        return () -> {
            int right = 0;
            for (int i = 0; i < ROUNDS; i++) {
                long result = switch (kind) {
                    case 0 -> Native.call(Syscalls.CLOSE, -1);
                    case 1 -> At.tryOpenat(Fcntl.AT_FDCWD, missing, 0, 0);
                    case 2 -> At.tryOpenat(Fcntl.AT_FDCWD, notDirectory, 0, 0);
                    default -> At.tryOpenat(Fcntl.AT_FDCWD, tooLong, 0, 0);
                };
                Errno expected = List.of(Errno.EBADF, Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG)
                        .get(kind);
                right += result == -expected.number() ? 1 : 0;
                if (i % 256 == 0) {
                    LockSupport.parkNanos(1);
                }
            }
            return right;
        };
    }

    @Test
    void whenAllAreTakenThereIsOneMore() throws Exception {
        var taken = new ArrayList<Scratch>();
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < Scratch.poolSize() + 3; i++) {
            taken.add(Scratch.take());
            addresses.add(taken.get(i).at(0));
        }
        assertThat(addresses).hasSize(taken.size());
        assertThat(Native.call(taken.getLast(), Syscalls.CLOSE, -1, 0)).isEqualTo(-Errno.EBADF.number());
        taken.forEach(Scratch::close);
        Scratch again = Scratch.take();
        assertThat(addresses).contains(again.at(0));
        again.close();
    }

    @Test
    void pathsArePutWithTheirEnd() throws Exception {
        try (Scratch scratch = Scratch.take()) {
            scratch.path(Name.of("longer than the next"));
            scratch.path(Name.of("short"));
            assertThat(scratch.memory().getString(Scratch.PATH)).isEqualTo("short");
            for (int fd : new int[] {0, 9, 10, 123456, Integer.MAX_VALUE}) {
                scratch.procPath(fd);
                assertThat(scratch.memory().getString(Scratch.PATH)).isEqualTo("/proc/self/fd/" + fd);
            }
            assertFails(Errno.EINVAL, () -> scratch.path(Name.of("a\0")));
            assertFails(Errno.ENAMETOOLONG, () -> scratch.path(Name.of("x".repeat(Scratch.PATH_MAX))));
        }
    }
}
