// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import jpuffs.core.Attr;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rumpfs.Seeds;
import jpuffs.rumpfs.cd9660.Kit.Keeps;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images of genisoimage, xorriso and makefs: what is read is the tree they were made of.
@Timeout(300)
class PeersTest {
    @TempDir
    private static Path shared;

    private static Path posix;
    private static Path simple;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeTrees() throws Exception {
        long seed = Seeds.of("PeersTest");
        posix = Trees.posix(shared.resolve("posix"), seed);
        simple = Trees.simple(shared.resolve("simple"), seed);
    }

    private Path image() {
        return directory.resolve("image.iso");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "genisoimage -quiet -R",
                "genisoimage -quiet -R -iso-level 3 -J -joliet-long",
                "genisoimage -quiet -R -l -D",
                "genisoimage -quiet -R -no-cache-inodes",
                "xorriso -as mkisofs -quiet -R",
                "xorriso -as mkisofs -quiet -R --hardlinks",
                "xorriso -as mkisofs -quiet -R -J -iso-level 4 -D",
            })
    void rockRidge(String maker) throws Exception {
        Kit.make(maker, "-o", image(), posix);
        Kit.with(image(), "", root -> {
            Kit.requireSame(posix, root, Keeps.ALL, "rr_moved");
            var one = Kit.find(root, "size 2049").getattr();
            if (!maker.contains("no-cache") && !maker.equals("xorriso -as mkisofs -quiet -R")) {
                assertThat(one.nlink()).isEqualTo(3);
                assertThat(Kit.find(root, "a/third")).isEqualTo(Kit.find(root, "size 2049"));
            }
        });
    }

    @Test
    void longLinks() throws Exception {
        Path tree = Trees.longLinks(directory.resolve("links"));
        Kit.make("xorriso -as mkisofs -quiet -R -o", image(), tree);
        Kit.with(image(), "", root -> Kit.requireSame(tree, root, Keeps.POSIX));
    }

    @ParameterizedTest
    @ValueSource(strings = {"genisoimage -quiet -J", "xorriso -as mkisofs -quiet -J", "genisoimage -quiet -R -J"})
    void joliet(String maker) throws Exception {
        Kit.make(maker, "-o", image(), simple);
        Kit.with(image(), "norock", root -> Kit.requireSame(simple, root, Keeps.CONTENT));
    }

    @Test
    void theOtherTrees() throws Exception {
        Kit.make("genisoimage -quiet -R -J -iso-level 4 -o", image(), simple);
        Kit.with(
                image(),
                "norock,nojoliet",
                root -> assertThat(Kit.lookup(root, "UPPER and lower.Txt")).isNotNull());
        Kit.make("genisoimage -quiet -o", image(), simple);
        Kit.with(image(), "", root -> {
            assertThat(Kit.list(root)).containsKeys("a", "many", "no_dots", "upper_an.txt");
            assertThat(Kit.content(Kit.find(root, "a/b/c/deep"))).hasSize(5000);
        });
        Kit.with(
                image(),
                "map=off",
                root -> assertThat(Kit.list(root)).containsKeys("A", "NO_DOTS.;1", "UPPER_AN.TXT;1"));
    }

    @Test
    void makefs() throws Exception {
        Kit.make("makefs -t cd9660 -o rockridge,allow-deep-trees", image(), posix);
        Kit.with(image(), "", root -> {
            assertThat(Kit.list(Kit.find(root, ".rr_moved"))).isEmpty();
            Kit.requireSame(posix, root, Keeps.ALL, ".rr_moved");
        });
    }

    /// With holes, and sizes around those of blocks. What does not get smaller stays as it is.
    private Path compressible() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        var random = new Random(1);
        for (int size : new int[] {0, 1, 32767, 32768, 32769, 131072, 1_000_000}) {
            Files.write(
                    tree.resolve("text" + size),
                    "all work and no play "
                            .repeat(size / 21 + 1)
                            .substring(0, size)
                            .getBytes(UTF_8));
            Files.write(tree.resolve("zeros" + size), new byte[size]);
        }
        byte[] mixed = new byte[500_000];
        for (int i = 0; i < mixed.length; i += 2) {
            mixed[i] = (byte) random.nextInt(3);
        }
        Arrays.fill(mixed, 100_000, 300_000, (byte) 0);
        Files.write(tree.resolve("mixed"), mixed);
        Trees.write(tree.resolve("random"), 70_000, random);
        return tree;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "block_size=32k:version_2=off",
                "block_size=64k:version_2=off",
                "block_size=128k:version_2=off",
                "block_size=128k:version_2=on",
                "block_size=32k:version_2=on:susp_z2=on"
            })
    void zisofsOfXorriso(String options) throws Exception {
        Path tree = compressible();
        Kit.make(
                "xorriso -zisofs",
                options,
                "-outdev",
                image(),
                "-add",
                tree + "/",
                "-- -set_filter_r --zisofs / -- -commit");
        Kit.with(image(), "", root -> {
            Kit.requireSame(tree, Kit.find(root, tree.toString().substring(1)), Keeps.CONTENT);
            Attr text = Kit.find(root, tree.toString().substring(1) + "/text1000000")
                    .getattr();
            assertThat(text.blocks()).as("is compressed").isLessThan(200);
        });
        Kit.with(
                image(),
                "nocompress",
                root -> assertThat(Kit.find(root, tree.toString().substring(1) + "/text1000000")
                                .getattr()
                                .size())
                        .isLessThan(100_000));
    }

    @Test
    void zisofsOfMkzftree() throws Exception {
        Path tree = compressible();
        Path packed = directory.resolve("packed");
        Kit.make("mkzftree", tree, packed);
        Kit.make("genisoimage -quiet -R -z -o", image(), packed);
        Kit.with(image(), "", root -> Kit.requireSame(tree, root, Keeps.CONTENT));
    }

    /// Without the option the first descriptors are written over: then there is only the newest.
    @ParameterizedTest
    @ValueSource(strings = {"-R", "-R --emul-toc"})
    void sessionsOfXorriso(String options) throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        Files.writeString(tree.resolve("file0"), "at first");
        Kit.make("xorriso -as mkisofs -quiet", options, "-o", image(), tree);
        for (int i = 1; i <= 3; i++) {
            Path file = Files.writeString(directory.resolve("file" + i), "in session " + i);
            Kit.make("xorriso -dev", image(), "-map", file, "/file" + i, "-commit");
        }
        int sessions = options.contains("toc") ? 4 : 1;
        for (int i = 1; i <= sessions; i++) {
            int files = sessions == 1 ? 4 : i;
            Kit.with(image(), "session=" + i, root -> assertThat(Kit.list(root)).hasSize(files));
        }
        Kit.with(image(), "", root -> {
            assertThat(Kit.list(root)).containsOnlyKeys("file0", "file1", "file2", "file3");
            assertThat(Kit.content(Kit.find(root, "file2"))).asString().isEqualTo("in session 2");
            assertThat(Kit.content(Kit.find(root, "file0"))).asString().isEqualTo("at first");
        });
        String tooMany = "session=" + (sessions + 1);
        assertThatThrownBy(() -> Kit.with(image(), tooMany, root -> {})).hasMessageContaining(tooMany);
    }

    /// As they lie on a CD: one behind the other, with a gap.
    @ParameterizedTest
    @ValueSource(ints = {0, 150, 6901, 11_399})
    void sessionsOfGenisoimage(int gap) throws Exception {
        Path first = Files.createDirectories(directory.resolve("1"));
        Path second = Files.createDirectories(directory.resolve("2"));
        Files.writeString(first.resolve("one"), "1");
        Files.writeString(second.resolve("two"), "2");
        Path more = directory.resolve("more.iso");
        Kit.make("genisoimage -quiet -R -J -o", image(), first);
        long start = Files.size(image()) / 2048 + gap;
        Kit.make("genisoimage -quiet -R -J -C 0," + start, "-M", image(), "-o", more, second);
        try (var out = FileChannel.open(image(), StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(Files.readAllBytes(more)), start * 2048);
        }
        Kit.with(image(), "", root -> {
            assertThat(Kit.content(Kit.find(root, "one"))).asString().isEqualTo("1");
            assertThat(Kit.content(Kit.find(root, "two"))).asString().isEqualTo("2");
        });
        Kit.with(image(), "norock,session=2", root -> assertThat(Kit.list(root)).hasSize(2));
        Kit.with(image(), "session=1", root -> assertThat(Kit.list(root)).containsOnlyKeys("one"));
    }

    @Test
    void bootImages() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        var random = new Random(2);
        Trees.write(tree.resolve("loader"), 5000, random);
        Trees.write(tree.resolve("floppy"), 1_474_560, random);
        Trees.write(tree.resolve("efi.img"), 100_000, random);
        Kit.make(
                "xorriso -as mkisofs -quiet -R -b loader -no-emul-boot -boot-load-size 4 -eltorito-alt-boot -e efi.img"
                        + " -no-emul-boot -o",
                image(),
                tree);
        Kit.with(image(), "", root -> {
            assertThat(Kit.list(root)).doesNotContainKey(".eltorito").containsKey("loader");
            Node boot = Kit.find(root, ".eltorito");
            assertThat(Kit.list(boot)).containsOnlyKeys("1-bios-none.img", "2-efi-none.img");
            byte[] loader = Files.readAllBytes(tree.resolve("loader"));
            assertThat(Kit.content(Kit.find(boot, "1-bios-none.img"))).isEqualTo(Arrays.copyOf(loader, 2048));
            byte[] efi = Files.readAllBytes(tree.resolve("efi.img"));
            assertThat(Kit.content(Kit.find(boot, "2-efi-none.img"))).startsWith(efi);
            assertThat(boot.lookup(Name.of("other"))).isNull();
        });
        Kit.make("genisoimage -quiet -R -b floppy -c catalog -o", image(), tree);
        Kit.with(
                image(),
                "",
                root -> assertThat(Kit.content(Kit.find(root, ".eltorito/1-bios-1.44M.img")))
                        .isEqualTo(Files.readAllBytes(tree.resolve("floppy"))));
        Kit.make("genisoimage -quiet -R -o", image(), tree);
        Kit.with(image(), "", root -> assertThat(Kit.lookup(root, ".eltorito")).isNull());
    }

    /// Several sections, the last with the only bytes that are not zero.
    @Tag("long")
    @Test
    void largeFiles() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        long size = (4L << 30) + (300 << 20) + 5;
        try (var out =
                FileChannel.open(tree.resolve("large"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < size; at += 1 << 30) {
                out.write(ByteBuffer.wrap(("at " + at).getBytes(UTF_8)), at);
            }
            out.write(ByteBuffer.wrap("end".getBytes(UTF_8)), size - 3);
        }
        Files.writeString(tree.resolve("next"), "behind it");
        Kit.make("xorriso -as mkisofs -quiet -R -iso-level 3 -o", image(), tree);
        Kit.with(image(), "", root -> Kit.requireSame(tree, root, Keeps.POSIX));
    }
}
