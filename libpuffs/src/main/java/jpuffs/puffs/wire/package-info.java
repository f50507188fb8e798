// SPDX-License-Identifier: BSD-2-Clause
/// The numbers and layouts of the FUSE wire, for the server's half ([jpuffs.puffs]) and the kernel's (`syspuffs`).
@NullMarked
package jpuffs.puffs.wire;

import org.jspecify.annotations.NullMarked;
