// SPDX-License-Identifier: BSD-2-Clause
/// What several file systems need to read and write their disks.
@NullMarked
package jpuffs.rumpfs.io;

import org.jspecify.annotations.NullMarked;
