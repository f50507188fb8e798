// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;

/// The path of a file without `.`, `..` and, if `follow`, symbolic links; where capital and small letters are the
/// same, each name as it is in its directory.
final class RealPath {
    /// As many as the kernel follows in one path (`MAXSYMLINKS`).
    private static final int MOST_LINKS = 40;

    private final RumpFileSystem fs;
    private final boolean follow;
    private int links;

    RealPath(RumpFileSystem fs, boolean follow) {
        this.fs = fs;
        this.follow = follow;
    }

    /// @param path absolute
    /// @throws IOException NoSuchFileException; FileSystemException for too many links
    RumpPath of(RumpPath path) throws IOException {
        var known = new ArrayList<Name>();
        Deque<Name> rest = new ArrayDeque<>(path.names());
        while (!rest.isEmpty()) {
            Name name = rest.removeFirst();
            if (name.isDotDot()) {
                if (!known.isEmpty()) {
                    known.removeLast();
                }
            } else if (!name.isDot()) {
                step(known, name, rest, path);
            }
        }
        RumpPath real = absolute(known);
        Target.of(real).stat(false);
        return real;
    }

    private RumpPath absolute(List<Name> names) {
        return new RumpPath(fs, true, names);
    }

    private void step(List<Name> known, Name name, Deque<Name> rest, RumpPath path) throws IOException {
        RumpPath next = absolute(known).resolve(name);
        Stat stat = Target.of(next).stat(false);
        // the way through a link must be followed if `..` comes behind it
        if (!Mode.isSymlink(stat.attr().mode()) || !follow && !rest.contains(Name.DOT_DOT)) {
            known.add(
                    fs.isCaseSensitive()
                            ? name
                            : asListed(absolute(known), name, stat.attr().ino()));
            return;
        }
        if (++links > MOST_LINKS) {
            throw new FileSystemException(path.toString(), null, Errno.ELOOP.text());
        }
        byte[] target = fs.call(next, p -> p.readlinkat(Process.AT_FDCWD, next.toBytes()));
        RumpPath to = RumpPath.of(fs, target);
        if (to.isAbsolute()) {
            known.clear();
        }
        to.names().reversed().forEach(rest::addFirst);
    }

    private static Name asListed(RumpPath directory, Name name, long ino) throws IOException {
        try (var entries = RumpDirectoryStream.open(Target.of(directory), true, path -> true)) {
            for (var entry : entries) {
                Name listed = RumpPath.of(entry).names().getLast();
                if (listed.toString().equalsIgnoreCase(name.toString())
                        && Target.of(directory.resolve(listed))
                                        .stat(false)
                                        .attr()
                                        .ino()
                                == ino) {
                    return listed;
                }
            }
        }
        return name;
    }
}
