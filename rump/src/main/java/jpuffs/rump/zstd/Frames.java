// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.rump.disk.ImageFile;

/// Finds the frames of a file by the heads of their blocks, without decompressing them.
public final class Frames {
    private static final int MOST = 1 << 20;
    private static final int MOST_BLOCKS = 1 << 22;

    private Frames() {}

    /// A frame.
    ///
    /// @param off where it begins in the file
    /// @param packed how long it is there
    /// @param content the bytes that it gives, as it says
    public record Place(long off, long packed, long content) {}

    /// All frames in their order; none if one does not say how much it gives, if there are too many, or if the file
    /// is no row of frames.
    ///
    /// @throws IOException the file's; EUCLEAN and EOPNOTSUPP as [ZstdInputStream]
    public static List<Place> of(ImageFile file) throws IOException {
        var places = new ArrayList<Place>();
        int blocks = 0;
        long at = 0;
        while (at < file.length() && places.size() < MOST) {
            byte[] head = read(file, at, 4 + Frame.MAX_BYTES);
            int magic = (int) Frame.number(head, 0, 4);
            if (Frame.isSkippable(magic)) {
                at += 8 + Frame.number(head, 4, 4);
                continue;
            }
            Frame frame = magic == Frame.MAGIC ? Frame.read(head, 4) : null;
            if (frame == null || frame.content() < 0) {
                return List.of();
            }
            long end = at + 4 + frame.bytes();
            for (boolean last = false; !last; ) {
                if (end > file.length() || ++blocks > MOST_BLOCKS) {
                    return List.of();
                }
                int block = (int) Frame.number(read(file, end, 3), 0, 3);
                last = (block & 1) != 0;
                end += 3 + ((block >> 1 & 3) == 1 ? 1 : block >> 3);
            }
            end += frame.hasChecksum() ? 4 : 0;
            places.add(new Place(at, end - at, frame.content()));
            at = end;
        }
        return at == file.length() ? places : List.of();
    }

    /// Zeros behind the end.
    private static byte[] read(ImageFile file, long at, int count) throws IOException {
        byte[] bytes = new byte[count];
        file.read(MemorySegment.ofArray(bytes), at);
        return bytes;
    }
}
