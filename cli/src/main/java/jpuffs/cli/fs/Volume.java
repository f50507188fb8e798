// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.rump.SystemCalls;

/// Where files are: an image, or the host.
///
/// @param calls the system calls there: on an image those of a process of the super-user, on the host our own
/// @param type of its file system, as in `ext2fs`; empty for the host
/// @param umask of the user, which the calls heed
record Volume(SystemCalls calls, String type, int umask) {}
