// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import jpuffs.core.OpenFlags;
import jpuffs.rump.Process;
import org.jspecify.annotations.Nullable;

/// An open directory. Entries are read as they are asked for, so many at a time, and what is added or removed
/// meanwhile may or may not be told; relative paths begin at this directory, wherever it is moved.
final class RumpDirectoryStream implements SecureDirectoryStream<Path> {
    private static final int BATCH = 256;

    private final Target target;
    private final RumpFileSystem fs;
    private final int fd;
    private final DirectoryStream.Filter<? super Path> filter;
    private final ReadWriteLock descriptor = new ReentrantReadWriteLock(); // to write: to close it
    private volatile boolean closed;
    private boolean iterated;

    private RumpDirectoryStream(Target target, int fd, DirectoryStream.Filter<? super Path> filter) {
        this.target = target;
        this.fs = target.fs();
        this.fd = fd;
        this.filter = filter;
    }

    /// @throws IOException NotDirectoryException, NoSuchFileException
    static RumpDirectoryStream open(Target target, boolean follow, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        int flags = OpenFlags.O_DIRECTORY | (follow ? 0 : OpenFlags.O_NOFOLLOW);
        RumpFileSystem fs = target.fs();
        return fs.opened(() -> {
            int fd = target.call(p -> p.openat(target.dirfd(), target.bytes(), flags, 0));
            return new RumpDirectoryStream(target, fd, filter);
        });
    }

    @Override
    public synchronized Iterator<Path> iterator() {
        if (closed) {
            throw new IllegalStateException("the directory stream is closed");
        }
        if (iterated) {
            throw new IllegalStateException("a directory stream has one iterator only");
        }
        iterated = true;
        return new Entries();
    }

    /// Ends when the stream is closed, but for what it has read.
    private final class Entries implements Iterator<Path> {
        private final Deque<RumpPath> read = new ArrayDeque<>();
        private @Nullable RumpPath next;
        private boolean end;

        @Override
        public synchronized boolean hasNext() {
            try {
                while (next == null && !(read.isEmpty() && end)) {
                    if (read.isEmpty()) {
                        fill();
                    } else {
                        RumpPath path = read.removeFirst();
                        next = filter.accept(path) ? path : null;
                    }
                }
            } catch (IOException e) {
                throw new DirectoryIteratorException(e);
            }
            return next != null;
        }

        private void fill() throws IOException {
            descriptor.readLock().lock();
            try {
                if (!closed) {
                    fs.act(
                            target.shown(),
                            p -> p.getdents(
                                    fd,
                                    (name, ino, mode, cookie) -> read.size() < BATCH
                                            && (name.isDot()
                                                    || name.isDotDot()
                                                    || read.add(target.shown().resolve(name)))));
                }
                end = read.isEmpty();
            } finally {
                descriptor.readLock().unlock();
            }
        }

        @Override
        public synchronized Path next() {
            RumpPath path = hasNext() ? next : null;
            if (path == null) {
                throw new NoSuchElementException();
            }
            next = null;
            return path;
        }
    }

    /// The descriptor; good within [#held].
    int descriptor() {
        return fd;
    }

    /// Does something while this is open.
    ///
    /// @throws ClosedDirectoryStreamException if it is not
    <R> R held(RumpFileSystem.Opening<R> use) throws IOException {
        descriptor.readLock().lock();
        try {
            if (closed) {
                throw new ClosedDirectoryStreamException();
            }
            return use.run();
        } finally {
            descriptor.readLock().unlock();
        }
    }

    /// A path that begins here.
    private Target target(Path path) {
        RumpPath relative = RumpPath.of(path);
        return new Target(this, relative, target.shown().resolve(relative));
    }

    private static boolean follows(LinkOption... options) {
        return !List.of(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public SecureDirectoryStream<Path> newDirectoryStream(Path path, LinkOption... options) throws IOException {
        return open(target(path), follows(options), _ -> true);
    }

    @Override
    public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs)
            throws IOException {
        return RumpFileChannel.open(target(path), OpenMode.of(options), attrs);
    }

    @Override
    public void deleteFile(Path path) throws IOException {
        Names.unlink(target(path), 0);
    }

    @Override
    public void deleteDirectory(Path path) throws IOException {
        Names.unlink(target(path), Process.AT_REMOVEDIR);
    }

    @Override
    public void move(Path path, SecureDirectoryStream<Path> to, Path toPath) throws IOException {
        if (!(to instanceof RumpDirectoryStream other)) {
            throw new ProviderMismatchException("not a directory of rump:");
        }
        Names.rename(target(path), other.target(toPath), 0);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(Class<V> type) {
        return Views.of(type, new Target(this, fs.here(), target.shown()), true);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return Views.of(type, target(path), follows(options));
    }

    @Override
    public void close() throws IOException {
        descriptor.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                fs.close(this, fd, target.shown());
            }
        } finally {
            descriptor.writeLock().unlock();
        }
    }
}
