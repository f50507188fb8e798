// SPDX-License-Identifier: BSD-2-Clause
/// What the file systems of the runnable kernel have in common: how one is found, recognised, made, checked and
/// mounted.
///
/// ```
/// RumpFsType type = RumpFsTypes.named("ext2fs");
/// type.newfs(disk, FsOptions.NONE, Rumpuser.HOST);
/// FileSystem fs = type.mount(disk, FsOptions.of("ro"), Rumpuser.HOST);
/// var kernel = new Kernel(fs);
/// ```
///
/// A file system is a package `jpuffs.rumpfs.NAME` that exports nothing and provides one
/// [jpuffs.rumpfs.RumpFsType]: a line in module-info.java. It keeps metadata in a [jpuffs.rump.buf.BufCache] of its
/// own and moves file data straight between the device and the buffer of the request.
@NullMarked
package jpuffs.rumpfs;

import org.jspecify.annotations.NullMarked;
