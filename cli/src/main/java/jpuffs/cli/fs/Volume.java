// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.rump.Process;

/// Where files are: an image, or the host.
///
/// @param process makes the system calls there, as the super-user (who on the host may do what this process
///     may)
/// @param type of its file system, as in `ext2fs`; empty for the host
/// @param umask of the user, which the process has as well
record Volume(Process process, String type, int umask) {}
