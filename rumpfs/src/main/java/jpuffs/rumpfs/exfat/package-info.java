// SPDX-License-Identifier: BSD-2-Clause
/// exFAT, read and written: the type `exfat` of the runnable kernel. (Microsoft: exFAT file system specification
/// 1.00.)
///
/// ```
/// var type = new ExfatType();
/// type.newfs(disk, FsOptions.of("label=CARD"), Rumpuser.HOST);
/// FileSystem fs = type.mount(disk, FsOptions.of("umask=022"), Rumpuser.HOST);
/// ```
///
/// What it has in common with FAT is in `jpuffs.rumpfs.fat`. Here are, from the disk up:
///
/// * `BootRegion` knows the layout, `EntrySet` the entries of a file, `Sums` the checksums, `UpCase` which names
///   are one. What comes from the disk is not trusted.
/// * `Heap` is the allocation bitmap and the table of chains.
/// * `DirScanner` reads files out of a directory, `RootScan` what the root has beside files.
/// * `ExfatDirectory` and `ExfatFs` are the file system, `Newfs` makes one, `Fsck` and `FsckTree` check it.
@NullMarked
package jpuffs.rumpfs.exfat;

import org.jspecify.annotations.NullMarked;
