// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jpuffs.core.BlockDevice;

/// An image file with a small tree in it, written by us or made by a program. One more format is one more line.
///
/// @param links whether there is a symbolic link in it
record Sample(String name, boolean links, Maker maker) {
    static final Instant TIME = Instant.parse("2020-01-02T03:04:06Z");

    private static final String TREE = "TREE";
    private static final String IMAGE = "IMAGE";

    interface Maker {
        void make(Path image) throws Exception;
    }

    static Stream<Sample> all() {
        return Stream.of(
                written(Subject.EXT2),
                written(Subject.EXT4),
                written(Subject.FAT16),
                written(Subject.FAT32),
                written(Subject.EXFAT),
                madeBy(true, "mke2fs", "-q", "-t", "ext4", "-d", TREE, IMAGE, "8M"),
                madeBy(true, "genisoimage", "-quiet", "-R", "-o", IMAGE, TREE),
                madeBy(true, "xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", IMAGE, TREE),
                madeBy(false, "genisoimage", "-quiet", "-J", "-o", IMAGE, TREE));
    }

    static byte[] large() {
        var content = new byte[100_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 >> 3);
        }
        return content;
    }

    /// The tree: what all formats can hold, and a symbolic link for those that can.
    private static void write(Path root, boolean links) throws IOException {
        Files.createDirectories(root.resolve("docs/deeper"));
        Files.writeString(root.resolve("docs/hello.txt"), "Hello, world!\n");
        Files.write(root.resolve("docs/deeper/large.bin"), large());
        Files.createFile(root.resolve("empty"));
        Files.setLastModifiedTime(root.resolve("docs/hello.txt"), FileTime.from(TIME));
        if (links) {
            Files.createSymbolicLink(root.resolve("link"), root.getFileSystem().getPath("docs/hello.txt"));
        }
    }

    private static Sample written(Subject subject) {
        boolean links = subject.has(Subject.Lacks.LINKS);
        return new Sample(subject.name(), links, image -> {
            BlockDevice disk = subject.newfs();
            try (FileSystem fs = subject.mount(disk, "")) {
                write(fs.getPath("/"), links);
            }
            var content = new byte[(int) disk.size()];
            disk.read(MemorySegment.ofArray(content), 0);
            Files.write(image, content);
        });
    }

    /// Made by a program of the host from a directory.
    ///
    /// @param links whether the image can have some
    /// @param command with TREE and IMAGE for their names
    private static Sample madeBy(boolean links, String... command) {
        return new Sample(String.join(" ", command), links, image -> {
            Path tree = Files.createDirectory(image.resolveSibling("tree"));
            write(tree, links);
            var words = new ArrayList<String>();
            for (String word : List.of(command)) {
                words.add(word.equals(TREE) ? tree.toString() : word.equals(IMAGE) ? image.toString() : word);
            }
            run(words, image.resolveSibling("log"));
        });
    }

    private static void run(List<String> words, Path log) throws Exception {
        Process program;
        try {
            program = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, words.getFirst() + " is not installed");
            return;
        }
        try {
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            program.destroyForcibly();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
