// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;

/// A symbolic link of Rock Ridge.
final class SymbolicLink extends IsoNode {
    private final byte[] target;

    SymbolicLink(Cd9660Fs fs, Attr attr, byte[] target) {
        super(fs, attr);
        this.target = target;
    }

    @Override
    public byte[] readlink() throws ErrnoException {
        if (target.length == 0) {
            throw EUCLEAN.error("the symbolic link has no target, or a damaged one");
        }
        return target.clone();
    }
}
