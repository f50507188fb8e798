// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// What cases expect of a call.
final class Expect {
    /// A call.
    @FunctionalInterface
    interface Call {
        void run() throws Exception;
    }

    private Expect() {}

    /// Expects the call to fail with `errno`.
    static void fails(Errno errno, Call call) throws Exception {
        assertThat(outcome(call)).isEqualTo(errno.name());
    }

    /// Expects the call to fail with one of `errnos`, where POSIX leaves the choice.
    static void failsWithOneOf(List<Errno> errnos, Call call) throws Exception {
        assertThat(outcome(call)).isIn(errnos.stream().map(Errno::name).toList());
    }

    /// Expects each of the calls to fail with `errno`.
    static void allFail(Errno errno, Call... calls) throws Exception {
        assertThat(Arrays.stream(calls).map(Expect::quietOutcome)).allMatch(errno.name()::equals);
    }

    private static String quietOutcome(Call call) {
        try {
            return outcome(call);
        } catch (Exception e) {
            return e.toString();
        }
    }

    private static String outcome(Call call) throws Exception {
        try {
            call.run();
            return "success";
        } catch (ErrnoException e) {
            return e.errno().name();
        }
    }
}
