// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.concurrent.Callable;

/// Waiting for something that comes by itself.
final class Poll {
    private static final int ATTEMPTS = 10_000;

    private Poll() {}

    /// Waits until `condition` holds, and fails if that does not come.
    static void until(String what, Callable<Boolean> condition) throws Exception {
        for (int i = 0; !condition.call(); i++) {
            if (i == ATTEMPTS) {
                throw new AssertionError("waited in vain: " + what);
            }
            Thread.sleep(1);
        }
    }
}
