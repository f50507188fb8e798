// SPDX-License-Identifier: BSD-2-Clause
/// The vocabulary and the two waists: [jpuffs.core.Node] for files, [jpuffs.core.BlockDevice] for blocks (and
/// [jpuffs.core.CharDevice] for character devices). Everything above drives a waist, everything below implements
/// one.
///
/// Pure Java: no native access, no threads, no I/O of its own. A file system is written like this:
///
/// 1. implement [jpuffs.core.Node] for files and directories ([jpuffs.core.Tree] has ready-made directories);
/// 2. answer the root from a [jpuffs.core.FileSystem], or give the root alone;
/// 3. hand it to a driver: `FileServer.mount` of jpuffs.puffs, or a rump kernel.
///
/// Failures are [jpuffs.core.ErrnoException]s, thrown as `ENOENT.error()`; expected negatives are values (a look-up
/// that finds nothing answers null, a read at the end 0).
@NullMarked
package jpuffs.core;

import org.jspecify.annotations.NullMarked;
