// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import jpuffs.core.Attr;
import jpuffs.core.Handle;
import jpuffs.core.Node;

/// A file of the disc. Nothing on it ever changes, so a node is made for each look-up, and two of one file are
/// equal.
abstract class IsoNode implements Node {
    final Cd9660Fs fs;
    private final Attr attr;

    IsoNode(Cd9660Fs fs, Attr attr) {
        this.fs = fs;
        this.attr = attr;
    }

    @Override
    public final Attr getattr() {
        return attr;
    }

    final long ino() {
        return attr.ino();
    }

    @Override
    public Handle open(int flags) throws IOException {
        return new Handle(this, flags) {
            @Override
            public int caching() {
                return KEEP_CACHE | CACHE_DIR | NOFLUSH;
            }
        };
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof IsoNode node && node.fs == fs && node.ino() == ino();
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(ino());
    }
}
