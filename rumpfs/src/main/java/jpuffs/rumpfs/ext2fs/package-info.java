// SPDX-License-Identifier: BSD-2-Clause
/// ext2, ext3 and ext4, read and written: the type `ext2fs` of the runnable kernel.
///
/// ```
/// var type = new Ext2Type();
/// type.newfs(disk, FsOptions.of("version=4"), Rumpuser.HOST);
/// FileSystem fs = type.mount(disk, FsOptions.NONE, Rumpuser.HOST);
/// ```
///
/// The parts, from the disk up:
///
/// * `Superblock`, `Features`, `Groups`, `InodeRec`, `DirBlock`, `XattrArea`, `ExtentNode` know the format,
///   `Checksums` and `Crc` its checksums. What comes from the disk is not trusted: each is checked when it is read.
/// * `Meta` holds the running transaction over the buffer cache, `Journal` writes it, `JournalReplay` reads the
///   log. `ByteDisk` moves file data past the cache.
/// * `BlockAllocator`, `InodeAllocator`, `InodeTable`, `Orphans` know what is free, in use and to be ended.
/// * `ExtentMap` and `IndirectMap` say where the blocks of a file are, `DirContent`, `DirIndex` and `DirReader`
///   what is in a directory, `Xattrs` what else a file has.
/// * `Inode` and its subclasses are the nodes; `Ext2Fs` is the file system, `Newfs` makes one, `Fsck` checks it.
///
/// **One operation at a time**: nothing here locks. An operation that changes something begins with `Ext2Fs#begin`,
/// the only place but few inside of long operations where a transaction may end. So an operation is in one
/// transaction or, cut where everything is consistent and on the orphan list, in several.
///
/// **Changing metadata**: say so to `Meta#change` with the block's `Seal`, or to `Inode#changed`; checksums are
/// computed once, when the transaction ends. **Failing** comes before changing: space is taken first.
@NullMarked
package jpuffs.rumpfs.ext2fs;

import org.jspecify.annotations.NullMarked;
