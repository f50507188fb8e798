// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.lang.foreign.MemorySegment;

/// A regular file that never changes.
final class StaticFile implements Node {
    private final byte[] content;
    private final Attr attr;

    StaticFile(byte[] content, Attr attr) {
        this.content = content;
        this.attr = attr;
    }

    StaticFile numbered(long ino) {
        return new StaticFile(content, attr.withIno(ino));
    }

    @Override
    public Attr getattr() {
        return attr;
    }

    @Override
    public Handle open(int flags) {
        return new Handle(this, flags) {
            @Override
            public int caching() {
                return KEEP_CACHE | NOFLUSH;
            }
        };
    }

    @Override
    public int read(MemorySegment dst, long off) {
        return Bytes.copyOut(content, off, dst);
    }
}
