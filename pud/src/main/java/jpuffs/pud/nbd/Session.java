// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a client and the server have agreed on.
final class Session {
    boolean noZeroes;
    boolean structured;
    boolean extended;
    boolean secure;

    /// The export whose block status the client wants, by its name; null if none.
    @Nullable
    String statusOf;

    /// The export of the transmission phase; null until then.
    @Nullable
    NbdExport export;

    boolean hasBlockStatus() {
        return export != null && Objects.equals(statusOf, export.name());
    }

    int requestSize() {
        return extended ? Nbd.EXTENDED_REQUEST_SIZE : Nbd.REQUEST_SIZE;
    }
}
