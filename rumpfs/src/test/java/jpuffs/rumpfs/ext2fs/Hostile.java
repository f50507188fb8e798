// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.io.Le;

/// Uses a damaged image in every way, as long as it goes. What fails must fail with an ErrnoException.
final class Hostile {
    private static final int MAX_NODES = 150;
    private static final int MAX_DEPTH = 12;
    private static final int SECTOR = 512;
    private static final int[] VALUES = {0, 1, -1, 2, 0x7fffffff, 0x80000000, 0xffff, 0x10000, 11, 12};

    private final BlockDevice base;
    private final List<Long> sectors = new ArrayList<>(); // that are not zero

    Hostile(BlockDevice base) throws IOException {
        this.base = base;
        MemorySegment sector = MemorySegment.ofArray(new byte[SECTOR]);
        MemorySegment zero = MemorySegment.ofArray(new byte[SECTOR]);
        for (long off = 0; off < base.size(); off += SECTOR) {
            base.read(sector, off);
            if (sector.mismatch(zero) >= 0) {
                sectors.add(off);
            }
        }
    }

    /// Damages a copy of the image and uses it.
    void run(long seed) throws IOException {
        var random = new SplittableRandom(seed);
        MemoryDisk disk = MemoryDisk.over(base);
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            mutate(disk, random);
        }
        try {
            use(disk, random);
        } catch (ErrnoException e) {
            // an answer
        }
    }

    private void mutate(BlockDevice disk, SplittableRandom random) throws IOException {
        boolean superblock = random.nextInt(8) == 0;
        long off = superblock ? 1024 + SECTOR * random.nextInt(2) : sectors.get(random.nextInt(sectors.size()));
        MemorySegment sector = MemorySegment.ofArray(new byte[SECTOR]);
        disk.read(sector, off);
        int at = random.nextInt(SECTOR / 4) * 4;
        switch (random.nextInt(6)) {
            case 0 -> Le.put32(sector, at, random.nextInt());
            case 1 -> Le.put16(sector, at + 2 * random.nextInt(2), random.nextInt());
            case 2 -> Le.put8(sector, random.nextInt(SECTOR), 1 << random.nextInt(8));
            case 3 -> Le.put32(sector, at, Le.i32(sector, at) + random.nextInt(9) - 4);
            case 4 -> disk.read(sector, sectors.get(random.nextInt(sectors.size())));
            default -> Le.put32(sector, at, VALUES[random.nextInt(VALUES.length)]);
        }
        disk.write(sector, off);
    }

    private void use(BlockDevice disk, SplittableRandom random) throws IOException {
        new Ext2Type().probe(disk);
        Ext2Fs fs = Ext2Fs.mount(disk, MountOptions.of(FsOptions.of("cache=1M")), Rumpuser.HOST);
        try {
            var nodes = new ArrayList<Node>();
            walk(fs.root(), 0, nodes);
            for (int i = 0; i < 60; i++) {
                try {
                    change(nodes, random);
                } catch (ErrnoException e) {
                    // an answer
                }
            }
            for (Node node : nodes) {
                node.reclaim(1);
            }
            fs.sync();
        } finally {
            fs.unmount(true);
        }
    }

    private void walk(Node node, int depth, List<Node> nodes) throws IOException {
        nodes.add(node);
        Attr attr = node.getattr();
        try {
            look(node, attr);
        } catch (ErrnoException e) {
            // an answer
        }
        if (!attr.isDirectory() || depth > MAX_DEPTH) {
            return;
        }
        var names = new ArrayList<Name>();
        try {
            node.readdir(0, (name, ino, mode, cookie) -> names.size() < MAX_NODES && names.add(name));
            node.lookup(Name.DOT_DOT);
        } catch (ErrnoException e) {
            // an answer
        }
        for (Name name : names) {
            try {
                Node child = nodes.size() < MAX_NODES ? node.lookup(name) : null;
                if (child != null) {
                    walk(child, depth + 1, nodes);
                }
            } catch (ErrnoException e) {
                // an answer
            }
        }
    }

    private static void look(Node node, Attr attr) throws IOException {
        for (Name name : node.listxattr()) {
            node.getxattr(name);
        }
        if (attr.isSymlink()) {
            node.readlink();
        } else if (attr.isRegular()) {
            MemorySegment buffer = MemorySegment.ofArray(new byte[70_000]);
            node.read(buffer, 0);
            node.read(buffer, Math.max(attr.size() - 5000, 0));
            node.seek(0, true);
            node.seek(0, false);
        }
    }

    private static void change(List<Node> nodes, SplittableRandom random) throws IOException {
        Node node = nodes.get(random.nextInt(nodes.size()));
        Name name = Name.of("new" + random.nextInt(10));
        MemorySegment bytes = MemorySegment.ofArray(new byte[1 + random.nextInt(40_000)]);
        if (node.getattr().isDirectory()) {
            changeDirectory(node, name, nodes, random);
            return;
        }
        switch (random.nextInt(7)) {
            case 0 -> node.write(bytes, random.nextInt(100_000));
            case 1 -> node.write(bytes, node.getattr().size());
            case 2 -> node.setattr(SetAttr.none().withSize(random.nextInt(200_000)));
            case 3 -> node.setattr(SetAttr.none().withMode(random.nextInt(07777)));
            case 4 -> node.setxattr(Name.of("user." + name), new byte[random.nextInt(300)], 0);
            case 5 -> node.fallocate(random.nextBoolean() ? 3 : 0, random.nextInt(100_000), 50_000);
            default -> node.fsync(false);
        }
    }

    private static void changeDirectory(Node node, Name name, List<Node> nodes, SplittableRandom random)
            throws IOException {
        var names = new ArrayList<Name>();
        node.readdir(0, (n, ino, mode, cookie) -> names.size() < 20 && names.add(n));
        Name old = names.isEmpty() ? name : names.get(random.nextInt(names.size()));
        Node other = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(8)) {
            case 0, 1 -> nodes.add(node.mknod(name, Mode.S_IFREG | 0644, 0, Cred.ROOT));
            case 2 -> nodes.add(node.mkdir(name, 0755, Cred.ROOT));
            case 3 -> nodes.add(node.symlink(name, new byte[1 + random.nextInt(100)], Cred.ROOT));
            case 4 -> node.link(other, name);
            case 5 -> node.unlink(old);
            case 6 -> node.rmdir(old);
            default -> node.rename(old, other, name, 0);
        }
    }
}
