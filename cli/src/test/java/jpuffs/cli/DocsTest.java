// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.cli.FileServerType.TypeOption;
import jpuffs.cli.GenericOption.Effect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The manual pages and the completion name all that there is.
@Timeout(10)
class DocsTest {
    private static final Path DOCS = Path.of("..", "docs");

    private static String page(String name) throws IOException {
        return Files.readString(DOCS.resolve("man").resolve(name));
    }

    /// `nullfs` for `null`: pages are called by the name that ends in fs.
    private static String pageOf(FileServerType type) throws IOException {
        var names = new ArrayList<String>(type.aliases());
        names.add(type.name());
        for (String name : names) {
            if (Files.exists(DOCS.resolve("man").resolve(name + ".8"))) {
                return page(name + ".8");
            }
        }
        throw new AssertionError("no manual page for " + type.name());
    }

    @Test
    void theManualHasEachGenericOption() throws IOException {
        String manual = page("puffs-mount.8");
        for (GenericOption option : GenericOption.values()) {
            assertThat(manual).containsPattern("\\b" + option.optionName() + "\\b");
        }
    }

    @Test
    void theManualHasEachTypeAndItsOptions() throws IOException {
        for (FileServerType type : Types.all()) {
            String manual = pageOf(type);
            assertThat(manual).contains(".Cm mount " + type.name());
            for (TypeOption option : type.options()) {
                assertThat(manual).contains(".It Cm " + option.name());
            }
        }
    }

    @Test
    void installLetsMountFindEachType() throws IOException {
        String install = Files.readString(DOCS.resolve("../tools/install.sh"));
        var names = Types.all().stream()
                .map(FileServerType::subtype)
                .map(name -> name.contains("|") ? "'" + name + "'" : name)
                .toList();
        assertThat(install).contains("types=(" + String.join(" ", names) + ")\n");
    }

    @Test
    void theManualHasEachCommand() throws IOException {
        for (String command : new Commands().names().split(", ", -1)) {
            assertThat(page("puffs.1")).containsPattern("Cm (\\w+ \\| )?" + command);
        }
    }

    @Test
    void theCompletionHasThemAll() throws IOException {
        String completion = Files.readString(DOCS.resolve("completion/puffs.bash"));
        var words = new ArrayList<String>(List.of(new Commands().names().split(", ", -1)));
        for (FileServerType type : Types.all()) {
            words.add(type.name());
            words.addAll(type.aliases());
            type.options().forEach(option -> words.add(option.name() + (option.param() == null ? "" : "=")));
        }
        for (GenericOption option : GenericOption.values()) {
            if (option.effect() == Effect.SETTING || option.effect() == Effect.SET || option.effect() == Effect.CLEAR) {
                words.add(option.optionName() + (option.param() == null ? "" : "="));
            }
        }
        assertThat(completion.split("[\\s'|)]+", -1)).containsAll(words);
    }
}
