// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One component of a path, or the name of an extended attribute: bytes, as the kernel has them, in no particular
/// charset.
///
/// Immutable. Order and equality are those of the bytes (unsigned).
public final class Name implements Comparable<Name> {
    /// The longest component Linux allows, in bytes (`NAME_MAX`).
    public static final int MAX = 255;

    public static final Name DOT = of(".");
    public static final Name DOT_DOT = of("..");

    private final byte[] bytes;
    private final int hash;

    private Name(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /// The name whose UTF-8 form is `text`.
    public static Name of(String text) {
        return new Name(text.getBytes(StandardCharsets.UTF_8));
    }

    /// A name of a copy of `bytes`.
    public static Name of(byte[] bytes) {
        return new Name(bytes.clone());
    }

    /// A name of a copy of `length` bytes of `segment` from `offset`.
    public static Name of(MemorySegment segment, long offset, int length) {
        var bytes = new byte[length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return new Name(bytes);
    }

    /// The number of bytes.
    public int length() {
        return bytes.length;
    }

    /// The byte at `index`.
    public byte byteAt(int index) {
        return bytes[index];
    }

    /// A copy of the bytes.
    public byte[] toBytes() {
        return bytes.clone();
    }

    /// Copies the bytes into `segment` at `offset`; no NUL is added.
    public void copyTo(MemorySegment segment, long offset) {
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    /// Whether the UTF-8 form of `text` is this name.
    public boolean is(String text) {
        return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8));
    }

    public boolean isDot() {
        return bytes.length == 1 && bytes[0] == '.';
    }

    public boolean isDotDot() {
        return bytes.length == 2 && bytes[0] == '.' && bytes[1] == '.';
    }

    /// Checks that this can be a new directory entry.
    ///
    /// @return this name
    /// @throws ErrnoException ENAMETOOLONG beyond [#MAX] bytes; ENOENT if empty; EINVAL with a slash or a NUL
    ///     in it; EEXIST for `.` and `..`
    public Name checkComponent() throws ErrnoException {
        if (bytes.length > MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        if (bytes.length == 0) {
            throw Errno.ENOENT.error();
        }
        for (byte b : bytes) {
            if (b == '/' || b == 0) {
                throw Errno.EINVAL.error();
            }
        }
        if (isDot() || isDotDot()) {
            throw Errno.EEXIST.error();
        }
        return this;
    }

    @Override
    public int compareTo(Name other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Name name && hash == name.hash && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// The name read as UTF-8; what is not UTF-8 becomes the replacement character. For logs and messages.
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
