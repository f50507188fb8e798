// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.niofs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import jpuffs.core.Access;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.core.layers.NamePath;
import jpuffs.core.layers.PathFileSystem;
import org.jspecify.annotations.Nullable;

/// The operations on a tree of [Path]s.
final class NioPaths implements PathFileSystem {
    private static final String USER = "user.";

    private final Path root;
    private final NioAttrs attrs;
    private final boolean readOnly;

    NioPaths(Path root, NioAttrs attrs, boolean readOnly) {
        this.root = root;
        this.attrs = attrs;
        this.readOnly = readOnly;
    }

    /// The path of the file system below, or null for a name it cannot have: one that is not UTF-8.
    private @Nullable Path find(NamePath path) {
        Path found = root;
        for (Name name : path.names()) {
            String text = name.toString();
            if (!name.is(text)) {
                return null;
            }
            found = found.resolve(text);
        }
        return found;
    }

    private Path at(NamePath path) throws ErrnoException {
        Path found = find(path);
        if (found == null) {
            throw Errno.EILSEQ.error("%s is not UTF-8", path);
        }
        return found;
    }

    private void requireWritable() throws ErrnoException {
        if (readOnly) {
            throw EROFS.error();
        }
    }

    @Override
    public @Nullable Attr getattr(NamePath path) throws IOException {
        Path found = find(path);
        try {
            return found == null ? null : NioErrors.call(() -> attrs.read(found));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public Collection<Name> list(NamePath path) throws IOException {
        Path directory = at(path);
        return NioErrors.call(() -> {
            var names = new ArrayList<Name>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                for (Path entry : entries) {
                    addName(names, entry);
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
            return names;
        });
    }

    /// A name that no file can have here, such as one with a slash in an object store, is left out.
    private static void addName(List<Name> names, Path entry) {
        String text = String.valueOf(entry.getFileName());
        Name name = Name.of(text.endsWith("/") ? text.substring(0, text.length() - 1) : text); // zip's directories
        try {
            names.add(name.checkComponent());
        } catch (ErrnoException e) {
            // not to be had
        }
    }

    @Override
    public int read(NamePath path, MemorySegment dst, long off) throws IOException {
        Path file = at(path);
        return NioErrors.call(() -> {
            try (var channel = Files.newByteChannel(file)) {
                return NioHandle.read(channel, dst, off);
            }
        });
    }

    @Override
    public Handle open(NamePath path, Node file, int flags) throws IOException {
        if (OpenFlags.canWrite(flags)) {
            requireWritable();
        }
        return NioHandle.open(file, flags, at(path));
    }

    @Override
    public void setattr(NamePath path, SetAttr change) throws IOException {
        requireWritable();
        Path file = at(path);
        SetAttr rest = change.has(SetAttr.SIZE) ? resize(file, change) : change;
        NioErrors.call(() -> {
            attrs.set(file, rest);
            return true;
        });
    }

    /// Changes the size. To the size it has is a modification too, of which a channel knows nothing.
    private SetAttr resize(Path file, SetAttr change) throws IOException {
        long size = NioErrors.call(() -> attrs.read(file)).size();
        if (size != change.size()) {
            resize(file, change.size());
            return change;
        }
        return change.has(SetAttr.MTIME) ? change : change.withMtime(Time.now()).with(SetAttr.MTIME_NOW);
    }

    private static void resize(Path file, long size) throws IOException {
        NioErrors.call(() -> {
            try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
                NioHandle.resize(channel, size);
            }
            return true;
        });
    }

    private interface Making {
        void run(Path path) throws IOException;
    }

    /// Makes a file, with the owner and mode that a new file has here.
    private void make(NamePath path, int mode, Cred cred, Making making) throws IOException {
        requireWritable();
        Path file = at(path);
        Path directory = at(path.parent());
        NioErrors.call(() -> {
            Attr made = Access.created(attrs.read(directory), mode, cred, Time.EPOCH);
            making.run(file);
            attrs.own(file, made);
            return true;
        });
    }

    @Override
    public void mknod(NamePath path, int mode, int rdev, Cred cred) throws IOException {
        if (!Mode.isRegular(mode)) {
            throw EPERM.error("no fifos, sockets and devices in java.nio.file");
        }
        make(path, mode, cred, file -> Files.createFile(file, attrs.forNew(mode)));
    }

    @Override
    public void mkdir(NamePath path, int mode, Cred cred) throws IOException {
        make(path, Mode.S_IFDIR | mode, cred, directory -> Files.createDirectory(directory, attrs.forNew(mode)));
    }

    @Override
    public void symlink(NamePath path, byte[] target, Cred cred) throws IOException {
        String text = new String(target, StandardCharsets.UTF_8);
        make(
                path,
                Mode.S_IFLNK | 0777,
                cred,
                link -> Files.createSymbolicLink(link, link.getFileSystem().getPath(text)));
    }

    @Override
    public byte[] readlink(NamePath path) throws IOException {
        Path link = at(path);
        return NioErrors.call(() -> Files.readSymbolicLink(link).toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void unlink(NamePath path) throws IOException {
        remove(path);
    }

    @Override
    public void rmdir(NamePath path) throws IOException {
        remove(path);
    }

    private void remove(NamePath path) throws IOException {
        requireWritable();
        Path file = at(path);
        NioErrors.call(() -> {
            Files.delete(file);
            return true;
        });
    }

    @Override
    public void rename(NamePath path, NamePath newPath, int flags) throws IOException {
        requireWritable();
        if (flags != 0 && flags != Node.RENAME_NOREPLACE) {
            throw EINVAL.error();
        }
        Path from = at(path);
        Path to = at(newPath);
        NioErrors.call(() -> flags == 0 ? replace(from, to) : Files.move(from, to));
    }

    private static Path replace(Path from, Path to) throws IOException {
        try {
            return Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException | UnsupportedOperationException e) {
            return Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    // Extended attributes: those of users

    private @Nullable UserDefinedFileAttributeView view(NamePath path) throws ErrnoException {
        return Files.getFileAttributeView(at(path), UserDefinedFileAttributeView.class, NOFOLLOW_LINKS);
    }

    private UserDefinedFileAttributeView view(NamePath path, Name name) throws ErrnoException {
        UserDefinedFileAttributeView view = view(path);
        if (view == null || !name.toString().startsWith(USER)) {
            throw EOPNOTSUPP.error();
        }
        return view;
    }

    private static String attribute(Name name) {
        return name.toString().substring(USER.length());
    }

    @Override
    public byte @Nullable [] getxattr(NamePath path, Name name) throws IOException {
        UserDefinedFileAttributeView view = view(path, name);
        if (!has(view, name)) {
            return null;
        }
        return NioErrors.call(() -> {
            ByteBuffer value = ByteBuffer.allocate(view.size(attribute(name)));
            view.read(attribute(name), value);
            return value.array();
        });
    }

    private static boolean has(UserDefinedFileAttributeView view, Name name) throws ErrnoException {
        return NioErrors.call(() -> view.list().contains(attribute(name)));
    }

    @Override
    public List<Name> listxattr(NamePath path) throws IOException {
        UserDefinedFileAttributeView view = view(path);
        return view == null
                ? List.of()
                : NioErrors.call(() ->
                        view.list().stream().map(name -> Name.of(USER + name)).toList());
    }

    @Override
    public void setxattr(NamePath path, Name name, byte[] value, int flags) throws IOException {
        requireWritable();
        UserDefinedFileAttributeView view = view(path, name);
        boolean there = has(view, name);
        if (there && flags == Node.XATTR_CREATE) {
            throw EEXIST.error();
        }
        if (!there && flags == Node.XATTR_REPLACE) {
            throw ENODATA.error();
        }
        NioErrors.call(() -> view.write(attribute(name), ByteBuffer.wrap(value)));
    }

    @Override
    public void removexattr(NamePath path, Name name) throws IOException {
        requireWritable();
        UserDefinedFileAttributeView view = view(path, name);
        if (!has(view, name)) {
            throw ENODATA.error();
        }
        NioErrors.call(() -> {
            view.delete(attribute(name));
            return true;
        });
    }

    @Override
    public StatFs statfs() throws IOException {
        return NioErrors.call(() -> {
            FileStore store = Files.getFileStore(root);
            int unit = StatFs.UNKNOWN.blockSize();
            return new StatFs(
                    unit,
                    store.getTotalSpace() / unit,
                    store.getUnallocatedSpace() / unit,
                    store.getUsableSpace() / unit,
                    0,
                    0,
                    Name.MAX);
        });
    }
}
