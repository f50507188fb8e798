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
/// The parts, from the disk up:
///
/// * `BootSector` and `FatKind` know the layout, `EntryRec`, `LongName`, `ShortName` and `FatTime` the entries of
///   directories. What comes from the disk is not trusted.
/// * `Changes` holds what was changed since the last commit and writes it in an order that a crash does no harm
///   in.
/// * `Fat` is the table and says what is free; `Chain` remembers where a file's clusters are.
/// * `Slots` are the 32-byte places of a directory, `Scanner` reads names out of them, `DirIndex` knows them by
///   name.
/// * `FatNode`, `Directory` and `RegularFile` are the nodes, `NodeTable` those in use; `MsdosFs` is the file
///   system, `Newfs` makes one, `Fsck` checks it.
///
/// **One operation at a time**: nothing here locks. An operation that changes something begins with
/// `MsdosFs#begin`, the only place but few inside of long operations where a commit may come.
@NullMarked
package jpuffs.rumpfs.msdosfs;

import org.jspecify.annotations.NullMarked;
