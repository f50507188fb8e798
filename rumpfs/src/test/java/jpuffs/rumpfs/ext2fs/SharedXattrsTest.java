// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.rump.disk.FileDisk;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files with the same extended attributes have one block of them, until one changes.
@Timeout(120)
class SharedXattrsTest {
    private static final Name NAME = Name.of("user.same");
    private static final Name OTHER = Name.of("user.other");
    private static final int FILES = 40;
    private static final Pattern BLOCK = Pattern.compile("File ACL: (\\d+)");

    @TempDir
    private Path directory;

    private static byte[] value(String text) {
        return text.repeat(60).getBytes(US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext2 -b 1024 -I 128", "-t ext3 -b 4096", "-t ext4 -b 1024"})
    void oneBlockForAllThatAreAlike(String options) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 16 << 20, options);
        make(image);
        Tool.requireClean(image);
        List<String> blocks = blocks(image);
        assertThat(blocks.stream().distinct()).hasSize(1);
        assertThat(blocks).doesNotContain("0");

        change(image);
        Tool.requireClean(image);
        assertThat(blocks(image).stream().distinct()).hasSize(3); // shared, one of its own, none
        check(image);

        removeAll(image);
        Tool.requireClean(image);
    }

    private static void make(Path image) throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = Fixture.mount(disk, "");
            for (int i = 0; i < FILES; i++) {
                Node file = create(fs.root(), "f" + i);
                file.setxattr(OTHER, value("first"), 0); // two changes lead to the same
                file.setxattr(NAME, value("same"), 0);
                file.reclaim(1);
            }
            fs.unmount(true);
        }
    }

    private static Node create(Node parent, String name) throws Exception {
        Handle handle = parent.create(Name.of(name), 0644, OpenFlags.O_RDWR, Cred.ROOT);
        Node node = handle.node();
        handle.release();
        return node;
    }

    private static void change(Path image) throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = Fixture.mount(disk, "");
            Node own = require(fs, 3);
            own.setxattr(NAME, value("own"), 0);
            Node none = require(fs, 4);
            none.removexattr(NAME);
            none.removexattr(OTHER);
            own.reclaim(1);
            none.reclaim(1);
            fs.unmount(true);
        }
    }

    private static void check(Path image) throws Exception {
        try (var disk = FileDisk.open(image, true)) {
            FileSystem fs = Fixture.mount(disk, "ro");
            for (int i = 0; i < FILES; i++) {
                byte[] expected = i == 4 ? null : value(i == 3 ? "own" : "same");
                assertThat(require(fs, i).getxattr(NAME)).isEqualTo(expected);
            }
            fs.unmount(true);
        }
    }

    private static void removeAll(Path image) throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = Fixture.mount(disk, "");
            for (int i = 0; i < FILES; i++) {
                fs.root().unlink(Name.of("f" + i));
            }
            fs.unmount(true);
        }
    }

    private static Node require(FileSystem fs, int file) throws Exception {
        Node node = fs.root().lookup(Name.of("f" + file));
        assertThat(node).isNotNull();
        return node;
    }

    /// The block each file has, as debugfs tells it.
    private static List<String> blocks(Path image) throws Exception {
        var commands = new StringBuilder();
        for (int i = 0; i < FILES; i++) {
            commands.append("stat /f").append(i).append('\n');
        }
        var blocks = new ArrayList<String>();
        var matcher = BLOCK.matcher(Tool.debugfs(image, commands.toString()));
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        assertThat(blocks).hasSize(FILES);
        return blocks;
    }
}
