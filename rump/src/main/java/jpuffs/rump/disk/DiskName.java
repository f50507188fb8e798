// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.BlockDevice;

/// The name of a disk as users write it: `disk.img`, `/dev/sdb`, or a partition of one, `disk.img@p2`,
/// `disk.img@a`.
///
/// @param image the file
/// @param partition an id of [PartitionEntry], or empty for the whole
public record DiskName(Path image, String partition) {
    /// A file whose whole name has an `@` is meant if it exists.
    public static DiskName parse(String name) {
        int at = name.lastIndexOf('@');
        String partition = name.substring(at + 1);
        if (at > 0 && partition.matches("p[1-9][0-9]{0,3}|[a-v]") && !Files.exists(Path.of(name))) {
            return new DiskName(Path.of(name.substring(0, at)), partition);
        }
        return new DiskName(Path.of(name), "");
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
        return partition.isEmpty() ? image.toString() : image + "@" + partition;
    }
}
