// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Acl;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// The extended attributes of one file that has any (xattr(7)).
final class Xattrs {
    /// File capabilities, which a write, a truncation or a chown ends.
    static final Name CAPABILITY = Name.of("security.capability");

    private static final int MAX_VALUE = 64 << 10; // XATTR_SIZE_MAX
    private static final int MAX_LIST = 64 << 10; // XATTR_LIST_MAX
    private static final int MAX_BYTES = 256 << 10;
    private static final int ENTRY_BYTES = 100; // the objects that hold an attribute

    private static final List<byte[]> NAMESPACES = List.of(prefix("user."), prefix("trusted."), prefix("security."));

    private final Space space;
    private final Map<Name, byte[]> values = new TreeMap<>();
    private int bytes;
    private int listBytes;

    Xattrs(Space space) {
        this.space = space;
    }

    private static byte[] prefix(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Checks that there can be an attribute of that name. EOPNOTSUPP.
    static void checkName(Name name) throws ErrnoException {
        if (!Acl.isName(name) && NAMESPACES.stream().noneMatch(prefix -> startsWith(name, prefix))) {
            throw EOPNOTSUPP.error();
        }
    }

    private static boolean startsWith(Name name, byte[] prefix) {
        boolean same = name.length() > prefix.length;
        for (int at = 0; same && at < prefix.length; at++) {
            same = name.byteAt(at) == prefix[at];
        }
        return same;
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    List<Name> names() {
        return List.copyOf(values.keySet());
    }

    byte @Nullable [] get(Name name) {
        byte[] value = values.get(name);
        return value == null ? null : value.clone();
    }

    boolean has(Name name) {
        return values.containsKey(name);
    }

    /// The list of that name, or null.
    @Nullable
    Acl acl(Name name) throws ErrnoException {
        byte[] value = values.get(name);
        return value == null ? null : Acl.parse(value);
    }

    /// Sets the value. EEXIST, ENODATA, E2BIG, ENOSPC.
    void set(Name name, byte[] value, int flags) throws ErrnoException {
        byte[] old = values.get(name);
        if (value.length > MAX_VALUE) {
            throw E2BIG.error();
        }
        if (old != null && (flags & Node.XATTR_CREATE) != 0) {
            throw EEXIST.error();
        }
        if (old == null && (flags & Node.XATTR_REPLACE) != 0) {
            throw ENODATA.error();
        }
        int more = value.length - (old == null ? 0 : old.length);
        int list = 0;
        if (old == null) {
            list = name.length() + 1;
            more += name.length() + ENTRY_BYTES;
        }
        if (bytes + more > MAX_BYTES || listBytes + list > MAX_LIST) {
            throw ENOSPC.error();
        }
        space.charge(more);
        bytes += more;
        listBytes += list;
        values.put(name, value.clone());
    }

    /// Removes the attribute, and answers whether there was one.
    boolean remove(Name name) {
        byte[] old = values.remove(name);
        if (old == null) {
            return false;
        }
        int less = old.length + name.length() + ENTRY_BYTES;
        space.refund(less);
        bytes -= less;
        listBytes -= name.length() + 1;
        return true;
    }

    /// Gives the heap of all attributes back.
    void clear() {
        values.clear();
        space.refund(bytes);
        bytes = 0;
        listBytes = 0;
    }
}
