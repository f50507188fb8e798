// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// The program in place of ssh, in Java: the module jpuffs-mina, in a JVM of its own. It takes the arguments that
/// we give ssh.
final class Mina {
    /// The option, and what the program calls itself.
    static final String NAME = "mina";

    /// The property with the class path of the program.
    private static final String CLASS_PATH = "jpuffs.mina";

    private Mina() {}

    /// Whether it is to be started: if that was said; or there is no ssh, and none was named.
    static boolean isUsed(Options options) {
        if (options.flag(NAME, false)) {
            return true;
        }
        return options.value("ssh_command") == null && !isOnPath("ssh") && System.getProperty(CLASS_PATH) != null;
    }

    private static boolean isOnPath(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    /// Its first words.
    ///
    /// @throws ErrnoException ENOENT if it is not known where it is
    static List<String> command() throws ErrnoException {
        String classes = System.getProperty(CLASS_PATH);
        if (classes == null) {
            throw Errno.ENOENT.error("mina: the property %s does not say where it is", CLASS_PATH);
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(java, "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx128m", "-cp", classes, "jpuffs.mina.Main");
    }
}
