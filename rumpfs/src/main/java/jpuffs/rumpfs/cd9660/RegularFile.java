// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpuffs.core.Attr;
import jpuffs.core.Handle;
import org.jspecify.annotations.Nullable;

/// A regular file, compressed or not.
final class RegularFile extends IsoNode {
    private final Sections sections;
    private final @Nullable Zisofs zisofs;
    private final String unreadable;

    /// @param unreadable what it is that cannot be read, or empty
    RegularFile(Cd9660Fs fs, Attr attr, Sections sections, @Nullable Zisofs zisofs, String unreadable) {
        super(fs, attr);
        this.sections = sections;
        this.zisofs = zisofs;
        this.unreadable = unreadable;
    }

    /// EOPNOTSUPP for what cannot be read.
    @Override
    public Handle open(int flags) throws IOException {
        if (!unreadable.isEmpty()) {
            throw EOPNOTSUPP.error(unreadable);
        }
        if (zisofs != null) {
            zisofs.format().check();
        }
        return super.open(flags);
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        if (!unreadable.isEmpty()) {
            throw EOPNOTSUPP.error(unreadable);
        }
        long count = Math.clamp(getattr().size() - off, 0, Math.min(dst.byteSize(), Integer.MAX_VALUE));
        if (count > 0) {
            MemorySegment wanted = dst.asSlice(0, count);
            if (zisofs == null) {
                sections.read(wanted, off);
            } else {
                inflate(zisofs, wanted, off);
            }
        }
        return (int) count;
    }

    private void inflate(Zisofs packed, MemorySegment dst, long off) throws IOException {
        packed.format().check();
        int size = packed.format().blockSize();
        for (long done = 0; done < dst.byteSize(); ) {
            byte[] block = fs.inflated(this, packed, (off + done) / size);
            int skip = (int) ((off + done) % size);
            int n = (int) Math.min(block.length - skip, dst.byteSize() - done);
            MemorySegment.copy(block, skip, dst, ValueLayout.JAVA_BYTE, done, n);
            done += n;
        }
    }
}
