// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.sys.Fd;
import jpuffs.sys.FuseDev;
import jpuffs.sys.Fusermount;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// A place where we mounted: how it came to be, and how it goes.
final class Mountpoint implements AutoCloseable {
    private static final int READ_AHEAD_KB = 1024;

    private final Path path;
    private final Fd device;
    private final Fusermount.@Nullable Mounted helper;
    private final boolean privileged;
    private final @Nullable MountInfo info;

    private Mountpoint(Path path, Fd device, Fusermount.@Nullable Mounted helper) throws IOException {
        this.path = path;
        this.device = device;
        this.helper = helper;
        this.privileged = helper == null;
        this.info = Mounts.find(name(path));
    }

    /// The descriptor that `/dev/fd/N` names, -1 for any other path.
    static int givenFd(Path directory) {
        String text = directory.toString();
        if (!text.matches("/dev/fd/\\d{1,9}")) {
            return -1;
        }
        return Integer.parseInt(text.substring("/dev/fd/".length()));
    }

    /// Mounts: by mount(2) if we may, else by fusermount3.
    ///
    /// @param rootType the type bits of the root
    static Mountpoint mount(Path directory, MountOptions options, int rootType) throws IOException {
        Path path = resolve(directory, rootType);
        if (Sys.geteuid() == 0) {
            return of(path, mountByUs(path, options, rootType), null);
        }
        Fusermount.Mounted mounted = Fusermount.mount(name(path), helperOptions(options));
        return of(path, mounted.device(), mounted);
    }

    /// Looks the new mount up; if that fails it must not stay.
    private static Mountpoint of(Path path, Fd device, Fusermount.@Nullable Mounted helper) throws IOException {
        boolean done = false;
        try {
            var point = new Mountpoint(path, device, helper);
            done = true;
            return point;
        } finally {
            if (!done && helper == null) {
                Connection.closeQuietly(() -> Mounts.umount(name(path), Mounts.MNT_DETACH));
            }
            if (!done) {
                Connection.closeQuietly(device);
            }
        }
    }

    private static Path resolve(Path directory, int rootType) throws IOException {
        Path path;
        try {
            path = directory.toRealPath();
        } catch (IOException e) {
            Errno errno = Errno.of(e);
            throw errno.error("%s: %s", directory, errno == ENOENT ? "no such directory" : errno.text());
        }
        boolean isDirectory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        boolean wantsDirectory = rootType == Mode.S_IFDIR;
        if (wantsDirectory && !isDirectory) {
            throw ENOTDIR.error("%s: not a directory", directory);
        }
        if (!wantsDirectory && isDirectory) {
            throw Errno.EISDIR.error("%s: a directory, and the root of the file system is none", directory);
        }
        return path;
    }

    private static Name name(Path path) {
        return Name.of(path.toString());
    }

    private static Fd mountByUs(Path path, MountOptions options, int rootType) throws IOException {
        Fd device = FuseDev.open(0);
        var data = new ArrayList<String>();
        data.add("fd=" + device.number());
        data.add("rootmode=" + Integer.toOctalString(rootType));
        data.add("user_id=" + Sys.getuid());
        data.add("group_id=" + Sys.getgid());
        data.addAll(common(options));
        try {
            String type = "fuse." + options.subtype();
            Mounts.mount(Name.of(options.fsname()), name(path), type, flags(options), String.join(",", data));
            return device;
        } catch (IOException e) {
            device.close();
            throw explain(path, e);
        }
    }

    private static ErrnoException explain(Path path, IOException e) {
        Errno errno = Errno.of(e);
        return errno == EPERM
                ? errno.error("%s: this process may not mount (no CAP_SYS_ADMIN)", path)
                : errno.error("%s: %s", path, errno.text());
    }

    private static List<String> common(MountOptions options) {
        var data = new ArrayList<String>();
        if (options.defaultPermissions()) {
            data.add("default_permissions");
        }
        if (options.allowOther()) {
            data.add("allow_other");
        }
        if (options.maxRead() > 0) {
            data.add("max_read=" + options.maxRead());
        }
        return data;
    }

    private static long flags(MountOptions options) {
        long flags = 0;
        flags |= options.readOnly() ? Mounts.MS_RDONLY : 0;
        flags |= options.noSuid() ? Mounts.MS_NOSUID : 0;
        flags |= options.noDev() ? Mounts.MS_NODEV : 0;
        flags |= options.noExec() ? Mounts.MS_NOEXEC : 0;
        flags |= options.noAtime() ? Mounts.MS_NOATIME : 0;
        flags |= options.sync() ? Mounts.MS_SYNCHRONOUS : 0;
        return flags;
    }

    private static String helperOptions(MountOptions options) {
        var data = new ArrayList<>(common(options));
        data.add("fsname=" + escape(options.fsname()));
        data.add("subtype=" + escape(options.subtype()));
        data.add(options.readOnly() ? "ro" : "rw");
        data.add(options.noSuid() ? "nosuid" : "suid");
        data.add(options.noDev() ? "nodev" : "dev");
        data.add(options.noExec() ? "noexec" : "exec");
        data.add(options.noAtime() ? "noatime" : "atime");
        data.add(options.sync() ? "sync" : "async");
        if (options.autoUnmount()) {
            data.add("auto_unmount");
        }
        return String.join(",", data);
    }

    /// Commas and backslashes of a value in a list of mount options.
    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace(",", "\\,");
    }

    /// The descriptor of the connection.
    Fd device() {
        return device;
    }

    /// Lets the kernel read ahead as much as one request may carry; root only.
    void tune() {
        if (!privileged || info == null) {
            return;
        }
        try {
            Files.writeString(
                    Path.of("/sys/class/bdi/0:" + info.fuseConnection() + "/read_ahead_kb"), READ_AHEAD_KB + "\n");
        } catch (IOException e) {
            Session.LOG.log(Level.DEBUG, "read-ahead stays as it is", e);
        }
    }

    /// Unmounts, unless somebody has already.
    ///
    /// @throws IOException EBUSY if it is in use, or something is mounted on it
    void unmount() throws IOException {
        MountInfo ours = ours();
        if (ours == null) {
            return;
        }
        if (isCovered(ours)) {
            throw EBUSY.error("%s: something else is mounted on top", path);
        }
        try {
            if (privileged) {
                Mounts.umount(ours.mountPoint(), 0);
            } else {
                Fusermount.unmount(ours.mountPoint(), false);
            }
        } catch (ErrnoException e) {
            if (Mounts.find(ours) != null) {
                throw e.errno() == EBUSY ? EBUSY.error("%s: in use", path) : failure(e);
            }
        }
    }

    /// Unmounts, unless somebody has already; those who use it get errors. The end of the connection that this brings
    /// about makes the server take the mount away as well, in another thread.
    ///
    /// @return false if it cannot be taken away, and only the end of the connection is left
    synchronized boolean unmountByForce() throws IOException {
        MountInfo ours = ours();
        try {
            return ours == null || (privileged ? takeAway(ours) : letHelperTakeAway(ours));
        } catch (ErrnoException e) {
            throw failure(e);
        }
    }

    private static boolean takeAway(MountInfo ours) throws IOException {
        boolean done = Mounts.takeAway(ours);
        if (!done) {
            abort(ours.fuseConnection()); // while it is mounted the number is ours
        }
        return done;
    }

    private static boolean letHelperTakeAway(MountInfo ours) throws IOException {
        if (isCovered(ours)) {
            return false;
        }
        try {
            Fusermount.unmount(ours.mountPoint(), true);
        } catch (ErrnoException e) {
            if (Mounts.find(ours) != null) {
                throw e;
            }
        }
        return true;
    }

    private static boolean isCovered(MountInfo ours) throws IOException {
        return !ours.equals(Mounts.find(ours.mountPoint()));
    }

    private ErrnoException failure(ErrnoException e) {
        return e.errno().error("%s: %s", path, String.valueOf(e.getMessage()));
    }

    private static void abort(int connection) {
        try {
            Mounts.abort(connection);
        } catch (ErrnoException e) {
            Session.LOG.log(Level.DEBUG, "abort", e);
        }
    }

    /// The mount, wherever it was moved to; null if somebody has unmounted it.
    private @Nullable MountInfo ours() throws IOException {
        return info == null ? null : Mounts.find(info);
    }

    /// Takes it away in any case.
    void detach() {
        try {
            unmountByForce();
        } catch (IOException e) {
            Session.LOG.log(Level.DEBUG, "detach", e);
        }
    }

    /// Closes the connection's descriptor, and lets a helper that waits for that unmount.
    @Override
    public void close() {
        device.close();
        if (helper != null) {
            helper.close();
        }
    }
}
