// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.BlockDevice;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import org.jspecify.annotations.Nullable;

/// A mounted disc. See the package for how it works.
final class Cd9660Fs implements FileSystem {
    private static final int MAX_WEIGHT = 1 << 17;
    private static final int MAX_INFLATED = 8;

    private final Disc disc;
    private final Records records;
    private final Directory root;
    private final long bootCatalog;
    private final Map<Long, Long> parents = new HashMap<>();
    private final LinkedHashMap<Long, DirIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
    private int weight;
    private boolean ended;

    private final LinkedHashMap<InflatedBlock, byte[]> inflated = new LinkedHashMap<>(16, 0.75f, true);

    private record InflatedBlock(long ino, long block) {}

    private Cd9660Fs(Disc disc, MountOptions options) throws IOException {
        this.disc = disc;
        long start = Sessions.choose(Sessions.find(disc), options.session());
        VolumeDescriptor.Set set = VolumeDescriptor.readAll(disc, start);
        this.bootCatalog = set.bootCatalog();
        this.records = new Records(disc, View.choose(disc, set, options.norock(), options.nojoliet()), options);
        this.root = records.root(this);
    }

    /// Mounts what is on the device, see [jpuffs.rumpfs.RumpFsType#mount].
    static Cd9660Fs mount(BlockDevice device, MountOptions options) throws IOException {
        var disc = new Disc(device, options.cacheBytes());
        boolean done = false;
        try {
            var fs = new Cd9660Fs(disc, options);
            done = true;
            return fs;
        } finally {
            if (!done) {
                disc.close();
            }
        }
    }

    Records records() {
        return records;
    }

    /// A directory was found in another. It has one parent: one that lies in itself, or in two places, would make
    /// walks endless.
    ///
    /// @throws IOException EUCLEAN
    void adopt(long parent, long ino) throws IOException {
        Long known = parents.get(ino);
        if (known != null && known == parent) {
            return;
        }
        for (Long above = parent; above != null; above = parents.get(above)) {
            if (above == ino) {
                throw EUCLEAN.error("the directory at %d lies in itself", ino << 1);
            }
        }
        if (known != null || ino == root.ino()) {
            throw EUCLEAN.error("the directory at %d lies in two others", ino << 1);
        }
        parents.put(ino, parent);
    }

    boolean isRoot(Directory directory) {
        return directory.equals(root);
    }

    /// What is in a directory. Those used longest ago are forgotten when there are many names.
    DirIndex index(Directory directory) throws IOException {
        DirIndex index = indexes.get(directory.ino());
        if (index == null) {
            index = DirIndex.read(records, directory);
            indexes.put(directory.ino(), index);
            weight += index.weight();
            while (weight > MAX_WEIGHT && indexes.size() > 1) {
                weight -= indexes.pollFirstEntry().getValue().weight();
            }
        }
        return index;
    }

    /// A block of a compressed file; the last few are kept.
    byte[] inflated(RegularFile file, Zisofs packed, long block) throws IOException {
        var key = new InflatedBlock(file.ino(), block);
        byte[] plain = inflated.get(key);
        if (plain == null) {
            plain = packed.inflate(block);
            inflated.put(key, plain);
            if (inflated.size() > MAX_INFLATED) {
                inflated.pollFirstEntry();
            }
        }
        return plain;
    }

    /// The directory of boot images if it is asked for, and there are any.
    @Nullable
    Node bootFiles(Directory directory, Name name) throws IOException {
        if (!isRoot(directory) || bootCatalog < 0 || !name.equals(BootFiles.NAME)) {
            return null;
        }
        VolumeDescriptor volume = records.view().volume();
        long end = volume.blocks() * volume.blockSize();
        List<ElTorito.Image> images = ElTorito.read(disc, bootCatalog * Disc.SECTOR, end > 0 ? end : disc.size());
        return new BootFiles(this, root.getattr(), images);
    }

    // FileSystem

    @Override
    public Node root() {
        return root;
    }

    @Override
    public StatFs statfs() {
        VolumeDescriptor volume = records.view().volume();
        return new StatFs(volume.blockSize(), volume.blocks(), 0, 0, 0, 0, Name.MAX);
    }

    @Override
    public boolean isPrivate() {
        return true;
    }

    @Override
    public boolean listsUnopened() {
        return true;
    }

    @Override
    public void unmount(boolean force) {
        if (!ended) {
            ended = true;
            disc.close();
        }
    }
}
