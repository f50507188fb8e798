// SPDX-License-Identifier: BSD-2-Clause
/// Block devices to use, to stack and to serve.
@NullMarked
package jpuffs.pud.block;

import org.jspecify.annotations.NullMarked;
