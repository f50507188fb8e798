// SPDX-License-Identifier: BSD-2-Clause
/// psshfs: a directory of another machine, over SFTP.
///
/// ```java
/// Psshfs fs = Psshfs.open(Remote.parse("user@host:dir"), Options.NONE.with("idmap", "user"));
/// try (FileServer server = FileServer.mount(dir, fs, Psshfs.mountOptions())) {
///     server.await();
/// }
/// ```
///
/// Rules of use: it is driven by call contexts of one loop, the server's. It connects before it is mounted, on a
/// loop of its own, and moves to the loop of the first operation.
///
/// How it is built, from the wire up: `Transport` (who is started, what is connected) - `Lane` (one connection,
/// made again when lost) - `Link` (all of them, and who may wait how long) - `RemoteNode` and its kinds, by their
/// path on the server - `OpenFile` with `ReadAhead`, `WriteBehind` per file.
///
/// Everything belongs to the loop's thread and has no lock; what a context has read before it waited is stale after
/// it. `Epoch`s tell whether something was changed here while a reply was under way: then that reply is not kept.
@NullMarked
package jpuffs.servers.psshfs;

import org.jspecify.annotations.NullMarked;
