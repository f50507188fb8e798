// SPDX-License-Identifier: BSD-2-Clause
/// null: a mirror of a directory of the host, as `mount_null` of the BSDs.
///
/// ```java
/// try (var fs = NullFs.open(Path.of("/srv/data"), NullFs.Options.defaults())) {
///     // hand it to a driver: FileServer.mount, a test, another file system above it
/// }
/// ```
///
/// **Safe against links.** Each node has an O_PATH descriptor, and every access goes from one by one component and
/// follows no symbolic link; the text of a link is handed to the driver, whose kernel follows it in its own tree.
/// So nobody gets out of the source, whatever the host changes meanwhile.
///
/// **Permissions** are the driver's business, as always: it mounts with `default_permissions`. Run by the
/// super-user, the mirror acts as the super-user on the host, and new files belong to the caller; run by anybody
/// else, they belong to him.
///
/// **What a driver must do**, as the mirror may be called from several threads: count each answer of a node
/// (look-ups, creations, and handles that create), and say that count in [jpuffs.core.Node#reclaim]; after that
/// call neither the node nor a handle of it, unless it is answered again. A look-up and a reclaim of one file may
/// cross. A driver whose kernel keeps a write-back cache opens without O_APPEND, and for writing with O_RDWR.
///
/// **Descriptors.** There are as many O_PATH descriptors as nodes the driver knows, while they are fewer than seven
/// eighths of the limit of open files, which is raised as far as possible (for the super-user about a million). A
/// file beyond that is kept as its directory and name and looked up there for each operation; if it is another one
/// then, or the host has moved or removed it, the answer is ESTALE. Names that change through the mirror are no
/// trouble.
///
/// **Identity.** A node is one file of the host as long as the driver knows it: the mount, the inode number and the
/// time of birth. On file systems mounted below the source, shown inode numbers have the number of the device in
/// their upper 16 bits.
///
/// **Locks** of fcntl(2) and flock(2) are left to the kernel of the mount: users of the host's directory do not see
/// them. **Special files** (devices, pipes, sockets) are made and shown, but it is the driver's kernel that opens
/// them. Errors are those of the host.
@NullMarked
package jpuffs.servers.nullfs;

import org.jspecify.annotations.NullMarked;
