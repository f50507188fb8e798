// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Mode;
import jpuffs.core.Time;
import jpuffs.rump.Stat;

/// The attributes of a file at one moment.
record RumpAttributes(Stat stat) implements PosixFileAttributes {
    private Attr attr() {
        return stat.attr();
    }

    private static FileTime time(Time time) {
        return FileTime.from(time.toInstant());
    }

    @Override
    public FileTime lastModifiedTime() {
        return time(attr().mtime());
    }

    @Override
    public FileTime lastAccessTime() {
        return time(attr().atime());
    }

    /// That of modification where the file system keeps none.
    @Override
    public FileTime creationTime() {
        return time(attr().btime().equals(Time.EPOCH) ? attr().mtime() : attr().btime());
    }

    FileTime changeTime() {
        return time(attr().ctime());
    }

    @Override
    public boolean isRegularFile() {
        return attr().isRegular();
    }

    @Override
    public boolean isDirectory() {
        return attr().isDirectory();
    }

    @Override
    public boolean isSymbolicLink() {
        return attr().isSymlink();
    }

    @Override
    public boolean isOther() {
        return !isRegularFile() && !isDirectory() && !isSymbolicLink();
    }

    @Override
    public long size() {
        return attr().size();
    }

    @Override
    public FileKey fileKey() {
        return FileKey.of(stat);
    }

    @Override
    public UserPrincipal owner() {
        return new Principals.User(attr().uid());
    }

    @Override
    public GroupPrincipal group() {
        return new Principals.Group(attr().gid());
    }

    @Override
    public Set<PosixFilePermission> permissions() {
        return Mode.permissions(attr().mode());
    }
}
