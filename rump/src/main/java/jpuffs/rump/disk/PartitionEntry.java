// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;

/// A partition as a table has it.
///
/// @param id how it is named behind `image@`: `p1`, `p2` ... in MBR (logical ones from `p5` on) and GPT, a
///     letter in a BSD disklabel
/// @param start in bytes
/// @param size in bytes
/// @param type as the table has it: `83`, a GUID, a number
/// @param name of a GPT partition, else empty
public record PartitionEntry(String id, long start, long size, String type, String name) {
    /// The partition of `disk` as a disk. Closing it does not close `disk`.
    ///
    /// @throws ErrnoException EINVAL if it does not lie within the disk
    public BlockDevice of(BlockDevice disk) throws ErrnoException {
        return new Partition(disk, start, size, false);
    }
}
