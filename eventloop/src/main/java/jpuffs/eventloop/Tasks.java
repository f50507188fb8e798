// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.function.IntConsumer;

/// Runs what users hand to the loop. What one throws is logged and goes no further: a bug in a callback does not
/// end the loop that serves everybody else.
final class Tasks {
    static final System.Logger LOG = System.getLogger("jpuffs.eventloop");

    void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            failed("task", e);
        }
    }

    void run(IntConsumer callback, int value) {
        try {
            callback.accept(value);
        } catch (Throwable e) {
            failed("callback", e);
        }
    }

    static void failed(String what, Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, () -> "A " + what + " of the event loop failed", failure);
    }
}
