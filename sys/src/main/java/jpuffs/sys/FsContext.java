// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// A mount in the making, fsopen(2): each option is checked as it is set, and failures come with the kernel's own
/// words.
///
/// ```java
/// try (FsContext context = FsContext.open("tmpfs")) {
///     context.set("source", "scratch");
///     context.set("size", "1M");
///     context.mount(target, FsContext.MOUNT_ATTR_NOSUID);
/// }
/// ```
public final class FsContext implements AutoCloseable {
    public static final int MOUNT_ATTR_RDONLY = 0x01;
    public static final int MOUNT_ATTR_NOSUID = 0x02;
    public static final int MOUNT_ATTR_NODEV = 0x04;
    public static final int MOUNT_ATTR_NOEXEC = 0x08;
    public static final int MOUNT_ATTR_NOATIME = 0x10;
    public static final int MOUNT_ATTR_STRICTATIME = 0x20;
    public static final int MOUNT_ATTR_NODIRATIME = 0x80;
    public static final int MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int MESSAGES_MAX = 8; // the kernel keeps that many

    private final Fd fd;
    private final String type;

    private FsContext(Fd fd, String type) {
        this.fd = fd;
        this.type = type;
    }

    /// Begins to mount a file system of `type` without subtype, such as `fuse`; a subtype is an option. ENODEV if
    /// the kernel has it not, EPERM, ENOSYS before kernel 5.2.
    public static FsContext open(String type) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long name = scratch.path(Name.of(type));
            long result = Native.call(scratch, Syscalls.FSOPEN, name, FSOPEN_CLOEXEC);
            if (result < 0) {
                throw Native.failure(result, "file system type " + type);
            }
            return new FsContext(Fd.of((int) result), type);
        }
    }

    /// Sets an option that has a value; `source` is one.
    public void set(String key, String value) throws ErrnoException {
        configure(FSCONFIG_SET_STRING, key, value, 0);
    }

    /// Sets an option without a value.
    public void setFlag(String key) throws ErrnoException {
        configure(FSCONFIG_SET_FLAG, key, "", 0);
    }

    /// Sets an option whose value is an open file; `value` stays the caller's.
    public void setFd(String key, Fd value) throws ErrnoException {
        configure(FSCONFIG_SET_FD, key, "", value.number());
    }

    private void configure(int command, String key, String value, int extra) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long option = arena.allocateFrom(key).address();
            long string =
                    command == FSCONFIG_SET_STRING ? arena.allocateFrom(value).address() : 0;
            check(Native.call(Syscalls.FSCONFIG, fd.number(), command, option, string, extra, 0), key);
        }
    }

    /// Makes the file system and mounts it on `target`.
    ///
    /// @param attributes a set of the `MOUNT_ATTR_` constants
    public void mount(Name target, int attributes) throws ErrnoException {
        check(Native.call(Syscalls.FSCONFIG, fd.number(), FSCONFIG_CMD_CREATE, 0, 0, 0, 0), "create");
        long made = Native.call(Syscalls.FSMOUNT, fd.number(), FSMOUNT_CLOEXEC, attributes);
        check(made, "mount");
        try (Fd mount = Fd.of((int) made);
                Scratch scratch = Scratch.take()) {
            long empty = scratch.path(At.EMPTY);
            long to = scratch.secondPath(target);
            check(
                    Native.call(
                            scratch,
                            Syscalls.MOVE_MOUNT,
                            mount.number(),
                            empty,
                            Fcntl.AT_FDCWD,
                            to,
                            MOVE_MOUNT_F_EMPTY_PATH),
                    target.toString());
        }
    }

    private void check(long result, String what) throws ErrnoException {
        if (result < 0) {
            Errno errno = Errno.of((int) -result);
            String said = messages();
            throw errno.error("%s: %s: %s", type, what, said.isEmpty() ? errno.text() : said);
        }
    }

    /// What the kernel has to say, each message of its own behind a letter for its weight.
    private String messages() {
        var said = new StringBuilder();
        try (Scratch scratch = Scratch.take()) {
            for (int i = 0; i < MESSAGES_MAX; i++) {
                long to = scratch.at(Scratch.PATH);
                long count = Native.call(scratch, Syscalls.READ, fd.number(), to, Scratch.ROOM, 0);
                if (count <= 2) {
                    break; // ENODATA: no more
                }
                MemorySegment text = scratch.memory().asSlice(Scratch.PATH + 2, count - 2);
                said.append(said.isEmpty() ? "" : "; ")
                        .append(new String(text.toArray(JAVA_BYTE), StandardCharsets.UTF_8).strip());
            }
        }
        return said.toString();
    }

    /// Gives up what was not mounted.
    @Override
    public void close() {
        fd.close();
    }
}
