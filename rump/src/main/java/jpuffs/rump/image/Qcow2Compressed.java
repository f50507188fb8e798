// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.rump.disk.ImageFile;
import jpuffs.rump.zstd.Zstd;

/// The compressed clusters of a qcow2 file, of which those used last are kept.
final class Qcow2Compressed {
    private static final int BYTES = 4 << 20;

    private final ImageFile file;
    private final Qcow2Header header;
    private final LruMap<Long, MemorySegment> kept;

    Qcow2Compressed(ImageFile file, Qcow2Header header) {
        this.file = file;
        this.header = header;
        this.kept = new LruMap<>(Math.max(1, BYTES / header.clusterSize()));
    }

    /// The content of the cluster of this entry.
    ///
    /// @throws IOException EUCLEAN if it is not what was compressed
    MemorySegment cluster(Qcow2Map map, long entry) throws IOException {
        MemorySegment known = kept.get(entry);
        if (known != null) {
            return known;
        }
        byte[] content = new byte[header.clusterSize()];
        byte[] packed = Tables.readSome(file, map.compressedOffset(entry), map.compressedBytes(entry));
        String where = file.path() + ": the compressed cluster at " + map.compressedOffset(entry);
        if (header.zstd()) {
            Zstd.decompress(packed, content, where);
        } else {
            Deflate.inflate(packed, content, where);
        }
        MemorySegment segment = MemorySegment.ofArray(content);
        kept.put(entry, segment);
        return segment;
    }

    /// Says that clusters may hold something else now.
    void forget() {
        kept.clear();
    }
}
