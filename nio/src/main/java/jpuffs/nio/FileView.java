// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import jpuffs.core.Mode;
import jpuffs.core.Time;
import jpuffs.rump.TimeSpec;
import org.jspecify.annotations.Nullable;

/// The attributes of a file, to look at and to change: the views `basic`, `owner`, `posix` and `unix`, which differ
/// in what [AttributeNames] has for them.
final class FileView implements PosixFileAttributeView {
    private static final int UNCHANGED = -1;

    private final String name;
    private final Target target;
    private final boolean follow;

    FileView(String name, Target target, boolean follow) {
        this.name = name;
        this.target = target;
        this.follow = follow;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RumpAttributes readAttributes() throws IOException {
        return new RumpAttributes(target.stat(follow));
    }

    /// The time of creation is the file system's own and stays.
    @Override
    public void setTimes(
            @Nullable FileTime lastModifiedTime, @Nullable FileTime lastAccessTime, @Nullable FileTime createTime)
            throws IOException {
        if (lastModifiedTime != null || lastAccessTime != null) {
            target.change(p -> p.utimensat(
                    target.dirfd(),
                    target.bytes(),
                    spec(lastAccessTime),
                    spec(lastModifiedTime),
                    Target.flags(follow)));
        }
    }

    private static TimeSpec spec(@Nullable FileTime time) {
        return time == null ? TimeSpec.OMIT : TimeSpec.of(Time.of(time.toInstant()));
    }

    @Override
    public void setPermissions(Set<PosixFilePermission> perms) throws IOException {
        setMode(Mode.of(perms));
    }

    void setMode(int mode) throws IOException {
        target.change(p -> p.fchmodat(target.dirfd(), target.bytes(), mode, Target.flags(follow)));
    }

    void chown(int uid, int gid) throws IOException {
        target.change(p -> p.fchownat(target.dirfd(), target.bytes(), uid, gid, Target.flags(follow)));
    }

    void setUid(int uid) throws IOException {
        chown(uid, UNCHANGED);
    }

    void setGid(int gid) throws IOException {
        chown(UNCHANGED, gid);
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
        return readAttributes().owner();
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
        setUid(Principals.uid(owner));
    }

    @Override
    public void setGroup(GroupPrincipal group) throws IOException {
        setGid(Principals.gid(group));
    }
}
