// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.io.IOException;
import java.util.List;
import jpuffs.rumpfs.P2k;

/// Starts file servers for those who want no mount.
@FunctionalInterface
public interface Servers {
    /// Starts one.
    ///
    /// @param command as it would be mounted, without the directory
    /// @return its files; closing it ends the server
    P2k open(List<String> command) throws IOException;
}
