// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// The lines Uid, Gid and Groups of `/proc/PID/status` (proc_pid_status(5)), which come early in the file.
///
/// Three system calls and no text processing: a file server may ask for each caller.
final class ProcStatus {
    private static final byte[] GROUPS = {'\n', 'G', 'r', 'o', 'u', 'p', 's', ':'};
    private static final byte[] UID = {'\n', 'U', 'i', 'd', ':'};
    private static final byte[] GID = {'\n', 'G', 'i', 'd', ':'};
    private static final int FSID = 3; // real, effective, saved, file system

    /// Room for the 65,536 groups a process can have, of eleven characters each.
    private static final int MOST = 1 << 20;

    private final byte[] text;

    ProcStatus(byte[] text) {
        this.text = text;
    }

    static Cred read(int pid) throws ErrnoException {
        Name path = Name.of("/proc/" + pid + "/status");
        int fd = At.tryOpenat(Fcntl.AT_FDCWD, path, Fcntl.O_RDONLY, 0);
        if (fd < 0) {
            throw fd == -Errno.ENOENT.number() ? Errno.ESRCH.error() : Native.failure(fd);
        }
        try {
            var status = new ProcStatus(start(fd));
            return (status.isComplete() ? status : new ProcStatus(whole(fd))).cred();
        } finally {
            At.close(fd);
        }
    }

    private static byte[] start(int fd) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long to = scratch.at(Scratch.PATH);
            long count = Native.check(Native.call(scratch, Syscalls.PREAD64, fd, to, Scratch.ROOM, 0));
            return scratch.bytes(Scratch.PATH, (int) count);
        }
    }

    private static byte[] whole(int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MOST);
            long count = 0;
            long more;
            do {
                long to = buffer.address() + count;
                more = Native.check(Native.call(Syscalls.PREAD64, fd, to, MOST - count, count, 0, 0));
                count += more;
            } while (more > 0 && count < MOST);
            return buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /// Whether the line with the groups ends within what was read.
    boolean isComplete() {
        int at = find(GROUPS);
        while (at >= 0 && at < text.length && text[at] != '\n') {
            at++;
        }
        return at >= 0 && at < text.length;
    }

    Cred cred() throws ErrnoException {
        int[] uids = numbers(UID);
        int[] gids = numbers(GID);
        if (uids.length <= FSID || gids.length <= FSID) {
            throw Errno.ESRCH.error(); // it ended while it was read
        }
        return Cred.of(uids[FSID], gids[FSID], numbers(GROUPS));
    }

    private int find(byte[] key) {
        for (int i = 0; i + key.length <= text.length; i++) {
            if (text[i] == '\n' && Arrays.equals(text, i, i + key.length, key, 0, key.length)) {
                return i + key.length;
            }
        }
        return -1;
    }

    /// The numbers on the line that begins with `key`; unsigned, as ids are.
    private int[] numbers(byte[] key) {
        var numbers = new int[8];
        int count = 0;
        int at = find(key);
        while (at >= 0 && at < text.length && text[at] != '\n') {
            if (text[at] < '0' || text[at] > '9') {
                at++;
                continue;
            }
            int value = 0;
            for (; at < text.length && text[at] >= '0' && text[at] <= '9'; at++) {
                value = value * 10 + text[at] - '0';
            }
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = value;
        }
        return Arrays.copyOf(numbers, count);
    }
}
