// SPDX-License-Identifier: BSD-2-Clause
/// FAT12, FAT16 and FAT32 with long names, read and written: the type `msdosfs` of the runnable kernel. (Microsoft:
/// FAT32 File System Specification 1.03; the bits of the boot sector's state byte are Linux's.)
///
/// ```
/// var type = new MsdosType();
/// type.newfs(disk, FsOptions.of("version=32"), Rumpuser.HOST);
/// FileSystem fs = type.mount(disk, FsOptions.of("umask=022"), Rumpuser.HOST);
/// ```
///
/// What it has in common with exFAT is in `jpuffs.rumpfs.fat`. Here are, from the disk up:
///
/// * `BootSector` and `FatKind` know the layout, `EntryRec`, `LongName` and `ShortName` the entries of
///   directories, `InfoSector` what FAT32 counts. What comes from the disk is not trusted.
/// * `Fat` is the table, which says also what is free.
/// * `Scanner` reads files with their names out of the places of a directory.
/// * `MsdosDirectory` and `MsdosFs` are the file system, `Newfs` makes one, `Fsck` and `FsckTree` check it.
@NullMarked
package jpuffs.rumpfs.msdosfs;

import org.jspecify.annotations.NullMarked;
