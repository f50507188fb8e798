// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.niofs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// Attributes of files by the best view a file system has. Where it knows no numbers of owners, files are the
/// server's own user's. Links are never followed: that is the kernel's business.
final class NioAttrs {
    private static final String UNIX =
            "unix:mode,ino,nlink,rdev,uid,gid,size,lastAccessTime,lastModifiedTime,ctime,isDirectory,isSymbolicLink";

    private final boolean unix;
    private final boolean posix;
    private final boolean readOnly;

    NioAttrs(FileSystem fs, boolean readOnly) {
        Set<String> views = fs.supportedFileAttributeViews();
        this.unix = views.contains("unix");
        this.posix = views.contains("posix");
        this.readOnly = readOnly;
    }

    Attr read(Path path) throws IOException {
        if (unix) {
            return unix(Files.readAttributes(path, UNIX, NOFOLLOW_LINKS));
        }
        if (posix) {
            PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class, NOFOLLOW_LINKS);
            return basic(attributes, Mode.of(attributes.permissions()));
        }
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
        int all = attributes.isRegularFile() ? 0666 : 0777;
        return basic(attributes, all & (readOnly ? 0555 : 0755));
    }

    private static Attr unix(Map<String, Object> values) {
        int mode = number(values, "mode");
        return Attr.of(Mode.type(mode) == 0 ? type(values) | mode : mode)
                .withIno(((Number) values.getOrDefault("ino", 0)).longValue())
                .withNlink(number(values, "nlink"))
                .withRdev(number(values, "rdev"))
                .withOwner(number(values, "uid"), number(values, "gid"))
                .withSize(((Number) values.getOrDefault("size", 0)).longValue())
                .withTimes(
                        time(values.get("lastAccessTime")),
                        time(values.get("lastModifiedTime")),
                        time(values.get("ctime")));
    }

    /// Of a provider whose modes are without.
    private static int type(Map<String, Object> values) {
        if (Boolean.TRUE.equals(values.get("isDirectory"))) {
            return Mode.S_IFDIR;
        }
        return Boolean.TRUE.equals(values.get("isSymbolicLink")) ? Mode.S_IFLNK : Mode.S_IFREG;
    }

    private static int number(Map<String, Object> values, String name) {
        return ((Number) values.getOrDefault(name, 0)).intValue();
    }

    private static Time time(@Nullable Object time) {
        return time instanceof FileTime value ? Time.of(value.toInstant()) : Time.EPOCH;
    }

    private Attr basic(BasicFileAttributes attributes, int permissions) {
        Time modified = time(attributes.lastModifiedTime());
        return Attr.of(type(attributes) | permissions)
                .withOwner(Sys.geteuid(), Sys.getegid())
                .withSize(attributes.isDirectory() ? 0 : attributes.size())
                .withTimes(time(attributes.lastAccessTime()), modified, modified);
    }

    private static int type(BasicFileAttributes attributes) {
        if (attributes.isDirectory()) {
            return Mode.S_IFDIR;
        }
        return attributes.isSymbolicLink() ? Mode.S_IFLNK : attributes.isRegularFile() ? Mode.S_IFREG : Mode.S_IFIFO;
    }

    /// What a file is made with, so that it has no other mode even for a moment. The provider may have a umask.
    FileAttribute<?>[] forNew(int mode) {
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(Mode.permissions(mode))}
                : new FileAttribute<?>[0];
    }

    /// Makes mode and owner of a new file those of `attr`, as far as there are such and they are not.
    void own(Path path, Attr attr) throws IOException {
        if (!unix && !posix) {
            return;
        }
        Attr now = read(path);
        if (unix && (now.uid() != attr.uid() || now.gid() != attr.gid())) {
            chown(path, attr.uid(), attr.gid());
        }
        if (!now.isSymlink() && now.mode() != attr.mode()) {
            setMode(path, attr.mode());
        }
    }

    private void setMode(Path path, int mode) throws IOException {
        if (!unix || !canSet(path, "unix:mode", mode & Mode.PERMISSIONS)) {
            Files.setAttribute(path, "posix:permissions", Mode.permissions(mode), NOFOLLOW_LINKS);
        }
    }

    private static boolean chown(Path path, int uid, int gid) throws IOException {
        return canSet(path, "unix:uid", uid) && canSet(path, "unix:gid", gid);
    }

    /// Sets an attribute, unless the provider has it to be read only.
    private static boolean canSet(Path path, String name, int value) throws IOException {
        try {
            Files.setAttribute(path, name, value, NOFOLLOW_LINKS);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Changes all but the size. A change of nothing sets the time of change, as chown(2) of nobody does.
    ///
    /// @throws IOException EPERM for a mode or owner the file system does not keep
    void set(Path path, SetAttr change) throws IOException {
        Attr now = read(path);
        Attr next = change.applyTo(now, Time.EPOCH);
        boolean given = next.uid() != now.uid() || next.gid() != now.gid();
        if (given) {
            require(unix && chown(path, next.uid(), next.gid()));
        }
        boolean nothing = change.isChown() && !given && unix && !now.isSymlink();
        if (next.mode() != now.mode() || change.has(SetAttr.MODE) || nothing) {
            require(posix || unix);
            setMode(path, next.mode());
        }
        if (change.has(SetAttr.ATIME | SetAttr.MTIME)) {
            setTimes(path, change);
        }
    }

    private static void setTimes(Path path, SetAttr change) throws IOException {
        Time now = Time.now();
        Time atime = change.has(SetAttr.ATIME_NOW) ? now : change.atime();
        Time mtime = change.has(SetAttr.MTIME_NOW) ? now : change.mtime();
        Files.getFileAttributeView(path, BasicFileAttributeView.class, NOFOLLOW_LINKS)
                .setTimes(
                        change.has(SetAttr.MTIME) ? FileTime.from(mtime.toInstant()) : null,
                        change.has(SetAttr.ATIME) ? FileTime.from(atime.toInstant()) : null,
                        null);
    }

    private static void require(boolean kept) throws IOException {
        if (!kept) {
            throw Errno.EPERM.error("the file system keeps no such attribute");
        }
    }
}
