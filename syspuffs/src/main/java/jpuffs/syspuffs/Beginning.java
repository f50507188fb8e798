// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.io.IOException;
import jpuffs.sys.Fd;

/// How one begins with a server: [SysPuffs#attach(Fd)], or something that stands between.
@FunctionalInterface
public interface Beginning {
    /// Begins with the server at the other end of a socket.
    ///
    /// @param end as of [SysPuffs#attach(Fd)]
    SysPuffs attach(Fd end) throws IOException;
}
