// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// An extended attribute (kernel: Documentation/filesystems/ext4/attributes.rst).
///
/// @param value as it is stored; its content is not here if it has an inode of its own
/// @param valueInode the number of that inode, or 0
@SuppressWarnings("ArrayRecordComponent") // nobody changes them
record XattrEntry(Key key, byte[] value, long valueInode) {
    private static final String[] PREFIXES = {
        "", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "", "security.", "system."
    };
    private static final int ACL_ACCESS = 2;
    private static final int ACL_DEFAULT = 3;
    private static final int SYSTEM = 7;

    static final Key INLINE_DATA = new Key(SYSTEM, "data".getBytes(StandardCharsets.US_ASCII));

    /// A name, of which the first part is a number.
    @SuppressWarnings("ArrayRecordComponent")
    record Key(int index, byte[] rest) implements Comparable<Key> {
        boolean isAcl() {
            return index == ACL_ACCESS || index == ACL_DEFAULT;
        }

        /// The name as programs know it; null for what is not theirs.
        @Nullable
        Name toName() {
            if (index == 0 || index >= SYSTEM || PREFIXES[index].isEmpty()) {
                return null;
            }
            byte[] prefix = PREFIXES[index].getBytes(StandardCharsets.US_ASCII);
            byte[] name = Arrays.copyOf(prefix, prefix.length + rest.length);
            System.arraycopy(rest, 0, name, prefix.length, rest.length);
            return Name.of(name);
        }

        @Override
        public int compareTo(Key other) {
            int byIndex = Integer.compare(index, other.index);
            int byLength = byIndex != 0 ? byIndex : Integer.compare(rest.length, other.rest.length);
            return byLength != 0 ? byLength : Arrays.compareUnsigned(rest, other.rest);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && compareTo(key) == 0;
        }

        @Override
        public int hashCode() {
            return 31 * index + Arrays.hashCode(rest);
        }
    }

    /// The key of a name, or null if there cannot be one.
    static @Nullable Key key(Name name) {
        byte[] bytes = name.toBytes();
        for (int index = 1; index < SYSTEM; index++) {
            byte[] prefix = PREFIXES[index].getBytes(StandardCharsets.US_ASCII);
            boolean acl = index == ACL_ACCESS || index == ACL_DEFAULT;
            if (prefix.length == 0 || !startsWith(bytes, prefix) || acl != (bytes.length == prefix.length)) {
                continue;
            }
            return new Key(index, Arrays.copyOfRange(bytes, prefix.length, bytes.length));
        }
        return null;
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    boolean isSame(XattrEntry other) {
        return key.equals(other.key) && Arrays.equals(value, other.value) && valueInode == other.valueInode;
    }

    /// The bytes of its entry.
    int entrySize() {
        return XattrArea.ENTRY + key.rest.length + 3 & ~3;
    }

    /// The bytes its value takes.
    int valueSize() {
        return valueInode == 0 ? value.length + 3 & ~3 : 0;
    }

    /// The checksum of name and value that each entry has, by which shared blocks are found.
    int hash() {
        int hash = 0;
        for (byte b : key.rest) {
            hash = hash << 5 ^ hash >>> 27 ^ b & 0xff;
        }
        return hashValue(hash);
    }

    /// The checksum as kernels of some processors made it once: with bytes of names that can be negative.
    int signedHash() {
        int hash = 0;
        for (byte b : key.rest) {
            hash = hash << 5 ^ hash >>> 27 ^ b;
        }
        return hashValue(hash);
    }

    private int hashValue(int start) {
        int hash = start;
        for (int at = 0; at < value.length; at += 4) {
            int word = 0;
            for (int i = Math.min(3, value.length - 1 - at); i >= 0; i--) {
                word = word << 8 | value[at + i] & 0xff;
            }
            hash = hash << 16 ^ hash >>> 16 ^ word;
        }
        return hash;
    }
}
