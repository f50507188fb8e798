// SPDX-License-Identifier: BSD-2-Clause
/// ext2, ext3 and ext4, read and written: the type `ext2fs` of the runnable kernel.
@NullMarked
package jpuffs.rumpfs.ext2fs;

import org.jspecify.annotations.NullMarked;
