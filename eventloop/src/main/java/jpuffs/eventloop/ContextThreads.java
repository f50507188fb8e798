// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Makes virtual threads that run on an executor of ours.
///
/// JDK 25 has no public way to do so: this is the one place of the house that reaches into `java.lang`, for
/// `ThreadBuilders.newVirtualThread(Executor, String, int, Runnable)`. It needs `--add-opens
/// java.base/java.lang=jpuffs.eventloop` (`=ALL-UNNAMED` when run from the class path).
final class ContextThreads {
    /// `Thread.NO_INHERIT_THREAD_LOCALS`: a context inherits nothing of the loop's thread.
    private static final int NO_INHERIT_THREAD_LOCALS = 1 << 2;

    private static final MethodType SHAPE =
            MethodType.methodType(Thread.class, Executor.class, String.class, int.class, Runnable.class);

    private static final MethodHandle NEW_VIRTUAL_THREAD;
    private static final @Nullable UnsupportedOperationException PROBLEM;

    static {
        MethodHandle found = MethodHandles.empty(SHAPE);
        UnsupportedOperationException problem = null;
        try {
            Class<?> builders = Class.forName("java.lang.ThreadBuilders");
            found = MethodHandles.privateLookupIn(builders, MethodHandles.lookup())
                    .findStatic(builders, "newVirtualThread", SHAPE);
        } catch (IllegalAccessException e) {
            problem = new UnsupportedOperationException(
                    "Call contexts need the Java option --add-opens java.base/java.lang=" + module(), e);
        } catch (ReflectiveOperationException e) {
            problem = new UnsupportedOperationException("Call contexts need JDK 25, not " + Runtime.version(), e);
        }
        NEW_VIRTUAL_THREAD = found;
        PROBLEM = problem;
    }

    private ContextThreads() {}

    private static String module() {
        Module module = ContextThreads.class.getModule();
        return module.isNamed() ? module.getName() : "ALL-UNNAMED";
    }

    /// @throws UnsupportedOperationException where contexts cannot be made; the text names the missing option
    static void check() {
        if (PROBLEM != null) {
            throw new UnsupportedOperationException(PROBLEM.getMessage(), PROBLEM);
        }
    }

    /// A virtual thread, not started, that `scheduler` is to run piece by piece on platform threads.
    static Thread newThread(Executor scheduler, Runnable task) {
        try {
            return (Thread) NEW_VIRTUAL_THREAD.invokeExact(scheduler, "", NO_INHERIT_THREAD_LOCALS, task);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // it declares nothing else
        }
    }
}
