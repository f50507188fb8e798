// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// Mounting, unmounting and what is mounted where.
///
/// Nothing here looks at a mounted file system itself, so nothing waits for a file server that does not answer.
public final class Mounts {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 1 << 1;
    public static final int MS_NODEV = 1 << 2;
    public static final int MS_NOEXEC = 1 << 3;
    public static final int MS_SYNCHRONOUS = 1 << 4;
    public static final int MS_REMOUNT = 1 << 5;
    public static final int MS_DIRSYNC = 1 << 7;
    public static final int MS_NOSYMFOLLOW = 1 << 8;
    public static final int MS_NOATIME = 1 << 10;
    public static final int MS_NODIRATIME = 1 << 11;
    public static final int MS_BIND = 1 << 12;
    public static final int MS_REC = 1 << 14;
    public static final int MS_PRIVATE = 1 << 18;
    public static final int MS_RELATIME = 1 << 21;
    public static final int MS_STRICTATIME = 1 << 24;
    public static final int MS_LAZYTIME = 1 << 25;

    /// Ends the connection of a FUSE or network file system first.
    public static final int MNT_FORCE = 1;

    /// Takes it out of the tree now, and unmounts when nobody uses it.
    public static final int MNT_DETACH = 2;

    public static final int MNT_EXPIRE = 4;
    public static final int UMOUNT_NOFOLLOW = 8;

    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final String MNT_ID = "mnt_id:";
    private static final String CONNECTIONS = "/sys/fs/fuse/connections/";

    private Mounts() {}

    /// mount(2).
    ///
    /// @param flags a set of the `MS_` constants
    /// @param options what the file system takes, with commas between
    public static void mount(Name source, Name target, String type, long flags, String options) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long from = string(arena, source);
            long to = string(arena, target);
            long kind = arena.allocateFrom(type).address();
            long data = arena.allocateFrom(options).address();
            long result = Native.call(Syscalls.MOUNT, from, to, kind, flags, data, 0);
            if (result < 0) {
                throw Native.failure(result, "mount " + target);
            }
        }
    }

    /// umount2(2).
    ///
    /// @param flags a set of MNT_FORCE, MNT_DETACH, MNT_EXPIRE, UMOUNT_NOFOLLOW
    public static void umount(Name target, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long result = Native.call(scratch, Syscalls.UMOUNT2, scratch.path(target), flags);
            if (result < 0) {
                throw Native.failure(result, "umount " + target);
            }
        }
    }

    /// Takes a mount away from all who use it, and ends its connection if it is one of FUSE: umount2(2) with
    /// MNT_FORCE and MNT_DETACH. Never another mount, as by a path: there may be one below, and somebody who was
    /// faster, such as the server of a connection that has just been ended.
    ///
    /// @return false if something is mounted on top of it, and it is still there
    /// @throws ErrnoException EPERM and what open(2) tells of its path
    public static boolean takeAway(MountInfo mount) throws IOException {
        try (Fd root = Fd.open(mount.mountPoint(), Fcntl.O_PATH | Fcntl.O_NOFOLLOW, 0)) {
            if (mountId(root) == mount.id()) {
                umount(Name.of("/proc/self/fd/" + root.number()), MNT_FORCE | MNT_DETACH);
                return true;
            }
        } catch (ErrnoException e) {
            if (find(mount) != null) {
                throw e;
            }
        }
        return find(mount) == null;
    }

    /// By its text: statx(2) would ask a file server that may be dead.
    private static int mountId(Fd file) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + file.number()))) {
            if (line.startsWith(MNT_ID)) {
                return Integer.parseInt(line.substring(MNT_ID.length()).strip());
            }
        }
        throw Errno.EOPNOTSUPP.error("proc(5): no " + MNT_ID);
    }

    /// A string with its NUL. EINVAL with a NUL in it.
    static long string(Arena arena, Name name) throws ErrnoException {
        for (int i = 0; i < name.length(); i++) {
            if (name.byteAt(i) == 0) {
                throw Errno.EINVAL.error();
            }
        }
        MemorySegment bytes = arena.allocate(name.length() + 1L);
        name.copyTo(bytes, 0);
        return bytes.address();
    }

    /// What is mounted in the mount namespace of this process, in the order of mounting.
    public static List<MountInfo> list() throws IOException {
        String text = new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.ISO_8859_1);
        var mounts = new ArrayList<MountInfo>();
        for (String line : text.split("\n", -1)) {
            if (!line.isEmpty()) {
                mounts.add(MountInfo.parse(line));
            }
        }
        return mounts;
    }

    /// What is mounted on `mountPoint`, an absolute path without `.`, `..` and symbolic links in it; the uppermost
    /// if there are several. Null if nothing is.
    public static @Nullable MountInfo find(Name mountPoint) throws IOException {
        MountInfo found = null;
        for (MountInfo mount : list()) {
            if (mount.mountPoint().equals(mountPoint)) {
                found = mount;
            }
        }
        return found;
    }

    /// The same mount as it is now: it may have been moved. Null if it is gone. The kernel uses the numbers of mounts
    /// and of file systems again, so both have to be the same.
    public static @Nullable MountInfo find(MountInfo mount) throws IOException {
        for (MountInfo each : list()) {
            if (each.id() == mount.id() && each.dev() == mount.dev()) {
                return each;
            }
        }
        return null;
    }

    /// Ends a FUSE connection: every request that waits, and every later one, fails with ECONNABORTED or ENOTCONN.
    ///
    /// @param connection as [MountInfo#fuseConnection] tells it
    /// @throws ErrnoException ENOENT if there is none or `fusectl` is not mounted; EACCES if it is another
    ///     user's
    public static void abort(int connection) throws ErrnoException {
        String path = CONNECTIONS + Integer.toUnsignedString(connection) + "/abort";
        try (Fd file = Fd.open(path, Fcntl.O_WRONLY, 0);
                Arena arena = Arena.ofConfined()) {
            file.write(arena.allocateFrom("1").asSlice(0, 1));
        }
    }
}
