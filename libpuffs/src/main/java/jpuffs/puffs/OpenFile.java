// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import jpuffs.core.Handle;

/// A handle the kernel holds, under the number `fh`.
///
/// @param backed whether the kernel passes its reads and writes to a host file
record OpenFile(long fh, Inode inode, Handle handle, boolean backed) {}
