// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Programs on the class path find the same types as those on the module path.
@Timeout(10)
class ClassPathTest {
    private static final Path MAIN = Path.of("src/main");

    @Test
    void theServiceFileHasWhatTheModuleProvides() throws IOException {
        String module = Files.readString(MAIN.resolve("java/module-info.java"));
        Matcher provides = Pattern.compile("provides " + Pattern.quote(RumpFsType.class.getName()) + " with([^;]+);")
                .matcher(module);
        assertThat(provides.find()).isTrue();
        Path services = MAIN.resolve("resources/META-INF/services").resolve(RumpFsType.class.getName());
        assertThat(Files.readAllLines(services))
                .containsExactly(provides.group(1).replaceAll("\\s", "").split(",", -1));
    }
}
