// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.Deadline;
import jpuffs.rumpfs.Seeds;
import jpuffs.rumpfs.io.Le;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Damaged images are read in every way, as far as it goes: what fails, fails with an ErrnoException and soon.
@Timeout(3600)
class HostileTest {
    private static final int DEADLINE = 60;
    private static final int MAX_NODES = 400;
    private static final int QUICK = 3000;
    private static final String[] OPTIONS = {
        "cache=1M", "cache=1M,norock", "cache=1M,norock,nojoliet", "cache=1M,session=1"
    };
    private static final String[] SIGNATURES = {
        "CE", "NM", "PX", "SL", "CL", "PL", "RE", "TF", "ZF", "SP", "ER", "PN", "ST", "ES", "SF"
    };
    private static final int[] VALUES = {
        0, 1, -1, 2, 16, 19, 28, 255, 2047, 2048, 2049, 0x7fffffff, 0xfffff800, 0x100000
    };

    @TempDir
    private Path directory;

    @Test
    void someImages() throws Exception {
        run(QUICK);
    }

    @Tag("long")
    @Test
    void manyImages() throws Exception {
        run(Integer.getInteger("jpuffs.images", 200_000));
    }

    private void run(int count) throws Exception {
        long seed = Seeds.of("cd9660.HostileTest");
        List<BlockDevice> images = List.of(load(plain()), load(sessions()), load(compressed()));
        List<List<Long>> sectors = new ArrayList<>();
        for (BlockDevice image : images) {
            sectors.add(metadata(image));
        }
        for (int i = 0; i < count; i++) {
            int which = i % images.size();
            long one = seed + i;
            Deadline.run(one, DEADLINE, () -> damageAndUse(images.get(which), sectors.get(which), one));
        }
    }

    private Path tree() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        if (Files.exists(tree.resolve("loader"))) {
            return tree;
        }
        Files.createDirectories(tree.resolve("a/1/2/3/4/5/6/7/8/9"));
        Files.writeString(tree.resolve("a/1/2/3/4/5/6/7/8/9/bottom"), "deep");
        for (int i = 0; i < 40; i++) {
            Files.writeString(tree.resolve("file with number " + i), "text ".repeat(i * i));
        }
        Files.writeString(tree.resolve("n".repeat(240)), "long");
        Files.write(tree.resolve("loader"), new byte[3000]);
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/some/" + "where/".repeat(20) + "x"));
        Files.createLink(tree.resolve("a/hard"), tree.resolve("file with number 7"));
        return tree;
    }

    private Path plain() throws Exception {
        Path image = directory.resolve("plain.iso");
        Kit.make("genisoimage -quiet -R -J -iso-level 4 -b loader -c catalog -no-emul-boot -o", image, tree());
        return image;
    }

    private Path sessions() throws Exception {
        Path image = directory.resolve("sessions.iso");
        Kit.make("xorriso -as mkisofs -quiet -R -J --emul-toc --hardlinks -o", image, tree());
        Kit.make("xorriso -dev", image, "-map", tree().resolve("loader"), "/more -commit");
        return image;
    }

    private Path compressed() throws Exception {
        Path image = directory.resolve("compressed.iso");
        Kit.make(
                "xorriso -zisofs block_size=32k:version_2=on -outdev",
                image,
                "-map",
                tree(),
                "/ -set_filter_r --zisofs / -- -commit");
        return image;
    }

    private static BlockDevice load(Path image) throws IOException {
        try (var file = FileDisk.open(image, true)) {
            var memory = MemoryDisk.ofSize(file.size());
            var all = MemorySegment.ofArray(new byte[(int) file.size()]);
            file.read(all, 0);
            memory.write(all, 0);
            return memory;
        }
    }

    /// The sectors that are not of files, as far as one can see.
    private static List<Long> metadata(BlockDevice disk) throws IOException {
        var sectors = new ArrayList<Long>();
        MemorySegment sector = MemorySegment.ofArray(new byte[Disc.SECTOR]);
        for (long off = 16 * Disc.SECTOR; off < disk.size(); off += Disc.SECTOR) {
            disk.read(sector, off);
            String text = new String(Le.bytes(sector, 0, Disc.SECTOR), ISO_8859_1);
            boolean names = text.contains("PX") || text.contains("NM") || text.contains("SL") || text.contains("CD001");
            boolean directory = Le.u8(sector, 0) >= 34 && Le.u8(sector, 32) == 1 && Le.u8(sector, 33) == 0;
            boolean packed = Le.u32(sector, 0) == 0xa15522efL;
            if (names || directory || packed || off % 31 == 0) {
                sectors.add(off);
            }
        }
        return sectors;
    }

    private static void damageAndUse(BlockDevice base, List<Long> sectors, long seed) throws IOException {
        var random = new SplittableRandom(seed);
        MemoryDisk disk = MemoryDisk.over(base);
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            damage(disk, sectors, random);
        }
        new Cd9660Type().probe(disk);
        try {
            use(disk, OPTIONS[random.nextInt(OPTIONS.length)]);
        } catch (ErrnoException e) {
            // an answer
        }
    }

    /// Somewhere in metadata, mostly in what a signature or a record begins.
    private static void damage(BlockDevice disk, List<Long> sectors, SplittableRandom random) throws IOException {
        long off = sectors.get(random.nextInt(sectors.size()));
        MemorySegment sector = MemorySegment.ofArray(new byte[Disc.SECTOR]);
        disk.read(sector, off);
        int value = VALUES[random.nextInt(VALUES.length)];
        int at = place(sector, random);
        switch (random.nextInt(6)) {
            case 0 -> Le.put32(sector, Math.min(at, Disc.SECTOR - 4), random.nextInt());
            case 1 -> Le.put8(sector, at, value);
            case 2 -> Le.put8(sector, random.nextInt(Disc.SECTOR), 1 << random.nextInt(8));
            case 3 -> {
                int word = Math.min(at, Disc.SECTOR - 4);
                Le.put32(sector, word, Le.u32(sector, word) + random.nextInt(9) - 4);
            }
            case 4 -> {
                long other = sectors.get(random.nextInt(sectors.size())) / Disc.SECTOR;
                Le.put32(sector, Math.min(at, Disc.SECTOR - 4), random.nextBoolean() ? other : value);
            }
            default -> disk.read(sector, sectors.get(random.nextInt(sectors.size())));
        }
        disk.write(sector, off);
    }

    private static int place(MemorySegment sector, SplittableRandom random) {
        int start = random.nextInt(Disc.SECTOR - 1);
        String signature = SIGNATURES[random.nextInt(SIGNATURES.length)];
        for (int at = start; random.nextInt(4) != 0 && at < Disc.SECTOR - 32; at++) {
            if (Le.u8(sector, at) == signature.charAt(0) && Le.u8(sector, at + 1) == signature.charAt(1)) {
                return at + random.nextInt(32);
            }
        }
        return start;
    }

    private static void use(BlockDevice disk, String options) throws IOException {
        FileSystem fs = Kit.mount(disk, options);
        try {
            var nodes = new ArrayList<Node>();
            walk(fs.root(), nodes);
            Node boot = Kit.lookup(fs.root(), ".eltorito");
            if (boot != null) {
                walk(boot, nodes);
            }
            fs.statfs();
        } finally {
            fs.unmount(true);
        }
    }

    /// All there is: no path leads in a circle, as else there would be no end.
    private static void walk(Node node, List<Node> nodes) throws IOException {
        nodes.add(node);
        try {
            int mode = node.getattr().mode();
            if (node.getattr().isSymlink()) {
                node.readlink();
            } else if (node.getattr().isRegular()) {
                read(node);
            } else if (node.getattr().isDirectory()) {
                var names = new ArrayList<Name>();
                node.readdir(0, (name, ino, type, cookie) -> names.add(name));
                for (Name name : names) {
                    Node child = nodes.size() < MAX_NODES ? node.lookup(name) : null;
                    if (child != null) {
                        walk(child, nodes);
                    }
                }
            }
            assertThat(mode >> 12).isNotZero();
        } catch (ErrnoException e) {
            // an answer
        }
    }

    private static void read(Node node) throws IOException {
        MemorySegment buffer = MemorySegment.ofArray(new byte[70_000]);
        node.open(0).release();
        node.read(buffer, 0);
        node.read(buffer, Math.max(node.getattr().size() - 5000, 0));
    }
}
