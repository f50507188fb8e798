// SPDX-License-Identifier: BSD-2-Clause
/// What FAT12, FAT16, FAT32 and exFAT have in common: clusters in chains, directories of 32-byte places, and no
/// journal. The packages `msdosfs` and `exfat` say how that lies on the disk.
///
/// From the disk up:
///
/// * [jpuffs.rumpfs.fat.Changes] holds what was changed since the last commit and writes it in an order that a
///   crash does no harm in.
/// * [jpuffs.rumpfs.fat.Clusters] says what is free and which cluster follows which; [jpuffs.rumpfs.fat.Chain]
///   remembers where a file's clusters are.
/// * [jpuffs.rumpfs.fat.Slots] are the places of a directory, [jpuffs.rumpfs.fat.DirIndex] knows what is in them
///   by name, [jpuffs.rumpfs.fat.FileRec] is the entry of one file.
/// * [jpuffs.rumpfs.fat.FatNode], [jpuffs.rumpfs.fat.Directory] and [jpuffs.rumpfs.fat.RegularFile] are the
///   nodes, [jpuffs.rumpfs.fat.NodeTable] those in use, [jpuffs.rumpfs.fat.FatFs] the file system.
///
/// **One operation at a time**: nothing here locks. An operation that changes something begins with `FatFs#begin`,
/// the only place but few inside of long operations where a commit may come.
@NullMarked
package jpuffs.rumpfs.fat;

import org.jspecify.annotations.NullMarked;
