// SPDX-License-Identifier: BSD-2-Clause
/// Disks for the runnable kernel, all of them [jpuffs.core.BlockDevice]s that stack: files of the host, memory,
/// partitions of others, and a disk that fails on purpose.
///
/// ```
/// try (BlockDevice disk = FileDisk.open(Path.of("disk.img"), false)) {
///     BlockDevice second = Partitions.read(disk).find("p2").of(disk);
///     BlockDevice scratch = MemoryDisk.over(second); // written without touching the image
/// }
/// ```
///
/// All are thread-safe as far as their parts are: several reads and writes run at once, of which overlapping ones
/// have no order.
@NullMarked
package jpuffs.rump.disk;

import org.jspecify.annotations.NullMarked;
