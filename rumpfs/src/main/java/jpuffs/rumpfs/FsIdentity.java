// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import java.util.List;

/// What a device says it holds: told by a probe, to people and programs, and not to be trusted.
///
/// @param type [RumpFsType#name()]
/// @param version as people call it: `ext4`, `FAT32`
/// @param label the volume's name, may be empty
/// @param uuid as the format's tools print it, or empty
/// @param bytes the size of the file system, which may be less or more than the device's
/// @param blockSize in bytes
/// @param state `clean`, `needs recovery`, `not clean`, `has errors`, or empty where the format has none
/// @param features their names in the format's tools
public record FsIdentity(
        String type,
        String version,
        String label,
        String uuid,
        long bytes,
        int blockSize,
        String state,
        List<String> features) {}
