// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.util.List;

/// What a container says of itself: for people and programs, and not to be trusted.
///
/// @param format `qcow2`, `vhd`, `vhdx`, `vmdk`, `gzip`, `xz` or `zstd`
/// @param version of the format, or its kind: `3`, `dynamic`
/// @param size of the disk in it, in bytes
/// @param unit in which its space is given out, in bytes; 0 where it has none
/// @param backing the name of the file that it stands on, as it is written there; empty if there is none
/// @param state `clean`, `dirty`, `corrupt`, or empty where the format has none
/// @param features their names in the format's tools
/// @param snapshots the names of those inside, in their order
public record ImageInfo(
        String format,
        String version,
        long size,
        long unit,
        String backing,
        String state,
        List<String> features,
        List<String> snapshots) {}
