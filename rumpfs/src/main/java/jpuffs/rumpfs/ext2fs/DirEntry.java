// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import jpuffs.core.Name;

/// An entry of a directory.
///
/// @param type the number of the file type, 0 without the feature filetype
record DirEntry(Name name, long ino, int type) {}
