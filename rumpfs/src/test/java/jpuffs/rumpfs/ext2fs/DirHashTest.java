// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import jpuffs.core.Name;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hashes of names as debugfs(8) has them.
@Timeout(60)
class DirHashTest {
    private static final Pattern HASH = Pattern.compile("is 0x([0-9a-f]+) \\(minor 0x([0-9a-f]+)\\)");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"legacy, 0", "half_md4, 1", "tea, 2"})
    void isThatOfOthers(String name, int version) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 1 << 20, "-t ext2");
        var hash = new DirHash(version, false, new int[4]);
        for (int length = 1; length < 100; length += 7) {
            String file = "abcdefghijk".repeat(10).substring(0, length);
            String said = Tool.debugfs(image, "dx_hash -h " + name + " " + file + "\n");
            var matcher = HASH.matcher(said);
            assertThat(matcher.find()).as(said).isTrue();
            long expected = Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16);
            assertThat(hash.hash(Name.of(file))).as("%s of %s", name, file).isEqualTo(expected);
        }
    }
}
