// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rump.Process;
import jpuffs.rumpfs.Ukfs;
import org.jspecify.annotations.Nullable;

/// A [Ukfs] as a file system of the JDK. Any thread may use it; the kernel runs one call at a time.
///
/// **Lock order:** a channel's lock, [#using], the kernel's. Nobody calls [#close] with any of them.
final class RumpFileSystem extends FileSystem {
    /// More than most programs open at once; the JDK's own file system has the host's limit.
    private static final int MOST_FILES = 1 << 16;

    private static final Name PROBE = Name.of("user.jpuffs.probe");

    private final RumpFileSystemProvider provider;
    private final Ukfs ukfs;
    private final ImageName name;
    private final Runnable onClose;
    private final RumpPath root = new RumpPath(this, true, List.of());
    private final Watches watches = new Watches();
    private final FileLocks locks = new FileLocks();
    private final Set<Closeable> resources = ConcurrentHashMap.newKeySet();
    private final ReadWriteLock using = new ReentrantReadWriteLock(); // to write: to end it
    private volatile boolean open = true;
    private volatile @Nullable Boolean xattrs;

    /// @param ukfs closed with this
    /// @param onClose told that it is closed now
    RumpFileSystem(RumpFileSystemProvider provider, Ukfs ukfs, ImageName name, Runnable onClose) throws IOException {
        this.provider = provider;
        this.ukfs = ukfs;
        this.name = name;
        this.onClose = onClose;
        ukfs.process().setNofile(MOST_FILES);
    }

    /// A system call.
    @FunctionalInterface
    interface Call<R> {
        R run(Process process) throws ErrnoException;
    }

    /// A system call without a result.
    @FunctionalInterface
    interface Action {
        void run(Process process) throws ErrnoException;
    }

    /// Makes a system call; its errors become those of `java.nio.file`.
    ///
    /// @param file the path they name
    <R> R call(Path file, Call<R> call) throws IOException {
        return call(file, null, call);
    }

    <R> R call(Path file, @Nullable Path other, Call<R> call) throws IOException {
        using.readLock().lock();
        try {
            requireOpen();
            return call.run(ukfs.process());
        } catch (ErrnoException e) {
            throw Failures.of(e, file.toString(), other == null ? null : other.toString());
        } finally {
            using.readLock().unlock();
        }
    }

    void act(Path file, Action action) throws IOException {
        call(file, p -> {
            action.run(p);
            return true;
        });
    }

    /// Something that is open: made by `opening`, closed with this file system at the latest.
    <C extends Closeable> C opened(Opening<C> opening) throws IOException {
        using.readLock().lock();
        try {
            requireOpen();
            C resource = opening.run();
            resources.add(resource);
            return resource;
        } finally {
            using.readLock().unlock();
        }
    }

    @FunctionalInterface
    interface Opening<C> {
        C run() throws IOException;
    }

    /// Closes a descriptor for a resource that was closed.
    void close(Closeable resource, int fd, Path file) throws IOException {
        try {
            ukfs.process().close(fd);
        } catch (ErrnoException e) {
            throw Failures.of(e, file.toString(), null);
        } finally {
            resources.remove(resource);
        }
    }

    /// Removes a file that was to live as long as a channel to it, if it is still there.
    void deleteOnClose(Target file) {
        try {
            ukfs.process().unlinkat(file.dirfd(), file.bytes(), 0);
            watches.deleted(file.shown());
        } catch (ErrnoException e) {
            // as much as can be done
        }
    }

    void forget(Closeable resource) {
        resources.remove(resource);
    }

    void requireOpen() {
        if (!open) {
            throw new ClosedFileSystemException();
        }
    }

    Ukfs ukfs() {
        return ukfs;
    }

    Watches watches() {
        return watches;
    }

    FileLocks locks() {
        return locks;
    }

    RumpPath root() {
        return root;
    }

    /// The empty path.
    RumpPath here() {
        return new RumpPath(this, false, List.of());
    }

    URI uri(RumpPath path) {
        return name.uri(path.toBytes());
    }

    /// Whether names that differ in small and capital letters are one file's.
    boolean isCaseSensitive() {
        return ukfs.type().isCaseSensitive();
    }

    /// Whether files have attributes of users: found out by asking for one.
    boolean hasXattrs() {
        Boolean known = xattrs;
        if (known == null) {
            known = askForXattrs();
            xattrs = known;
        }
        return known;
    }

    private boolean askForXattrs() {
        using.readLock().lock();
        try {
            requireOpen();
            ukfs.process().getxattrat(Process.AT_FDCWD, root.toBytes(), 0, PROBE);
            return true;
        } catch (ErrnoException e) {
            return e.errno() == Errno.ENODATA;
        } finally {
            using.readLock().unlock();
        }
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    /// Closes all channels, streams and watch services of it, writes everything and closes the image.
    @Override
    public void close() throws IOException {
        using.writeLock().lock();
        try {
            if (!open) {
                return;
            }
            open = false; // from here on nothing is opened any more
        } finally {
            using.writeLock().unlock();
        }
        try (ukfs) {
            closeResources();
        } finally {
            onClose.run();
        }
    }

    private void closeResources() throws IOException {
        IOException failure = null;
        for (Closeable resource : resources) {
            try {
                resource.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isReadOnly() {
        return ukfs.isReadOnly();
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        requireOpen();
        return List.of(root);
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        requireOpen();
        return List.of(new RumpFileStore(this));
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        requireOpen();
        return hasXattrs()
                ? Set.of("basic", "owner", "posix", "unix", "user")
                : Set.of("basic", "owner", "posix", "unix");
    }

    @Override
    public Path getPath(String first, String... more) {
        requireOpen();
        var text = new StringBuilder(first);
        for (String each : more) {
            if (!each.isEmpty()) {
                text.append(text.isEmpty() ? "" : "/").append(each);
            }
        }
        return RumpPath.parse(this, text.toString());
    }

    /// `glob:` and `regex:`, of the path as text. Capital and small letters are the same where they are for the
    /// file system.
    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        requireOpen();
        int colon = syntaxAndPattern.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(syntaxAndPattern + ": glob:PATTERN or regex:PATTERN is needed");
        }
        String pattern = syntaxAndPattern.substring(colon + 1);
        String regex = switch (syntaxAndPattern.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "glob" -> Glob.toRegex(pattern);
            case "regex" -> pattern;
            default -> throw new UnsupportedOperationException(syntaxAndPattern + ": neither glob nor regex");
        };
        Pattern compiled =
                Pattern.compile(regex, isCaseSensitive() ? 0 : Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        return path -> compiled.matcher(path.toString()).matches();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        requireOpen();
        return Principals.INSTANCE;
    }

    @Override
    public RumpWatchService newWatchService() throws IOException {
        return opened(() -> new RumpWatchService(this));
    }

    /// As the image is called.
    @Override
    public String toString() {
        return name.toString();
    }
}
