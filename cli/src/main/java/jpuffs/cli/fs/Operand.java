// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.rump.disk.DiskName;
import org.jspecify.annotations.Nullable;

/// A word of the command line that names a file: `IMAGE[@pN]:/path`, `syspuffs:COMMAND:/path`, or a path of the
/// host.
///
/// @param image null unless it is on one
/// @param server the command line of a file server; null unless it is on one
/// @param prefix the part before the path, with the colon; empty for the host
record Operand(@Nullable DiskName image, @Nullable String server, String prefix, String path) {
    private static final String SERVER = "syspuffs:";

    /// What has a `:/` after its first letter is on an image. Of what begins with `syspuffs:` the last `:/` counts,
    /// since commands have paths of their own.
    static Operand parse(String word) {
        boolean ofServer = word.startsWith(SERVER);
        int colon = ofServer ? word.lastIndexOf(":/") : word.indexOf(":/");
        if (colon < (ofServer ? SERVER.length() : 1)) {
            return new Operand(null, null, "", word);
        }
        String prefix = word.substring(0, colon + 1);
        String path = word.substring(colon + 1);
        return ofServer
                ? new Operand(null, word.substring(SERVER.length(), colon), prefix, path)
                : new Operand(DiskName.parse(word.substring(0, colon)), null, prefix, path);
    }
}
