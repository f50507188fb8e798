// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.rump.disk.DiskName;
import org.jspecify.annotations.Nullable;

/// A word of the command line that names a file: `IMAGE[@pN]:/path`, or a path of the host.
///
/// @param image null for the host
/// @param prefix the part before the path, with the colon; empty for the host
record Operand(@Nullable DiskName image, String prefix, String path) {
    /// What has a `:/` after its first letter is on an image.
    static Operand parse(String word) {
        int colon = word.indexOf(":/");
        return colon < 1
                ? new Operand(null, "", word)
                : new Operand(
                        DiskName.parse(word.substring(0, colon)),
                        word.substring(0, colon + 1),
                        word.substring(colon + 1));
    }
}
