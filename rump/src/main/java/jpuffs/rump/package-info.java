// SPDX-License-Identifier: BSD-2-Clause
/// The runnable kernel: file systems used in process, by the system calls of Linux as Java methods, without root,
/// kernel mount or native call.
///
/// ```
/// try (var kernel = new Kernel(fileSystem)) {
///     Process process = kernel.newProcess(Cred.of(1000, 1000));
///     int fd = process.openat(Process.AT_FDCWD, "/a".getBytes(UTF_8), OpenFlags.O_RDONLY, 0);
///     int count = process.read(fd, buffer);
///     process.close(fd);
/// }
/// ```
///
/// The parts, from the top: [jpuffs.rump.Process] has the calls and binds [jpuffs.core.Caller] round each; `Namei`
/// walks paths and asks permissions; `File` and `FdTable` are open files and descriptors; `Vnode` and `Mount` know
/// which nodes are in use and drive [jpuffs.core.Node]. A program that is to work with other files as well writes to
/// [jpuffs.rump.SystemCalls].
///
/// Beside it: [jpuffs.rump.Rumpuser] is the door to the host, [jpuffs.rump.HostNodes] are its files and devices in
/// the kernel's name space, `jpuffs.rump.buf` is the buffer cache of file systems on disks, `jpuffs.rump.disk` has
/// disks.
///
/// **Locking.** One lock a kernel ([jpuffs.rump.Kernel]), held for the length of a call and given up only while it
/// waits for another process. So a file system sees one operation of a kernel at a time.
///
/// **Buffers** of read and write calls are handed to the file system as they are: native memory that any thread may
/// use suits every file system, an array's only those that do not pass it to native code.
@NullMarked
package jpuffs.rump;

import org.jspecify.annotations.NullMarked;
