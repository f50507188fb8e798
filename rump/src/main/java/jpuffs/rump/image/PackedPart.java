// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.io.InputStream;

/// A part of a compressed file that can be decompressed without what is before it.
///
/// @param length the bytes that it gives, as the file says
/// @param source gives them
public record PackedPart(long length, Source source) {
    /// One stream of a file is in use at a time.
    @FunctionalInterface
    public interface Source {
        /// The bytes from the first on. What comes behind `length` of them does not matter.
        InputStream open() throws IOException;
    }
}
