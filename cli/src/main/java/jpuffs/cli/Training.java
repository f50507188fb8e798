// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.Arrays;
import java.util.List;

/// Several commands in one JVM, one after the other: what the build runs to teach the JVM what its AOT cache has to
/// hold (tools/build.sh). Only one run can make a cache, and `mount` of one type knows nothing of another.
public final class Training {
    private static final String END = "--";

    private Training() {}

    /// Runs them and exits as the last one.
    ///
    /// @param args commands as [Main] has them, with `--` between them. The first that fails ends it
    public static void main(String[] args) {
        System.exit(run(Arrays.asList(args)));
    }

    private static int run(List<String> args) {
        int end = args.indexOf(END);
        List<String> first = end < 0 ? args : args.subList(0, end);
        int code = Main.run(first.toArray(String[]::new), System.out, System.err);
        return end < 0 || code != ExitCode.OK ? code : run(args.subList(end + 1, args.size()));
    }
}
