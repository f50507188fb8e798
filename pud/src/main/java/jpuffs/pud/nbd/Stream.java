// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.sys.Fd;

/// The bytes to and from a client, in clear or through TLS. Never waits; results are counts or -errno, as of
/// [Fd#tryRead] and [Fd#tryWritev].
sealed interface Stream permits FdStream, TlsStream {
    Fd fd();

    long read(MemorySegment dst);

    long read(List<MemorySegment> dst);

    /// Whether a read that got less than it asked for has emptied the socket, and a write that gave less has filled
    /// it.
    boolean isDirect();

    /// Takes what it can; it may lie in this stream until [#flush].
    long write(List<MemorySegment> src);

    /// Writes what was taken; 0 if all is written, or -errno.
    long flush();
}
