// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import jpuffs.core.Attr;

/// A device, a fifo or a socket of Rock Ridge.
final class SpecialFile extends IsoNode {
    SpecialFile(Cd9660Fs fs, Attr attr) {
        super(fs, attr.withSize(0, 0));
    }
}
