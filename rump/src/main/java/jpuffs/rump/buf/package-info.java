// SPDX-License-Identifier: BSD-2-Clause
/// The buffer cache: blocks of a device in memory, for the metadata of file systems. File data does not belong in
/// it: that moves in large runs between the device and the request's buffer ([jpuffs.core.BlockDevice] directly).
///
/// ```
/// try (Buf b = cache.bread(blkno)) {          // wait for the disk, unless it is here
///     b.data().set(JAVA_INT_UNALIGNED, 8, n);
///     b.dirty();                              // bdwrite: written at the next sync, or when room is needed
/// }                                           // brelse
/// cache.sync();                               // everything is on the disk, errors of delayed writes are told
/// ```
///
/// The words are those of buffercache(9): [jpuffs.rump.buf.BufCache#bread], `getblk`, `breada`,
/// [jpuffs.rump.buf.Buf#write] is bwrite, [jpuffs.rump.buf.Buf#dirty] is bdwrite,
/// [jpuffs.rump.buf.BufCache#bawrite] starts a set of writes, `close` is brelse. Two things are Linux's and not
/// BSD's:
///
/// * **Buffers are shared.** Two holders of one block have the same [jpuffs.rump.buf.Buf] at the same time. So a
///   file system may hold two inodes of one block, but the content is guarded by the file system's own lock.
///   Whoever writes dirty buffers (`sync`, `bawrite`, `write`) does so while nobody changes their content.
/// * **A journal decides about writes** by [jpuffs.rump.buf.Buf#pin]: a pinned buffer is neither written nor
///   taken away, until [jpuffs.rump.buf.Buf#unpin].
///
/// **Locking.** Every method may be called from any thread. One lock of the cache guards its tables; it is given up
/// during I/O, so that reads of different blocks run at once, and it is the last one: nothing is called with it
/// held.
@NullMarked
package jpuffs.rump.buf;

import org.jspecify.annotations.NullMarked;
