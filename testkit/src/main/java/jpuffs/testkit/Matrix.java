// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.TestAbortedException;

/// Runs cases in environments, as dynamic tests of JUnit:
///
/// ```java
/// @TestFactory
/// Stream<DynamicTest> dtfs() {
///     return Matrix.quick(() -> new RumpEnv("dtfs", Set.of(), size -> new Dtfs(size)));
/// }
/// ```
///
/// Each test is called `case[file system, way]`, has an environment of its own and a deadline; what hangs is ended
/// by force. A case that needs something the environment has not is skipped by its name; an environment that cannot
/// be had skips all, unless `-Djpuffs.ci=true` says that everything must be here: then they fail.
/// `-Djpuffs.case=REGEX` runs only the cases whose names match.
public final class Matrix {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration SLOW_DEADLINE = Duration.ofMinutes(10);

    private Matrix() {}

    /// The cases that take less than a few seconds.
    public static Stream<DynamicTest> quick(Supplier<Env> envs) {
        return tests(Cases.all(), envs, test -> !test.slow());
    }

    /// Those of them that some classes have.
    static Stream<DynamicTest> quick(Supplier<Env> envs, Class<?>... classes) {
        return tests(Cases.of(List.of(classes)), envs, test -> !test.slow());
    }

    /// The cases of file systems that cannot be written.
    static Stream<DynamicTest> readOnly(Supplier<Env> envs) {
        List<Case> cases = Cases.of(List.of(FsCases.class, ReadOnlyCases.class));
        return tests(cases, envs, test -> test.name().startsWith("readOnly"));
    }

    /// The others: for classes tagged `slow`.
    public static Stream<DynamicTest> slow(Supplier<Env> envs) {
        return tests(Cases.all(), envs, Case::slow);
    }

    private static Stream<DynamicTest> tests(List<Case> cases, Supplier<Env> envs, Predicate<Case> filter) {
        String wanted = System.getProperty("jpuffs.case", ".*");
        String name = envs.get().toString();
        return cases.stream()
                .filter(filter)
                .filter(test -> test.name().matches(wanted))
                .map(test -> DynamicTest.dynamicTest(test.name() + "[" + name + "]", () -> run(test, envs.get())));
    }

    /// Runs one case.
    public static void run(Case test, Env env) throws Exception {
        String reason = env.unavailable();
        if (reason != null) {
            if (Boolean.getBoolean("jpuffs.ci")) {
                throw new AssertionError(env + ": " + reason);
            }
            throw new TestAbortedException(env + ": " + reason);
        }
        var task = new FutureTask<>(() -> {
            runNow(test, env);
            return true;
        });
        Thread thread = Thread.ofPlatform().daemon().name(test.name()).start(task);
        Duration deadline = test.slow() ? SLOW_DEADLINE : DEADLINE;
        try {
            task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (TimeoutException e) {
            String stack =
                    Arrays.stream(thread.getStackTrace()).map(Object::toString).collect(joining("\n  at "));
            thread.interrupt();
            env.abort();
            throw new AssertionError(test.name() + " took more than " + deadline + ", it is at\n  at " + stack, e);
        }
    }

    private static Exception unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            case Exception cause -> cause;
            case Error cause -> throw cause;
            case null, default -> e;
        };
    }

    private static void runNow(Case test, Env env) throws Exception {
        try {
            env.newfs(0);
            env.start();
            test.body().run(env);
            env.endProcesses();
            env.unmount();
            env.fsck();
        } finally {
            env.endProcesses();
            env.cleanUp();
        }
    }
}
