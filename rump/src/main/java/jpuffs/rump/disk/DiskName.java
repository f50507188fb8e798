// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.BlockDevice;

/// The name of a disk as users write it: `disk.img`, `/dev/sdb`, a partition of one, `disk.img@p2`, `disk.img@a`,
/// or a snapshot inside a container, `vm.qcow2#monday`, `vm.qcow2#monday@p1`.
///
/// @param image the file
/// @param snapshot its name or number, or empty for the disk as it is now
/// @param partition an id of [PartitionEntry], or empty for the whole
public record DiskName(Path image, String snapshot, String partition) {
    public DiskName(Path image, String partition) {
        this(image, "", partition);
    }

    /// A file whose whole name has an `@` or a `#` is meant if it exists.
    public static DiskName parse(String name) {
        if (Files.exists(Path.of(name))) {
            return new DiskName(Path.of(name), "", "");
        }
        int at = name.lastIndexOf('@');
        String partition = name.substring(at + 1);
        boolean hasPartition = at > 0 && partition.matches("p[1-9][0-9]{0,3}|[a-v]");
        String image = hasPartition ? name.substring(0, at) : name;
        int hash = Files.exists(Path.of(image)) ? -1 : image.indexOf('#');
        boolean hasSnapshot = hash > 0 && hash < image.length() - 1 && Files.exists(Path.of(image.substring(0, hash)));
        return new DiskName(
                Path.of(hasSnapshot ? image.substring(0, hash) : image),
                hasSnapshot ? image.substring(hash + 1) : "",
                hasPartition ? partition : "");
    }

    /// The same of another partition; empty for the whole.
    public DiskName withPartition(String id) {
        return new DiskName(image, snapshot, id);
    }

    /// What is named, of the opened image. Closing it closes `disk`.
    ///
    /// @throws IOException ENXIO if there is no such partition
    public BlockDevice in(BlockDevice disk) throws IOException {
        if (partition.isEmpty()) {
            return disk;
        }
        PartitionEntry entry = Partitions.read(disk).find(partition);
        return new Partition(disk, entry.start(), entry.size(), true);
    }

    @Override
    public String toString() {
        return image + (snapshot.isEmpty() ? "" : "#" + snapshot) + (partition.isEmpty() ? "" : "@" + partition);
    }
}
