// SPDX-License-Identifier: BSD-2-Clause
/// Disk images, and all other file systems of the runnable kernel, as file systems of the JDK, for programs that
/// know `java.nio.file` and nothing of us: no mount, no root, no native access.
///
/// ```
/// URI disk = URI.create("rump:///home/me/disk.img@p2");
/// try (FileSystem fs = FileSystems.newFileSystem(disk, Map.of("ro", true))) {
///     Files.copy(fs.getPath("/etc/fstab"), Path.of("fstab"));
/// }
/// ```
///
/// The provider is found as a service on the module path and on the class path. A URI is
/// `rump://[TYPE]/IMAGE[@pN][!/PATH]`; what cannot be in a URI is percent-encoded, `!` too. A type without device,
/// as tmpfs, has any name in place of the image: `rump://tmpfs/scratch`. `FileSystems.newFileSystem(Path)` takes an
/// image as well. For devices of one's own, and for the files of a file server (`Ukfs.of`), there is
/// [jpuffs.nio.RumpFileSystemProvider#over].
///
/// Rules of use:
///
/// * Whoever uses it is the super-user of the image. Owners are numbers.
/// * Views of attributes: `basic`, `owner`, `posix`, `unix` with the names the JDK has on Linux, and `user` where
///   the type keeps extended attributes.
/// * Any thread may use it; one call runs at a time. An interrupt closes the channel it hits, as with the JDK's
///   own.
/// * [java.nio.file.FileSystem#close] closes all that is open, writes everything and gives the image back; until
///   then it is locked against other programs. Its failure means that something may not be in the image.
/// * Changes of a read-only file system are a [java.nio.file.ReadOnlyFileSystemException]. All other failures are
///   [java.nio.file.FileSystemException]s whose cause is the [jpuffs.core.ErrnoException].
/// * [java.nio.file.WatchService]s see what is done through this file system.
@NullMarked
package jpuffs.nio;

import org.jspecify.annotations.NullMarked;
