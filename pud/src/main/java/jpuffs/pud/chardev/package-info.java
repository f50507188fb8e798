// SPDX-License-Identifier: BSD-2-Clause
/// Character devices to use and to copy from, and what such devices are made of: [jpuffs.pud.chardev.ByteQueue],
/// which blocks as a device does.
@NullMarked
package jpuffs.pud.chardev;

import org.jspecify.annotations.NullMarked;
