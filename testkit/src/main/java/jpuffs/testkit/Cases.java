// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// All cases there are: each static method of the classes named here that takes an [Env], in the order of their
/// names, and those that a table makes.
public final class Cases {
    private static final List<Class<?>> CLASSES = List.of(
            LookupCases.class,
            CreateCases.class,
            DirectoryCases.class,
            NodeCases.class,
            LinkCases.class,
            UnlinkCases.class,
            RenameCases.class,
            ReaddirCases.class,
            IoCases.class,
            DirectCases.class,
            HandleCases.class,
            SpaceCases.class,
            AttrCases.class,
            TimeCases.class,
            GroupCases.class,
            NameCases.class,
            LockCases.class,
            XattrCases.class,
            AclCases.class,
            RandomCases.class,
            BigCases.class,
            RaceCases.class,
            FsCases.class,
            HostCases.class);

    private Cases() {}

    /// All cases.
    public static List<Case> all() {
        var cases = new ArrayList<>(of(CLASSES));
        cases.addAll(PathCases.all());
        return cases;
    }

    /// The cases of some classes.
    static List<Case> of(List<Class<?>> classes) {
        var cases = new ArrayList<Case>();
        for (Class<?> type : classes) {
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {Env.class}))
                    .filter(method -> method.getReturnType() == void.class && !method.isSynthetic())
                    .sorted(Comparator.comparing(Method::getName))
                    .map(Cases::toCase)
                    .forEach(cases::add);
        }
        return cases;
    }

    private static Case toCase(Method method) {
        return new Case(method.getName(), method.isAnnotationPresent(Slow.class), env -> invoke(method, env));
    }

    private static void invoke(Method method, Env env) throws Exception {
        try {
            method.invoke(null, env);
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }
}
