// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// A stretch of a [BlockDevice] that is alike from its first byte to its last.
///
/// @param length in bytes, more than 0
/// @param isHole it reads as zeros and takes no space
public record Extent(long length, boolean isHole) {
    public static Extent data(long length) {
        return new Extent(length, false);
    }

    public static Extent hole(long length) {
        return new Extent(length, true);
    }
}
