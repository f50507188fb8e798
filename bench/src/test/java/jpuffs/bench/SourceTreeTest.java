// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SourceTreeTest {
    @TempDir
    private Path dir;

    @Test
    void theSameSeedMakesTheSameTree() throws IOException {
        new SourceTree(1).make(dir.resolve("a"), 100);
        new SourceTree(1).make(dir.resolve("b"), 100);
        new SourceTree(2).make(dir.resolve("c"), 100);
        assertThat(sizes(dir.resolve("a"))).isEqualTo(sizes(dir.resolve("b"))).isNotEqualTo(sizes(dir.resolve("c")));
    }

    @Test
    void hasFilesOfManySizesInManyFolders() throws IOException {
        new SourceTree(7).make(dir, 600);
        Map<String, Long> sizes = sizes(dir);
        assertThat(sizes).hasSize(600);
        assertThat(sizes.values().stream().filter(size -> size < 2500)).hasSizeBetween(200, 400);
        assertThat(sizes.values()).anyMatch(size -> size > 20_000).allMatch(size -> size <= 256 << 10);
        assertThat(sizes.keySet().stream()
                        .map(name -> Path.of(name).getParent())
                        .distinct())
                .hasSizeGreaterThan(30);
    }

    private static Map<String, Long> sizes(Path root) throws IOException {
        try (var all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(file -> root.relativize(file).toString(), SourceTreeTest::size));
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
