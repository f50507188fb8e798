// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EUCLEAN;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jpuffs.core.ErrnoException;

/// Deflated pieces whose size is known.
final class Deflate {
    private Deflate() {}

    /// Fills `content` from a stream without head (RFC 1951); what follows the stream does not matter.
    ///
    /// @param where is told if it is damaged
    /// @throws ErrnoException EUCLEAN
    static void inflate(byte[] packed, byte[] content, String where) throws ErrnoException {
        inflate(packed, 0, content, content.length, true, where);
    }

    /// As above.
    ///
    /// @param count of bytes of `content` to fill
    /// @param raw whether the stream has no zlib head (RFC 1950)
    static void inflate(byte[] packed, int from, byte[] content, int count, boolean raw, String where)
            throws ErrnoException {
        try (var inflater = new Inflater(raw)) {
            inflater.setInput(packed, from, packed.length - from);
            int done = 0;
            while (done < count && !inflater.finished()) {
                int n = inflater.inflate(content, done, count - done);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
                done += n;
            }
            if (done < count) {
                throw EUCLEAN.error("%s ends after %d bytes of %d", where, done, count);
            }
        } catch (DataFormatException e) {
            throw EUCLEAN.error("%s is damaged: %s", where, String.valueOf(e.getMessage()));
        }
    }
}
