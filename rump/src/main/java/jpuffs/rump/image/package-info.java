// SPDX-License-Identifier: BSD-2-Clause
/// Containers of disks, as virtual machines and downloads have them: qcow2, VHD, VHDX, VMDK, and raw images
/// compressed by gzip, xz or zstd.
///
/// ```
/// try (BlockDevice disk = Images.open(DiskName.parse("vm.qcow2@p1"), false)) {
///     if (disk instanceof ImageDisk container) { print(container.info()); }
/// }
/// ```
///
/// All are thread-safe: several reads and writes run at once, of which overlapping ones have no order. A disk that
/// is written has to be closed, or what was not flushed is lost; what was flushed is not, whenever that ends.
///
/// Files come from [ImageHost]; nothing else of the host is touched.
@NullMarked
package jpuffs.rump.image;

import org.jspecify.annotations.NullMarked;
