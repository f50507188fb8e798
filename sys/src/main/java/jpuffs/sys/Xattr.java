// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// Extended attributes, xattr(7), of what a descriptor refers to. O_PATH will do, a symbolic link too: the way is
/// always that through `/proc/self/fd`, as the calls on descriptors refuse O_PATH.
public final class Xattr {
    /// The longest value and the longest list of names (`XATTR_SIZE_MAX`, `XATTR_LIST_MAX`).
    public static final int MAX = 65536;

    private static final int VALUE = Scratch.PATH + Scratch.PATH_MAX;
    private static final int VALUE_MAX = Scratch.PATH_MAX;

    /// Where a `struct xattr_args` lies, behind the name.
    private static final int ARGS = Scratch.STRUCT + Scratch.STRUCT_SIZE - 16;

    private static volatile boolean hasXattrat = true; // until the kernel says otherwise (6.13 and later have it)

    private Xattr() {}

    /// The value, or null if there is no such attribute (ENODATA).
    public static byte @Nullable [] get(int fd, Name name) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long key = scratch.shortName(name);
            long count = get(scratch, fd, key, scratch.at(VALUE), VALUE_MAX);
            if (count == -Errno.ENODATA.number()) {
                return null;
            }
            if (count != -Errno.ERANGE.number()) {
                return scratch.bytes(VALUE, (int) Native.check(count));
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment value = arena.allocate(MAX);
                long all = Native.check(get(scratch, fd, key, value.address(), MAX));
                return value.asSlice(0, all).toArray(JAVA_BYTE);
            }
        }
    }

    private static long get(Scratch scratch, int fd, long name, long value, long size) throws ErrnoException {
        if (hasXattrat) {
            long args = scratch.pair(ARGS, value, size);
            int proc = OPath.procFd();
            long result = Native.call(scratch, Syscalls.GETXATTRAT, proc, scratch.number(fd), 0, name, args, 16);
            if (isKnown(result)) {
                return result;
            }
        }
        return Native.call(scratch, Syscalls.GETXATTR, scratch.procPath(fd), name, value, size);
    }

    private static boolean isKnown(long result) {
        hasXattrat = result != -Errno.ENOSYS.number();
        return hasXattrat;
    }

    /// The names of all attributes this process may see.
    public static List<Name> list(int fd) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long count = list(scratch, fd, scratch.at(VALUE), VALUE_MAX);
            if (count != -Errno.ERANGE.number()) {
                return names(scratch.memory().asSlice(VALUE, Native.check(count)));
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment names = arena.allocate(MAX);
                return names(names.asSlice(0, Native.check(list(scratch, fd, names.address(), MAX))));
            }
        }
    }

    private static long list(Scratch scratch, int fd, long names, long size) throws ErrnoException {
        if (hasXattrat) {
            int proc = OPath.procFd();
            long result = Native.call(scratch, Syscalls.LISTXATTRAT, proc, scratch.number(fd), 0, names, size);
            if (isKnown(result)) {
                return result;
            }
        }
        return Native.call(scratch, Syscalls.LISTXATTR, scratch.procPath(fd), names, size, 0);
    }

    private static List<Name> names(MemorySegment list) {
        var names = new ArrayList<Name>();
        int start = 0;
        for (int i = 0; i < list.byteSize(); i++) {
            if (list.get(JAVA_BYTE, i) == 0) {
                names.add(Name.of(list, start, i - start));
                start = i + 1;
            }
        }
        return names;
    }

    /// Sets the value.
    ///
    /// @param flags XATTR_CREATE (EEXIST), XATTR_REPLACE (ENODATA) or 0
    /// @throws ErrnoException E2BIG beyond [#MAX] bytes, ENOSPC, EOPNOTSUPP
    public static void set(int fd, Name name, byte[] value, int flags) throws ErrnoException {
        if (value.length > MAX) {
            throw Errno.E2BIG.error();
        }
        try (Scratch scratch = Scratch.take()) {
            long key = scratch.shortName(name);
            if (value.length <= VALUE_MAX) {
                MemorySegment.copy(value, 0, scratch.memory(), JAVA_BYTE, VALUE, value.length);
                set(scratch, fd, key, scratch.at(VALUE), value.length, flags);
            } else {
                try (Arena arena = Arena.ofConfined()) {
                    set(scratch, fd, key, arena.allocateFrom(JAVA_BYTE, value).address(), value.length, flags);
                }
            }
        }
    }

    private static void set(Scratch scratch, int fd, long name, long value, long size, int flags)
            throws ErrnoException {
        Native.check(Native.call(scratch, Syscalls.SETXATTR, scratch.procPath(fd), name, value, size, flags));
    }

    /// Removes it. ENODATA if there is none.
    public static void remove(int fd, Name name) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long key = scratch.shortName(name);
            Native.check(Native.call(scratch, Syscalls.REMOVEXATTR, scratch.procPath(fd), key));
        }
    }
}
