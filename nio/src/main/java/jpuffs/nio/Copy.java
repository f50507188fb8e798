// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import jpuffs.rump.Process;

/// One `Files.copy` or `Files.move` between paths of this provider, of one image or of two.
///
/// A move inside of a file system is one rename(2). Between two of them a file, link or empty directory is copied
/// with its attributes and removed; a directory with files in it is refused, as the JDK does it.
final class Copy {
    private final Target from;
    private final Target to;
    private final Set<CopyOption> options;

    /// @throws UnsupportedOperationException for an option that is not known
    Copy(RumpPath from, RumpPath to, CopyOption... options) {
        this.from = Target.of(from);
        this.to = Target.of(to);
        this.options = Set.copyOf(List.of(options));
        for (CopyOption option : this.options) {
            if (!(option instanceof StandardCopyOption) && option != LinkOption.NOFOLLOW_LINKS) {
                throw new UnsupportedOperationException(option + " is not known");
            }
        }
    }

    private boolean replaces() {
        return options.contains(StandardCopyOption.REPLACE_EXISTING);
    }

    private boolean isSameFile(boolean follow) throws IOException {
        return from.fs().equals(to.fs())
                && to.watches().exists(to)
                && FileKey.of(from.stat(follow)).equals(FileKey.of(to.stat(false)));
    }

    void copy() throws IOException {
        if (options.contains(StandardCopyOption.ATOMIC_MOVE)) {
            throw new UnsupportedOperationException("a copy cannot be ATOMIC_MOVE");
        }
        boolean follow = !options.contains(LinkOption.NOFOLLOW_LINKS);
        RumpAttributes attributes = new RumpAttributes(from.stat(follow));
        if (!isSameFile(follow)) {
            clear();
            copy(attributes, options.contains(StandardCopyOption.COPY_ATTRIBUTES));
        }
    }

    /// Makes room for the target, or says that there is none.
    private void clear() throws IOException {
        if (to.watches().exists(to)) {
            if (!replaces()) {
                throw new FileAlreadyExistsException(to.shown().toString());
            }
            Names.remove(to);
        }
    }

    private void copy(RumpAttributes attributes, boolean withAttributes) throws IOException {
        int mode = attributes.stat().attr().mode();
        if (attributes.isDirectory()) {
            Names.mkdir(to, mode & Mode.PERMISSIONS);
        } else if (attributes.isSymbolicLink()) {
            Names.symlink(to, from.call(p -> p.readlinkat(Process.AT_FDCWD, from.bytes())));
        } else if (attributes.isRegularFile()) {
            copyBytes(mode & Mode.PERMISSIONS);
        } else {
            int rdev = attributes.stat().attr().rdev();
            to.act(p -> p.mknodat(Process.AT_FDCWD, to.bytes(), mode, rdev));
            to.watches().created(to.shown());
        }
        if (withAttributes) {
            copyAttributes(attributes);
        }
    }

    private void copyBytes(int mode) throws IOException {
        var reading = OpenMode.of(Set.of(StandardOpenOption.READ));
        var writing = OpenMode.of(Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        try (FileChannel source = RumpFileChannel.open(from, reading);
                FileChannel target = RumpFileChannel.open(to, writing, AttributeNames.ofMode(mode))) {
            long size = source.size();
            for (long done = 0; done < size; ) {
                long n = source.transferTo(done, size - done, target);
                if (n == 0) {
                    return; // it has become shorter
                }
                done += n;
            }
        }
    }

    /// Owner, mode, times and attributes of users, as far as the target has such.
    private void copyAttributes(RumpAttributes attributes) throws IOException {
        var view = new FileView("unix", to, false);
        asFarAsThereAre(() -> view.chown(
                attributes.stat().attr().uid(), attributes.stat().attr().gid()));
        if (!attributes.isSymbolicLink()) {
            asFarAsThereAre(() -> view.setMode(attributes.stat().attr().mode() & Mode.PERMISSIONS));
            if (from.fs().hasXattrs() && to.fs().hasXattrs()) {
                copyXattrs();
            }
        }
        view.setTimes(attributes.lastModifiedTime(), attributes.lastAccessTime(), null);
    }

    private void copyXattrs() throws IOException {
        var source = new UserView(from, true);
        var target = new UserView(to, true);
        for (String name : source.list()) {
            target.write(name, ByteBuffer.wrap(source.get(name)));
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /// A FAT keeps no owners, and says so by EPERM or EOPNOTSUPP.
    private static void asFarAsThereAre(Step step) throws IOException {
        try {
            step.run();
        } catch (FileSystemException e) {
            if (!isErrno(e, Errno.EPERM) && !isErrno(e, Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
    }

    private static boolean isErrno(FileSystemException e, Errno errno) {
        return e.getCause() instanceof ErrnoException cause && cause.errno() == errno;
    }

    void move() throws IOException {
        boolean atomic = options.contains(StandardCopyOption.ATOMIC_MOVE);
        RumpAttributes attributes = new RumpAttributes(from.stat(false));
        if (!atomic && isSameFile(false)) {
            return;
        }
        try {
            if (!from.fs().equals(to.fs())) {
                throw crossing();
            }
            rename(atomic, attributes.isDirectory());
        } catch (FileSystemException e) {
            if (!isErrno(e, Errno.EXDEV)) {
                throw e;
            }
            if (atomic) {
                throw new AtomicMoveNotSupportedException(
                        from.shown().toString(), to.shown().toString(), Errno.EXDEV.text());
            }
            moveAcross(attributes);
        }
    }

    private FileSystemException crossing() {
        var crossing =
                new FileSystemException(from.shown().toString(), to.shown().toString(), Errno.EXDEV.text());
        crossing.initCause(Errno.EXDEV.error());
        return crossing;
    }

    /// File servers need not know of RENAME_NOREPLACE: then one looks before, and another process may be quicker.
    private void renameToNothing() throws IOException {
        try {
            Names.rename(from, to, Node.RENAME_NOREPLACE);
        } catch (FileSystemException e) {
            if (!isErrno(e, Errno.EINVAL)) {
                throw e;
            }
            if (to.watches().exists(to)) {
                throw new FileAlreadyExistsException(to.shown().toString());
            }
            Names.rename(from, to, 0);
        }
    }

    /// rename(2) replaces a file by a file and an empty directory by a directory; of different kinds the old one is
    /// removed before.
    private void rename(boolean atomic, boolean directory) throws IOException {
        if (atomic) {
            Names.rename(from, to, 0);
        } else if (!replaces()) {
            renameToNothing();
        } else {
            if (to.watches().exists(to) && new RumpAttributes(to.stat(false)).isDirectory() != directory) {
                Names.remove(to);
            }
            Names.rename(from, to, 0);
        }
    }

    private void moveAcross(RumpAttributes attributes) throws IOException {
        if (attributes.isDirectory()) {
            try (var entries = RumpDirectoryStream.open(from, false, _ -> true)) {
                if (entries.iterator().hasNext()) {
                    throw new FileSystemException(
                            from.shown().toString(),
                            to.shown().toString(),
                            "a directory with files in it cannot be moved to another file system");
                }
            }
        }
        clear();
        copy(attributes, true);
        Names.remove(from);
    }
}
