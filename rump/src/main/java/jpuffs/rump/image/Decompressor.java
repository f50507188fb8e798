// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.ServiceLoader;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;

/// A method of compression that this module does not have: a service, so that the module needs no library. Without
/// state.
public interface Decompressor {
    /// `xz`.
    String name();

    /// What a compressed file gives, one stream behind the other. Takes at most 128 MiB of memory.
    ///
    /// @throws IOException for what is no such stream, and from reads of damaged ones
    InputStream stream(InputStream packed) throws IOException;

    /// The parts of a compressed file, one behind the other, if it has an index of them; else none. Default: none.
    ///
    /// @param packed open as long as the parts are used
    /// @throws IOException EUCLEAN for a damaged index
    default List<PackedPart> parts(ImageFile packed) throws IOException {
        return List.of();
    }

    /// The one of this name.
    ///
    /// @throws ErrnoException EOPNOTSUPP if no module has it
    static Decompressor named(String name) throws ErrnoException {
        for (Decompressor each : ServiceLoader.load(Decompressor.class, Decompressor.class.getClassLoader())) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        throw EOPNOTSUPP.error("compressed by %s, for which there is no decompressor (module jpuffs.cli has it)", name);
    }
}
