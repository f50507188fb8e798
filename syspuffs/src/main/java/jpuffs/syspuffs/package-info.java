// SPDX-License-Identifier: BSD-2-Clause
/// The kernel half of the FUSE wire: a file server, ours or one written with libfuse, becomes a
/// [jpuffs.core.FileSystem] without a kernel FUSE. (NetBSD: puffs on puffs, rump_syspuffs.)
///
/// ```java
/// try (var ends = SysPuffs.pair();
///         var server = FileServer.serve(Fd.of(ends.second().release()), fs, MountOptions.defaults());
///         var kernelHalf = SysPuffs.attach(ends.first());
///         var kernel = new Kernel(kernelHalf)) { ... }
/// ```
///
/// (The two begin with each other: start one of them on another thread.)
///
/// Rules of use:
///
/// * Any number of threads and call contexts may use it at once. A call context gives way while it waits; another
///   thread is held.
/// * The server is not trusted. An answer that cannot be is EPROTO for the caller and a line in the log
///   (`jpuffs.syspuffs`), and everything else goes on.
/// * A server that hangs up, or does not answer in time, is gone for good: ENOTCONN for all who wait and all who
///   come.
/// * An interrupt of a waiting thread becomes a FUSE INTERRUPT; what the server answers then is the result.
///
/// How it is built: [SysPuffs] (life) - `RemoteNode`, `RemoteHandle` (an operation is a request) - `NodeTable`,
/// `EntryCache` (what is known of the server's files) - `Connection` (requests out, answers in, matched by id) -
/// `Message`, `Reply`, `Attrs` (bytes). The layouts are those of [jpuffs.puffs.wire.Wire].
///
/// Who guards what: a `Connection` by its lock, which nobody holds while he waits for the socket; the tables by
/// their monitors, in which nothing is asked of the server.
@NullMarked
package jpuffs.syspuffs;

import org.jspecify.annotations.NullMarked;
