// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.Objects;
import jpuffs.sys.Sys;

/// C2, the JVM's optimising compiler, in a server that others need from its first second on. It makes a third of the
/// server's work disappear, and wants some seconds of CPU time for that (docs/notes/030-psshfs.md).
final class Optimiser {
    /// As Linux shortens it. The `puffs` script has the JVM start one.
    private static final String THREAD = "C2 CompilerThre";

    private static final int LOWEST = 19;
    private static final System.Logger LOG = System.getLogger("jpuffs.cli");

    private Optimiser() {}

    /// Lets it compile while nobody else wants the CPU. Nothing happens in a JVM that has none.
    static void takeWhatIsLeft() {
        var tasks = new File("/proc/self/task");
        for (String id : Objects.requireNonNullElse(tasks.list(), new String[0])) {
            try {
                if (Files.readString(tasks.toPath().resolve(id).resolve("comm")).startsWith(THREAD)) {
                    Sys.setNice(Integer.parseInt(id), LOWEST);
                }
            } catch (IOException e) { // it has ended meanwhile
                LOG.log(Level.DEBUG, "thread " + id + " keeps its priority", e);
            }
        }
    }
}
