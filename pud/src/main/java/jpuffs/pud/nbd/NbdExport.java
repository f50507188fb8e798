// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.nio.charset.StandardCharsets;
import jpuffs.core.BlockDevice;

/// A device under the name by which clients ask for it.
///
/// @param name empty for what clients get that name none; at most 4,096 bytes
/// @param description for people, may be empty
/// @param device stays the caller's, who closes it after the server
/// @param readOnly refuse writes though the device takes them
public record NbdExport(String name, String description, BlockDevice device, boolean readOnly) {
    private static final int MAX_NAME = 4096;

    public NbdExport {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            throw new IllegalArgumentException("the name of an export has at most " + MAX_NAME + " bytes");
        }
    }

    /// `device` as it is, for clients that name nothing.
    public static NbdExport of(BlockDevice device) {
        return new NbdExport("", "", device, false);
    }

    boolean isReadOnly() {
        return readOnly || device.isReadOnly();
    }

    /// The transmission flags. A flush on one connection covers what was written on all, since they share the
    /// device: that is what CAN_MULTI_CONN promises.
    int flags(boolean structured) {
        int flags = Nbd.HAS_FLAGS | Nbd.CAN_MULTI_CONN | (structured ? Nbd.SEND_DF : 0);
        if (isReadOnly()) {
            return flags | Nbd.READ_ONLY;
        }
        return flags | Nbd.SEND_FLUSH | Nbd.SEND_FUA | Nbd.SEND_WRITE_ZEROES | (device.canTrim() ? Nbd.SEND_TRIM : 0);
    }
}
