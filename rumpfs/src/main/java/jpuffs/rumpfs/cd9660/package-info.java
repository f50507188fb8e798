// SPDX-License-Identifier: BSD-2-Clause
/// ISO 9660 with Rock Ridge, Joliet, ISO 9660:1999, El Torito and zisofs, read only: the type `cd9660` of the
/// runnable kernel. (ECMA-119, Joliet 1995, SUSP and RRIP 1.12, El Torito 1.0; options as in Linux's isofs.)
///
/// ```
/// FileSystem fs = new Cd9660Type().mount(disk, FsOptions.of("session=1,norock"), Rumpuser.HOST);
/// ```
///
/// The parts, from the disc up:
///
/// * `Disc` reads metadata by a cache and data without; nothing beyond the end is asked for.
/// * `VolumeDescriptor` knows what a session says of itself, `Sessions` where sessions begin, `View` which of the
///   trees is shown.
/// * `DirRec` is a directory record, `DirScan` reads one after the other, `SystemUse` goes through what
///   extensions add, `RockRidge` understands it, `Names` and `IsoTime` translate.
/// * `Records` says what a record means and makes nodes; `DirIndex` knows the files of a directory by name.
/// * `IsoNode`, `Directory`, `RegularFile` (on `Sections` and `Zisofs`), `SymbolicLink`, `SpecialFile` and
///   `BootFiles` (on `ElTorito`) are the nodes; `Cd9660Fs` is the file system.
///
/// **One operation at a time**: nothing here locks. What comes from the disc is not trusted: sizes are checked
/// against what holds them before anything is allocated, circles are found.
@NullMarked
package jpuffs.rumpfs.cd9660;

import org.jspecify.annotations.NullMarked;
