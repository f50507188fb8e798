// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;

/// Work on hostile images, which must end: beyond its time a run fails and tells where it is.
public final class Deadline {
    private Deadline() {}

    /// What one seed leads to.
    public interface Task {
        void run() throws Exception;
    }

    /// Runs `task` on a thread of its own; whatever is wrong is told with the seed.
    ///
    /// @param seconds it may take
    public static void run(long seed, long seconds, Task task) throws Exception {
        var result = new FutureTask<>(() -> {
            task.run();
            return true;
        });
        Thread thread = Thread.ofPlatform().daemon().start(result);
        try {
            result.get(seconds, SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("-Djpuffs.seed=" + seed, e.getCause());
        } catch (TimeoutException e) {
            var error = new AssertionError("-Djpuffs.seed=" + seed + " takes more than " + seconds + " s", e);
            error.setStackTrace(thread.getStackTrace());
            throw error;
        }
    }
}
