// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jpuffs.core.Name;

/// One mount, a line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
///
/// @param id the number of the mount, as statx(2) tells it too
/// @param parent the number of the mount it is on
/// @param dev the device, major number in the upper 32 bits, minor in the lower
/// @param root what of the file system is mounted
/// @param mountPoint where, from the root directory of this process
/// @param options of this mount, with commas between
/// @param type of the file system, such as `fuse.puffs|dtfs`
/// @param source what is mounted, `none` if it has no name
/// @param superOptions of the file system, with commas between
public record MountInfo(
        int id,
        int parent,
        long dev,
        Name root,
        Name mountPoint,
        String options,
        String type,
        Name source,
        String superOptions) {

    /// Reads a line whose characters are the bytes of the file (ISO 8859-1).
    static MountInfo parse(String line) {
        String[] fields = line.split(" ", -1);
        int separator = Arrays.asList(fields).indexOf("-"); // after any number of optional fields
        if (separator < 6 || fields.length < separator + 4) {
            throw new IllegalArgumentException("not a line of mountinfo: " + line);
        }
        int colon = fields[2].indexOf(':');
        long major = Integer.parseInt(fields[2], 0, colon, 10);
        long minor = Integer.parseInt(fields[2], colon + 1, fields[2].length(), 10);
        return new MountInfo(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                major << 32 | minor,
                unescape(fields[3]),
                unescape(fields[4]),
                fields[5],
                unescape(fields[separator + 1]).toString(),
                unescape(fields[separator + 2]),
                unescape(fields[separator + 3]).toString());
    }

    /// Space, tab, newline, backslash and `#` are written as a backslash and three octal digits.
    private static Name unescape(String field) {
        byte[] bytes = field.getBytes(StandardCharsets.ISO_8859_1);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\\' && i + 3 < bytes.length) {
                bytes[length++] = (byte) Integer.parseInt(field, i + 1, i + 4, 8);
                i += 3;
            } else {
                bytes[length++] = bytes[i];
            }
        }
        return Name.of(Arrays.copyOf(bytes, length));
    }

    /// Whether it is a FUSE file system, of whatever subtype.
    public boolean isFuse() {
        return type.equals("fuse") || type.startsWith("fuse.") || isFuseBlk();
    }

    private boolean isFuseBlk() {
        return type.equals("fuseblk") || type.startsWith("fuseblk.");
    }

    /// The number of the FUSE connection in `/sys/fs/fuse/connections`: the kernel's own form of the device number.
    public int fuseConnection() {
        return (int) (dev >>> 32) << 20 | (int) dev;
    }
}
