// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// What statvfs(3) tells of a file system.
///
/// @param blockSize the unit of the block counts in bytes
/// @param blocks the size of the file system in blocks
/// @param free the free blocks
/// @param available the free blocks for users without privilege
/// @param files the number of inodes there can be
/// @param filesFree the free inodes
/// @param nameMax the longest name in bytes
public record StatFs(int blockSize, long blocks, long free, long available, long files, long filesFree, int nameMax) {
    /// Nothing known but that names are at most [Name#MAX] bytes long.
    public static final StatFs UNKNOWN = new StatFs(4096, 0, 0, 0, 0, 0, Name.MAX);
}
