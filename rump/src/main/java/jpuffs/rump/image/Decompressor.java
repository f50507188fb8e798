// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.io.InputStream;
import java.util.ServiceLoader;
import jpuffs.core.ErrnoException;

/// A method of compression that this module does not have: a service, so that the module needs no library. Without
/// state.
public interface Decompressor {
    /// `xz`.
    String name();

    /// What a compressed file gives, one stream behind the other. Takes at most 128 MiB of memory.
    ///
    /// @throws IOException for what is no such stream, and from reads of damaged ones
    InputStream stream(InputStream packed) throws IOException;

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
