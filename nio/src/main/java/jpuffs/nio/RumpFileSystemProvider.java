// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.Access;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Ukfs;
import org.jspecify.annotations.Nullable;

/// Disk images as file systems of the JDK: `rump:` URIs. See the package.
public final class RumpFileSystemProvider extends FileSystemProvider {
    private static final RumpFileSystemProvider OWN = new RumpFileSystemProvider();

    private final Map<ImageName, RumpFileSystem> open = new ConcurrentHashMap<>();

    /// For [java.util.ServiceLoader]; programs use [java.nio.file.FileSystems].
    public RumpFileSystemProvider() {}

    /// A file system of what a program has mounted itself: on any [jpuffs.core.BlockDevice], in memory, with a
    /// clock of its own; or of a file server, which needs no mount either ([Ukfs#of]). No URI leads to it.
    ///
    /// @param ukfs closed with the file system
    /// @param name what it is called in messages
    public static FileSystem over(Ukfs ukfs, String name) throws IOException {
        return new RumpFileSystem(installed(), ukfs, new ImageName(ukfs.type().name(), "/" + name), () -> {});
    }

    private static RumpFileSystemProvider installed() {
        for (FileSystemProvider provider : installedProviders()) {
            if (provider instanceof RumpFileSystemProvider mine) {
                return mine;
            }
        }
        return OWN;
    }

    @Override
    public String getScheme() {
        return ImageName.SCHEME;
    }

    // File systems

    /// Opens what a URI names, from here on found by [#getFileSystem] until it is closed.
    ///
    /// @param env mount options by name, see `puffs help mount TYPE`: an option without value has `true` or an
    ///     empty text here; `false` is as if it were not there. Read-only are images that cannot be written, and
    ///     all with `ro`
    /// @throws FileSystemAlreadyExistsException if the image is open by another name or this one
    /// @throws IOException as [Ukfs#open(String, FsOptions)]
    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) throws IOException {
        ImageName name = ImageName.of(uri);
        ImageName key = name.key();
        synchronized (open) {
            if (open.containsKey(key)) {
                throw new FileSystemAlreadyExistsException(uri.toString());
            }
            RumpFileSystem fs = openImage(name, env, () -> open.remove(key));
            open.put(key, fs);
            return fs;
        }
    }

    /// As [#newFileSystem(URI, Map)], but nobody else finds it.
    ///
    /// @param path of an image of the default file system
    /// @throws UnsupportedOperationException if it is no image of a known file system
    @Override
    @SuppressWarnings("ReferenceEquality") // there is one
    public FileSystem newFileSystem(Path path, Map<String, ?> env) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault() || Files.isDirectory(path)) {
            throw new UnsupportedOperationException(path + " is not a disk image of this machine");
        }
        try {
            return openImage(new ImageName("", path.toAbsolutePath().toString()), env, () -> {});
        } catch (FileSystemException e) {
            if (e.getCause() instanceof ErrnoException cause && cause.errno() == Errno.EINVAL) {
                var unsupported = new UnsupportedOperationException(e.getMessage());
                unsupported.initCause(e);
                throw unsupported;
            }
            throw e;
        }
    }

    private RumpFileSystem openImage(ImageName name, Map<String, ?> env, Runnable onClose) throws IOException {
        boolean done = false;
        Ukfs ukfs = null;
        try {
            ukfs = name.open(options(env));
            var fs = new RumpFileSystem(this, ukfs, name, onClose);
            done = true;
            return fs;
        } catch (ErrnoException e) {
            throw Failures.of(e, name.toString(), null);
        } finally {
            if (!done && ukfs != null) {
                ukfs.close();
            }
        }
    }

    private static FsOptions options(Map<String, ?> env) {
        FsOptions options = FsOptions.NONE;
        for (Map.Entry<String, ?> each : env.entrySet()) {
            String value = String.valueOf(each.getValue());
            if (!value.equals("false")) {
                options = options.with(each.getKey(), value.equals("true") ? "" : value);
            }
        }
        return options;
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        RumpFileSystem fs = open.get(ImageName.of(uri).key());
        if (fs == null) {
            throw new FileSystemNotFoundException(uri + " is not open: see FileSystems.newFileSystem");
        }
        return fs;
    }

    @Override
    public Path getPath(URI uri) {
        byte[] path = ImageName.pathOf(uri);
        return RumpPath.of((RumpFileSystem) getFileSystem(uri), path);
    }

    // Files

    private static Target target(Path path) {
        return Target.of(RumpPath.of(path));
    }

    private static boolean follows(LinkOption... options) {
        return !List.of(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs)
            throws IOException {
        return newFileChannel(path, options, attrs);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs)
            throws IOException {
        return RumpFileChannel.open(target(path), OpenMode.of(options), attrs);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path dir, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        return RumpDirectoryStream.open(target(dir), true, filter);
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attrs) throws IOException {
        Names.mkdir(target(dir), AttributeNames.mode(0777, attrs));
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attrs) throws IOException {
        if (attrs.length > 0) {
            throw new UnsupportedOperationException("a symbolic link has no attributes when it is made");
        }
        Names.symlink(target(link), RumpPath.of(target).toBytes());
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        Names.link(target(existing), target(link));
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
        Target target = target(link);
        try {
            byte[] text = target.call(p -> p.readlinkat(Process.AT_FDCWD, target.bytes()));
            return RumpPath.of(target.fs(), text);
        } catch (FileSystemException e) {
            if (e.getCause() instanceof ErrnoException cause && cause.errno() == Errno.EINVAL) {
                throw new NotLinkException(link.toString());
            }
            throw e;
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Names.remove(target(path));
    }

    /// @throws ProviderMismatchException if one of them is of another provider
    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        new Copy(RumpPath.of(source), RumpPath.of(target), options).copy();
    }

    /// @throws ProviderMismatchException if one of them is of another provider
    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        new Copy(RumpPath.of(source), RumpPath.of(target), options).move();
    }

    @Override
    public boolean isSameFile(Path path, Path path2) throws IOException {
        if (path.equals(path2)) {
            return true;
        }
        return path2 instanceof RumpPath other
                && path.getFileSystem().equals(other.getFileSystem())
                && FileKey.of(target(path).stat(true))
                        .equals(FileKey.of(target(other).stat(true)));
    }

    /// By its name, as elsewhere on Unix.
    @Override
    public boolean isHidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        Target target = target(path);
        target.stat(true);
        return new RumpFileStore(target.fs());
    }

    /// As the super-user, who may do everything but execute what nobody may and write what is read-only.
    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        Target target = target(path);
        int mode = 0;
        for (AccessMode each : modes) {
            mode |= switch (each) {
                case READ -> Access.READ;
                case WRITE -> Access.WRITE;
                case EXECUTE -> Access.EXECUTE;
            };
        }
        int asked = mode;
        try {
            target.act(p -> p.faccessat(Process.AT_FDCWD, target.bytes(), asked, 0));
        } catch (ReadOnlyFileSystemException e) {
            throw new AccessDeniedException(path.toString(), null, Errno.EROFS.text());
        }
    }

    // Attributes

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return Views.of(type, target(path), follows(options));
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
            throw new UnsupportedOperationException("no attributes " + type.getName());
        }
        return type.cast(new RumpAttributes(target(path).stat(follows(options))));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return AttributeNames.parse(attributes).read(target(path), follows(options));
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        AttributeNames.parse(attribute).set(target(path), follows(options), value);
    }
}
