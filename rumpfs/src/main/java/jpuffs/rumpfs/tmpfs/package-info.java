// SPDX-License-Identifier: BSD-2-Clause
/// tmpfs, a file system in memory with every operation of [jpuffs.core.Node]. The file server dtfs is this one,
/// too.
///
/// ```java
/// try (var fs = new Tmpfs(Tmpfs.Options.DEFAULT.with("size", "64m")); var kernel = new Kernel(fs)) {
///     Process process = kernel.newProcess(Cred.ROOT);
/// }
/// ```
///
/// What lies where: names, inodes and block numbers on the heap (some 200 bytes for an empty file), the bytes of
/// files in native memory, by blocks of 4 KiB. Both are bounded: beyond it ENOSPC.
///
/// Layers, each knows those below it: [jpuffs.rumpfs.tmpfs.Tmpfs]; `Directory`, `RegularFile`, `SymbolicLink`,
/// `SpecialFile`, each an `Inode`; `Entries` (the names in a directory), `Data` (the bytes of a file), `Xattrs`;
/// `BlockMap` (where the blocks of a file are); `Blocks` (memory), `Space` (heap and inodes in use), `InodeTable`.
///
/// Not thread-safe: one thread at a time, as the loop of a file server or the lock of a rump kernel sees to. No
/// operation yields, but waiting for a lock.
@NullMarked
package jpuffs.rumpfs.tmpfs;

import org.jspecify.annotations.NullMarked;
