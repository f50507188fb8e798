// SPDX-License-Identifier: BSD-2-Clause
/// File servers: a [jpuffs.core.FileSystem] mounted in the kernel, over the FUSE wire and without libfuse.
///
/// A typical sequence:
///
/// ```java
/// MountOptions options = MountOptions.defaults().withFsname("disk.img").withType("toyfs");
/// try (var server = FileServer.mount(Path.of("/mnt"), fileSystem, options)) {
///     server.await(); // until umount(8), or server.unmount(false) from another thread
/// }
/// ```
///
/// Rules of use:
///
/// * A file system that is not thread-safe is touched by one thread only, the server's loop: operations run on
///   call contexts of that loop, one at a time between two yields. Others who want to touch it go through
///   `server.call(...)`.
/// * An operation may wait as it likes in ways that park a virtual thread. One that waits in a native call holds
///   up all others.
/// * [Notifier] tells the kernel what has changed behind its back.
/// * The kernel's interrupt of a request cancels its call context: a wait ends with EINTR. What cannot be undone
///   is not to be interrupted; its answer comes late then, and is swallowed if nobody waits any more.
/// * An answer that cannot be (a file that changes its type, more bytes than asked for) is not sent: the caller
///   gets EIO and the log (`jpuffs.puffs`) a line. A RuntimeException is a bug: EIO, and its trace in the log.
///
/// How it is built, from the outside in: [FileServer] (life) - `Connection` (threads, loops) - `FdTransport`,
/// `RingTransport` (bytes in and out) - `Session` (protocol, knows no descriptor) with `NameOps`, `OpenOps`,
/// `IoOps` ... (one method an operation) - `NodeTable` (what the kernel knows). [jpuffs.puffs.wire.Wire] has the
/// layouts of
/// `include/uapi/linux/fuse.h`, `Opcode` a row for each operation.
///
/// Who guards what: an `Inode` by its monitor, in which no operation of a file system is called; tables are
/// concurrent maps; a transport belongs to its loop.
@NullMarked
package jpuffs.puffs;

import org.jspecify.annotations.NullMarked;
