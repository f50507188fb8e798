// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Makes files that belong to somebody else from the start, without a chown(2) after: for a while the platform
/// thread has the file-system user and group of another (setfsuid(2)), and keeps all its capabilities, so that
/// nothing but the owner of new files is different.
///
/// ```java
/// try (FsCred _ = FsCred.assume(cred.uid(), cred.gid())) {
///     At.mkdirat(dir, name, mode);
/// }
/// ```
///
/// For the super-user only. Ids belong to the platform thread: within the block nothing may park.
public final class FsCred implements AutoCloseable {
    private static final int VERSION = 0x20080522; // _LINUX_CAPABILITY_VERSION_3: two words of 32 bits each
    private static final int DATA = 8;
    private static final int SIZE = DATA + 24;

    /// `struct __user_cap_header_struct` and two `struct __user_cap_data_struct`: what this process started with.
    private static final MemorySegment CAPS = capabilities();

    private static final int EGID = Sys.getegid();
    private static final FsCred RESTORE = new FsCred();

    private FsCred() {}

    private static MemorySegment capabilities() {
        MemorySegment caps = Arena.global().allocate(SIZE, 8);
        caps.set(JAVA_INT, 0, VERSION);
        long result = Native.call(Syscalls.CAPGET, caps.address(), caps.address() + DATA, 0);
        if (result < 0) {
            throw new IllegalStateException("capget: " + Errno.of((int) -result));
        }
        return caps;
    }

    /// Takes the user and the group until [#close].
    ///
    /// @throws ErrnoException EPERM if the kernel refuses (CAP_SETUID or CAP_SETGID is missing, or the name
    ///     space has no such id); then nothing is changed
    public static FsCred assume(int uid, int gid) throws ErrnoException {
        boolean done = set(Syscalls.SETFSGID, gid) && set(Syscalls.SETFSUID, uid);
        if (!done || Native.call(Syscalls.CAPSET, CAPS.address(), CAPS.address() + DATA, 0) < 0) {
            RESTORE.close();
            throw Errno.EPERM.error();
        }
        return RESTORE;
    }

    /// Neither of the two calls tells whether it did anything; with an id that cannot be, they tell what is.
    private static boolean set(int call, int id) {
        Native.call(call, Integer.toUnsignedLong(id));
        return (int) Native.call(call, -1) == id;
    }

    /// Takes the ids of the super-user again.
    @Override
    public void close() {
        Native.call(Syscalls.SETFSUID, 0);
        Native.call(Syscalls.SETFSGID, EGID);
    }
}
