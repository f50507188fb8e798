// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import jpuffs.core.Attr;

/// What stat(2) tells: the attributes of a file and the file system it is on.
///
/// @param dev the number of the mount; files of one mount, and only those, have the same
public record Stat(long dev, Attr attr) {}
