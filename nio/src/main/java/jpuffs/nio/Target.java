// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;
import org.jspecify.annotations.Nullable;

/// A file that an operation is for: a path, from the root or from an open directory on.
///
/// @param directory where a relative path begins, or null for the root
/// @param path from there
/// @param shown the same from the root, for messages and events
record Target(@Nullable RumpDirectoryStream directory, RumpPath path, RumpPath shown) {
    static Target of(RumpPath path) {
        return new Target(null, path, path);
    }

    RumpFileSystem fs() {
        return path.getFileSystem();
    }

    Watches watches() {
        return fs().watches();
    }

    /// The descriptor for calls that begin at a directory; good within [#call].
    int dirfd() {
        return directory == null ? Process.AT_FDCWD : directory.descriptor();
    }

    byte[] bytes() {
        return path.toBytes();
    }

    /// Makes a system call with this file; the directory stays open for its time.
    ///
    /// @throws IOException the kernel's, as in [Failures]
    /// @throws java.nio.file.ClosedDirectoryStreamException if it is closed
    <R> R call(RumpFileSystem.Call<R> call) throws IOException {
        return held(() -> fs().call(shown, call));
    }

    void act(RumpFileSystem.Action action) throws IOException {
        held(() -> {
            fs().act(shown, action);
            return true;
        });
    }

    /// Makes a system call that changes attributes of this file.
    void change(RumpFileSystem.Action action) throws IOException {
        act(action);
        watches().modified(shown);
    }

    <R> R held(RumpFileSystem.Opening<R> use) throws IOException {
        return directory == null ? use.run() : directory.held(use);
    }

    /// @param follow whether a symbolic link at the end is followed
    static int flags(boolean follow) {
        return follow ? 0 : Process.AT_SYMLINK_NOFOLLOW;
    }

    Stat stat(boolean follow) throws IOException {
        return call(p -> p.fstatat(dirfd(), bytes(), flags(follow)));
    }
}
