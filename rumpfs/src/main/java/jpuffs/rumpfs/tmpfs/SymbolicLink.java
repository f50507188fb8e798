// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import jpuffs.core.Attr;

/// A symbolic link.
final class SymbolicLink extends Inode {
    private final byte[] target;

    /// @param target its length has been charged
    SymbolicLink(Tmpfs fs, long ino, Attr attr, byte[] target) {
        super(fs, ino, attr);
        this.target = target.clone();
    }

    @Override
    long size() {
        return target.length;
    }

    @Override
    void free() {
        fs.space().refund(target.length);
    }

    @Override
    public byte[] readlink() {
        accessed();
        return target.clone();
    }
}
