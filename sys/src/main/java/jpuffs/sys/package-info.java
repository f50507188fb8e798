// SPDX-License-Identifier: BSD-2-Clause
/// Every native call of the house, by the Foreign Function and Memory API.
///
/// This module alone has native access (`--enable-native-access=jpuffs.sys`). It speaks Linux on x86-64 and
/// aarch64, from kernel 5.11 on, and needs no library but libc: all calls have one native signature, most are
/// `syscall(2)`. Rules:
///
/// * A failure is a [jpuffs.core.ErrnoException]. Where a failure is an ordinary answer or the way is hot, a
///   `try` variant answers -errno and allocates nothing.
/// * Nothing yields. A call that waits holds its thread, and the carrier of a virtual thread.
/// * Segments handed in are native and borrowed until return.
/// * What is opened is closed by its owner: [jpuffs.sys.Fd] and all that has one are AutoCloseable; numbers of
///   [jpuffs.sys.At] are closed by [jpuffs.sys.At#close].
/// * Everything opened is closed on exec, unless a child is given it by name.
///
/// A typical sequence:
///
/// ```java
/// try (Fd file = Fd.open("data", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
///         Arena arena = Arena.ofConfined()) {
///     MemorySegment buffer = arena.allocate(4096);
///     int count = file.pread(buffer, 0);
///     file.pwrite(buffer.asSlice(0, count), 4096);
///     file.fsync();
/// }
/// ```
@NullMarked
package jpuffs.sys;

import org.jspecify.annotations.NullMarked;
