// SPDX-License-Identifier: BSD-2-Clause
/// dtfs, a file system in memory with every operation of [jpuffs.core.Node]: the reference server, named after the
/// one NetBSD tests puffs with ("detrempe").
///
/// ```java
/// try (var fs = new Dtfs(Tmpfs.Options.DEFAULT.with("size", "64m"))) {
///     FileServer.mount(Path.of("/mnt"), fs).await();
/// }
/// ```
///
/// Its files are those of [jpuffs.rumpfs.tmpfs.Tmpfs], the same file system for the rump kernel; here their bytes
/// lie in huge pages of the host.
@NullMarked
package jpuffs.servers.dtfs;

import org.jspecify.annotations.NullMarked;
