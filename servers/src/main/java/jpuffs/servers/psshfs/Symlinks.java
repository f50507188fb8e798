// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/// Where symbolic links may lead, by their text alone. Bytes are handled as ISO 8859-1.
///
/// The rule for a link that cannot lead out: `..` stands only at the beginning, and not more often than the link's
/// own directory is deep. Behind a name it could climb from wherever that name, if it is a link too, leads.
enum Symlinks {
    /// As they are.
    AS_IS,
    /// What begins with the mounted directory's path on the server is made relative; else as they are.
    TRANSFORM,
    /// As TRANSFORM; what leads out of the mount is refused.
    CONTAIN;

    /// The target as users of the mount see it; [#REFUSED] if it is.
    ///
    /// @param root the path of the mounted directory on the server
    /// @param depth how many directories the link is below it
    byte[] seen(byte[] target, String root, int depth) {
        if (this == AS_IS) {
            return target;
        }
        String text = new String(target, ISO_8859_1);
        String inside = text.startsWith("/") ? relative(text, root, depth) : text;
        if (inside == null) {
            return this == CONTAIN ? REFUSED : target;
        }
        return this == CONTAIN && !isContained(inside, depth) ? REFUSED : inside.getBytes(ISO_8859_1);
    }

    /// The answer of [#seen] for what is refused: no target is empty.
    static final byte[] REFUSED = {};

    /// An absolute path within `root` as one relative to a directory `depth` below it; null for any other.
    private static @org.jspecify.annotations.Nullable String relative(String path, String root, int depth) {
        String prefix = root.equals("/") ? "/" : root + "/";
        if (!path.equals(root) && !path.startsWith(prefix)) {
            return null;
        }
        String rest = path.equals(root) ? "" : path.substring(prefix.length()).replaceFirst("^/+", "");
        String up = "../".repeat(depth) + rest;
        return up.isEmpty() ? "." : up;
    }

    private static boolean isContained(String target, int depth) {
        if (target.startsWith("/")) {
            return false;
        }
        int up = 0;
        boolean named = false;
        for (String part : target.split("/+", -1)) {
            if (part.equals("..")) {
                up++;
                if (named || up > depth) {
                    return false;
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                named = true;
            }
        }
        return true;
    }
}
