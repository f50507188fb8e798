// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.Seeds;
import jpuffs.rumpfs.Ukfs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tree that we have written is read byte for byte by programs that know nothing of us.
@Timeout(300)
class ReadersTest {
    /// A file in what fls(1) tells, neither removed nor made up by it.
    private static final Pattern LISTED = Pattern.compile("r/r (\\d+)(?:-\\d+-\\d+)?:\t([^$].*)");

    private static final String TSK = "while read -r n; do icat \"$0\" \"$n\" >\"$1/$n\" || exit; done";
    private static final String GRUB = "n=0; while IFS= read -r path; do"
            + " grub-fstest \"$0\" cp \"(loop0)/$path\" \"$1/$n\" || exit; n=$((n + 1)); done";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"mkfs.fat -F 32 -s 1", "mkfs.exfat -c 4096"})
    void readByOthers(String command) throws Exception {
        compare(command, 40 << 20);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mkfs.fat -F 12 -s 8",
                "mkfs.fat -F 16 -s 1",
                "mkfs.fat -F 16 -s 32",
                "mkfs.fat -F 32 -s 1",
                "mkfs.fat -F 32 -s 2 -f 1",
                "mkfs.exfat -c 512",
                "mkfs.exfat -c 128K"
            })
    void readByOthersOnOtherFormats(String command) throws Exception {
        boolean small = command.contains("-F 12") || command.contains("-s 1") && command.contains("-F 16");
        compare(command, small ? 15 << 20 : 80 << 20);
    }

    private void compare(String command, long size) throws Exception {
        Path image = directory.resolve("image");
        Kit.mkfs(image, size, command);
        var tree = new SampleTree(Seeds.of("ReadersTest " + command));
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.NONE)) {
            tree.write(fs);
        }
        Kit.of(command).requireClean(image);
        sleuthkit(image, tree);
        grub(image, tree);
        if (command.startsWith("mkfs.fat")) {
            mtools(image, tree);
            sevenZip(image, tree);
        }
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectory(directory.resolve(name));
    }

    /// Runs a shell script that gets the image and a directory, and a line for each file.
    private static void run(String script, Path image, Path to, Iterable<String> lines) throws Exception {
        String input = String.join("\n", lines) + "\n";
        var result = Programs.run(List.of("sh", "-c", script, image.toString(), to.toString()), input);
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    private void sleuthkit(Path image, SampleTree tree) throws Exception {
        Kit.require("fls", "icat");
        Map<String, String> found = new LinkedHashMap<>();
        Programs.succeed("fls", "-r", "-p", image.toString())
                .lines()
                .map(LISTED::matcher)
                .filter(line -> line.matches() && !line.group(2).endsWith("(Volume Label Entry)"))
                .forEach(line -> found.put(tree.completed(line.group(2)), line.group(1)));
        assertThat(found.keySet())
                .containsExactlyInAnyOrderElementsOf(tree.files().keySet());
        Path out = folder("sleuthkit");
        run(TSK, image, out, found.values());
        for (var file : found.entrySet()) {
            tree.require(file.getKey(), Files.readAllBytes(out.resolve(file.getValue())));
        }
    }

    private void grub(Path image, SampleTree tree) throws Exception {
        Kit.require("grub-fstest");
        Path out = folder("grub");
        var paths = new ArrayList<>(tree.files().keySet());
        run(GRUB, image, out, paths);
        for (int i = 0; i < paths.size(); i++) {
            tree.require(paths.get(i), Files.readAllBytes(out.resolve(String.valueOf(i))));
        }
    }

    private void mtools(Path image, SampleTree tree) throws Exception {
        Kit.require("mcopy");
        Path out = folder("mtools");
        Programs.succeed("mcopy", "-s", "-n", "-i", image.toString(), "::*", out.toString());
        tree.requireCopyWithoutAstral(out);
    }

    private void sevenZip(Path image, SampleTree tree) throws Exception {
        Kit.require("7z");
        Path out = folder("7z");
        Programs.succeed("7z", "x", "-y", "-tfat", "-o" + out, image.toString());
        tree.requireCopyWithoutAstral(out);
    }
}
