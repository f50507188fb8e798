// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.Deadline;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Damaged images: nothing but an ErrnoException comes, and within a time. `-Djpuffs.images=N` says how many a set.
@Timeout(3600)
class HostileTest {
    private static final int DEADLINE = 20;

    @TempDir
    private Path directory;

    static Stream<String> sets() {
        return Stream.of(
                "-t ext4 -b 1024 -O ^metadata_csum,^64bit,^uninit_bg -J size=1",
                "-t ext2 -b 1024",
                "-t ext4 -b 4096 -O ^has_journal,^metadata_csum,inline_data,64bit",
                "-t ext4 -b 1024 -O metadata_csum -J size=1");
    }

    @ParameterizedTest
    @MethodSource("sets")
    void someImages(String options) throws Exception {
        run(options, 150);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("sets")
    void manyImages(String options) throws Exception {
        run(options, Integer.getInteger("jpuffs.images", 60_000));
    }

    /// Its last block ends where a long does.
    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 -b 1024", "-t ext4 -b 4096", "-t ext2 -b 1024"})
    @Timeout(60)
    void aFileOfTheLargestNumber(String options) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 8 << 20, options);
        Path file = Files.writeString(directory.resolve("file"), "content");
        Tool.debugfs(image, "write " + file + " f\nset_inode_field f size 0x7fffffffffffffff\n");
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = Fixture.mount(disk, "");
            Node node = fs.root().lookup(Name.of("f"));
            assertThat(node).isNotNull();
            assertThat(node.getattr().size()).isEqualTo(Long.MAX_VALUE);
            MemorySegment buffer = MemorySegment.ofArray(new byte[5000]);
            assertThatThrownBy(() -> node.read(buffer, Long.MAX_VALUE - 5000)).hasMessageContaining("EUCLEAN");
            assertThatThrownBy(() -> node.seek(0, false)).hasMessageContaining("EUCLEAN");
            assertThatThrownBy(() -> node.seek(0, true)).hasMessageContaining("EUCLEAN");
            fs.unmount(true);
        }
    }

    private void run(String options, int count) throws Exception {
        long seed = Seeds.of("HostileTest " + options);
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 4 << 20, options);
        Fixture.with(image, process -> new Workload(process, 1, false).run(60));
        try (var disk = FileDisk.open(image, true)) {
            var hostile = new Hostile(disk);
            for (int i = 0; i < count; i++) {
                long one = seed + i;
                Deadline.run(one, DEADLINE, () -> hostile.run(one));
            }
        }
    }
}
