// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a user is told who forgets the option.
@Timeout(60)
class MissingOptionTest {
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws Exception {
            try {
                EventLoop.open().close();
                System.out.println("opened");
            } catch (UnsupportedOperationException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void theMessageNamesTheOption() throws Exception {
        assertThat(run()).isEqualTo("Call contexts need the Java option --add-opens java.base/java.lang=ALL-UNNAMED");
        assertThat(run("--add-opens", "java.base/java.lang=ALL-UNNAMED")).isEqualTo("opened");
    }

    private static String run(String... options) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        var command = new ArrayList<>(List.of(java.toString(), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath(), Main.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }

    private static String classPath() throws Exception {
        URI test =
                MissingOptionTest.class.getResource("MissingOptionTest.class").toURI();
        Path root = Path.of(test).getParent().getParent().getParent();
        String modules = System.getProperty("jdk.module.path", "");
        return String.join(File.pathSeparator, root.toString(), modules, System.getProperty("java.class.path", ""));
    }
}
