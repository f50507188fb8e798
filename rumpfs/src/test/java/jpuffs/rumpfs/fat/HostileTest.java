// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FaultDisk;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.Deadline;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.Seeds;
import jpuffs.rumpfs.io.Le;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Damaged images are used in every way, as long as it goes: what fails, fails with an ErrnoException and soon. Our
/// checker makes them good again, by its own word.
@Timeout(1200)
class HostileTest {
    private static final int DEADLINE = 60;
    private static final int MAX_NODES = 150;
    private static final int SECTOR = 512;
    private static final int[] VALUES = {0, 1, -1, 2, 3, 0xfff, 0xff8, 0x0ffffff8, 0x7fffffff, 0xfff7, 0xe5, 0x2e};

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"mkfs.fat -F 12 -s 1", "mkfs.exfat -c 512"})
    void someImages(String command) throws Exception {
        run(command, 50);
    }

    /// Whatever read, write or flush fails, alone or with all that follow.
    @ParameterizedTest
    @ValueSource(strings = {"mkfs.fat -F 12 -s 1", "mkfs.exfat -c 512"})
    void aDiskThatFails(String command) throws Exception {
        Path image = directory.resolve("image");
        Kit.mkfs(image, size(command), command);
        Kit kit = Kit.of(command);
        try (var disk = FileDisk.open(image, true)) {
            for (int i = 0; i < 240; i++) {
                long first = i / 2 < 40 ? i / 2 : 10 * (i / 2) - 360;
                boolean alone = i % 2 == 0;
                var faults = new FaultDisk(disk);
                faults.fail(at -> alone ? at == first : at >= first);
                try {
                    use(kit, faults, new SplittableRandom(i));
                } catch (ErrnoException e) {
                    // an answer
                }
            }
        }
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mkfs.fat -F 12 -s 1",
                "mkfs.fat -F 16 -s 1",
                "mkfs.fat -F 32 -s 1",
                "mkfs.fat -F 12 -s 8",
                "mkfs.exfat -c 512",
                "mkfs.exfat -c 4096"
            })
    void manyImages(String command) throws Exception {
        run(command, Integer.getInteger("jpuffs.images", 20_000));
    }

    private static long size(String command) {
        return command.contains("-F 12") ? 1 << 20 : command.contains("-F 32") ? 36 << 20 : 4 << 20;
    }

    private void run(String command, int count) throws Exception {
        long seed = Seeds.of("HostileTest " + command);
        Path image = directory.resolve("image");
        Kit.mkfs(image, size(command), command);
        Kit kit = Kit.of(command);
        kit.with(image, process -> new Workload(process, 1).run(80));
        try (var disk = FileDisk.open(image, true)) {
            List<Long> sectors = usedSectors(disk);
            for (int i = 0; i < count; i++) {
                long one = seed + i;
                Deadline.run(one, DEADLINE, () -> damageAndUse(kit, disk, sectors, one));
            }
        }
    }

    private static List<Long> usedSectors(BlockDevice disk) throws IOException {
        var sectors = new ArrayList<Long>();
        MemorySegment sector = MemorySegment.ofArray(new byte[SECTOR]);
        MemorySegment zero = MemorySegment.ofArray(new byte[SECTOR]);
        for (long off = 0; off < disk.size(); off += SECTOR) {
            disk.read(sector, off);
            boolean data = off > disk.size() / 4; // mostly of files, which do not matter
            if (sector.mismatch(zero) >= 0 && (!data || off % 16 == 0)) {
                sectors.add(off);
            }
        }
        return sectors;
    }

    private static void damageAndUse(Kit kit, BlockDevice base, List<Long> sectors, long seed) throws IOException {
        var random = new SplittableRandom(seed);
        MemoryDisk disk = MemoryDisk.over(base);
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            damage(disk, sectors, random);
        }
        MemoryDisk copy = MemoryDisk.over(disk);
        try {
            use(kit, disk, random);
        } catch (ErrnoException e) {
            // an answer
        }
        repair(kit, copy);
    }

    private static void damage(BlockDevice disk, List<Long> sectors, SplittableRandom random) throws IOException {
        long off = random.nextInt(8) == 0 ? 0 : sectors.get(random.nextInt(sectors.size()));
        MemorySegment sector = MemorySegment.ofArray(new byte[SECTOR]);
        disk.read(sector, off);
        int at = random.nextInt(SECTOR / 4) * 4;
        int value = VALUES[random.nextInt(VALUES.length)];
        switch (random.nextInt(6)) {
            case 0 -> Le.put32(sector, at, random.nextInt());
            case 1 -> Le.put16(sector, at + 2 * random.nextInt(2), random.nextInt(3) == 0 ? random.nextInt() : value);
            case 2 -> Le.put8(sector, random.nextInt(SECTOR), 1 << random.nextInt(8));
            case 3 -> Le.put32(sector, at, Le.u32(sector, at) + random.nextInt(9) - 4);
            case 4 -> disk.read(sector, sectors.get(random.nextInt(sectors.size())));
            default -> Le.put32(sector, at, value);
        }
        disk.write(sector, off);
    }

    /// What cannot be repaired is told; what was repaired is clean.
    private static void repair(Kit kit, BlockDevice disk) throws IOException {
        RumpFsType type = kit.type();
        try {
            var report = new ArrayList<String>();
            if (type.fsck(disk, true, report::add, Rumpuser.HOST) != FsckResult.DAMAGED) {
                FsckResult again = type.fsck(disk, false, report::add, Rumpuser.HOST);
                assertThat(again).as("%s", report).isEqualTo(FsckResult.CLEAN);
            }
        } catch (ErrnoException e) {
            // an answer
        }
    }

    private static void use(Kit kit, BlockDevice disk, SplittableRandom random) throws IOException {
        kit.type().probe(disk);
        FileSystem fs = kit.mount(disk, "cache=1M");
        var nodes = new ArrayList<Node>();
        try {
            walk(fs.root(), 0, nodes);
            for (int i = 0; i < 60; i++) {
                try {
                    change(nodes, random);
                } catch (ErrnoException e) {
                    // an answer
                }
            }
            for (Node node : nodes.subList(1, nodes.size())) {
                try {
                    node.reclaim(1);
                } catch (ErrnoException e) {
                    // an answer
                }
            }
            fs.statfs();
            fs.sync();
        } finally {
            fs.unmount(true);
        }
    }

    private static void walk(Node node, int depth, List<Node> nodes) throws IOException {
        nodes.add(node);
        try {
            if (!node.getattr().isDirectory()) {
                MemorySegment buffer = MemorySegment.ofArray(new byte[70_000]);
                node.read(buffer, 0);
                node.read(buffer, Math.max(node.getattr().size() - 5000, 0));
                return;
            }
            for (Name name : names(node, 150)) {
                Node child = nodes.size() < MAX_NODES && depth < 12 ? node.lookup(name) : null;
                if (child != null) {
                    walk(child, depth + 1, nodes);
                }
            }
        } catch (ErrnoException e) {
            // an answer
        }
    }

    private static List<Name> names(Node node, int max) throws IOException {
        var names = new ArrayList<Name>();
        node.readdir(0, (name, ino, mode, cookie) -> names.size() < max && names.add(name));
        return names;
    }

    private static void change(List<Node> nodes, SplittableRandom random) throws IOException {
        Node node = nodes.get(random.nextInt(nodes.size()));
        MemorySegment bytes =
                MemorySegment.ofArray("x".repeat(1 + random.nextInt(40_000)).getBytes(UTF_8));
        if (node.getattr().isDirectory()) {
            changeDirectory(node, Name.of("new name" + random.nextInt(10)), nodes, random);
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> node.write(bytes, random.nextInt(100_000));
            case 1 -> node.write(bytes, Math.min(node.getattr().size(), 2 << 20));
            case 2 -> node.setattr(SetAttr.none().withSize(random.nextInt(200_000)));
            default -> node.fsync(false);
        }
    }

    private static void changeDirectory(Node node, Name name, List<Node> nodes, SplittableRandom random)
            throws IOException {
        List<Name> names = names(node, 20);
        Name old = names.isEmpty() ? name : names.get(random.nextInt(names.size()));
        Node other = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(6)) {
            case 0, 1 -> nodes.add(node.mknod(name, Mode.S_IFREG | 0644, 0, Cred.ROOT));
            case 2 -> nodes.add(node.mkdir(name, 0755, Cred.ROOT));
            case 3 -> node.unlink(old);
            case 4 -> node.rmdir(old);
            default -> {
                if (other.getattr().isDirectory()) {
                    node.rename(old, other, name, 0);
                }
            }
        }
    }
}
