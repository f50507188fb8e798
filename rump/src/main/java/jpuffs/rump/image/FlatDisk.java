// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.ImageFile;

/// A disk that lies as it is in the file that a VMDK descriptor names; read-only.
final class FlatDisk extends ImageDisk {
    private final ImageFile descriptor;
    private final BlockDevice content;
    private final long size;

    /// @param content closed with this, as `descriptor` is
    FlatDisk(ImageFile descriptor, BlockDevice content, long size) throws IOException {
        this.descriptor = descriptor;
        this.content = content;
        this.size = size;
        if (size > content.size()) {
            content.close();
            throw EUCLEAN.error("%s: its %d bytes are not all there", descriptor.path(), size);
        }
    }

    @Override
    public ImageInfo info() {
        return new ImageInfo("vmdk", "monolithicFlat", size, 0, "", "", List.of(), List.of());
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        content.read(dst, off);
    }

    @Override
    public void close() throws IOException {
        try (descriptor) {
            content.close();
        }
    }
}
