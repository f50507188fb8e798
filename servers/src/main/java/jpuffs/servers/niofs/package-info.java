// SPDX-License-Identifier: BSD-2-Clause
/// niofs: any file system that Java programs have by `java.nio.file` as a file server: zip archives, images by
/// `rump:`, memory, object stores, whatever there is a provider for.
///
/// ```
/// try (var fs = NioFs.open("jar:file:///tmp/a.zip", NioFs.Options.NONE);
///         var server = FileServer.mount(dir, fs)) {
///     server.await();
/// }
/// ```
///
/// [jpuffs.servers.niofs.NioFs] opens and closes; `NioPaths` has the operations, by paths, as `java.nio.file` has
/// nothing else; `NioAttrs` are attributes by the best view there is (`unix`, `posix`, `basic`); `NioHandle` is an
/// open file; `NioErrors` finds the errno of an exception.
///
/// What is not in `java.nio.file` is not here: device files, holes, hard links (a path is all that tells a file),
/// exchange of names. A file that was removed while it was open lives as long as the provider lets its channel
/// live.
@NullMarked
package jpuffs.servers.niofs;

import org.jspecify.annotations.NullMarked;
