// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// Something a case does at the same time, in a thread of its own. [#await] it.
final class Job {
    private static final long DEADLINE_SECONDS = 300;

    private final FutureTask<Boolean> task;

    private Job(FutureTask<Boolean> task) {
        this.task = task;
    }

    static Job start(Expect.Call work) {
        var task = new FutureTask<>(() -> {
            work.run();
            return true;
        });
        Thread.ofPlatform().daemon().name("job").start(task);
        return new Job(task);
    }

    /// Whether it has come to an end.
    boolean isDone() {
        return task.isDone();
    }

    /// Waits for its end; fails as it failed.
    void await() throws Exception {
        try {
            task.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }
}
