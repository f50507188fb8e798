// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.rump.Process.AT_FDCWD;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.OpenFlags;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rump.image.Images;
import org.jspecify.annotations.Nullable;

/// A file system for a program to use, by paths, in process: no mount, no root, no native access. (NetBSD:
/// ukfs(3).)
///
/// ```
/// try (var disk = Ukfs.open("disk.img@p2", FsOptions.NONE)) {
///     byte[] fstab = disk.read("/etc/fstab");
///     disk.copyIn(Path.of("kernel"), "/boot/kernel");
///     disk.process().symlinkat("kernel".getBytes(UTF_8), Process.AT_FDCWD, "/boot/vmlinuz".getBytes(UTF_8));
/// }
/// ```
///
/// For a few files by name. Code that has paths and streams takes the module `jpuffs.nio`, where the same is a file
/// system of `java.nio.file`; what neither has (holes, devices, other users, names that are not UTF-8) is in
/// [#process()], which has every system call.
///
/// It acts as the super-user, in a kernel of its own. Paths are UTF-8. Any thread may use it. [#close()] writes all
/// and unmounts: its failure means that something may not be on the disk.
public final class Ukfs implements AutoCloseable {
    private static final int BUFFER = 1 << 20;
    private static final int PAGE = 4096;

    private final Kernel kernel;
    private final Process process;
    private final RumpFsType type;
    private final BlockDevice device;
    private final boolean readOnly;

    private Ukfs(Kernel kernel, RumpFsType type, BlockDevice device, boolean readOnly) {
        this.kernel = kernel;
        this.type = type;
        this.device = device;
        this.readOnly = readOnly;
        this.process = kernel.newProcess(Cred.ROOT);
    }

    /// Opens what is on a disk image, whatever it is.
    ///
    /// @param image as [DiskName] has it
    /// @param options of the file system; with `ro` the image is not written
    /// @throws IOException EBUSY if another has it open, EINVAL if no known file system is on it
    public static Ukfs open(String image, FsOptions options) throws IOException {
        return openImage(null, image, options);
    }

    /// Opens a disk image as a file system of this type.
    ///
    /// @throws IOException EINVAL if it is none, and as [#open(String, FsOptions)]
    public static Ukfs open(RumpFsType type, String image, FsOptions options) throws IOException {
        return openImage(type, image, options);
    }

    private static Ukfs openImage(@Nullable RumpFsType asked, String image, FsOptions options) throws IOException {
        DiskName name = DiskName.parse(image);
        BlockDevice disk = Images.open(name, options.has("ro"));
        boolean done = false;
        try {
            RumpFsType type = asked == null ? RumpFsTypes.of(disk) : asked;
            if (type == null) {
                throw EINVAL.error("%s: no known file system", name);
            }
            Ukfs ukfs = mount(type, disk, options, Rumpuser.HOST);
            done = true;
            return ukfs;
        } finally {
            if (!done) {
                disk.close();
            }
        }
    }

    /// Mounts what is on `disk`, which is closed with it.
    public static Ukfs mount(RumpFsType type, BlockDevice disk, FsOptions options, Rumpuser host) throws IOException {
        boolean readOnly = options.has("ro") || type.isReadOnly() || disk.isReadOnly() && type.usesDevice();
        var kernel = new Kernel(type.mount(disk, options, host), readOnly ? Kernel.MS_RDONLY : 0, host);
        return new Ukfs(kernel, type, disk, readOnly);
    }

    /// Uses a file system that is there already, such as a file server's (`SysPuffs`). It is unmounted with this;
    /// what it rests on is the caller's to close then.
    ///
    /// @param type what it is called, as in `syspuffs`
    public static Ukfs of(FileSystem fs, String type) throws IOException {
        return mount(new Present(type, fs), MemoryDisk.ofSize(0), FsOptions.NONE, Rumpuser.HOST);
    }

    /// The type of one file system.
    private record Present(String name, FileSystem fs) implements RumpFsType {
        @Override
        public String summary() {
            return "a file system that is there already";
        }

        @Override
        public boolean usesDevice() {
            return false;
        }

        @Override
        public FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) {
            return fs;
        }
    }

    /// What kind of file system it is.
    public RumpFsType type() {
        return type;
    }

    /// Whether nothing can be changed: by `ro`, or because the disk cannot be written.
    public boolean isReadOnly() {
        return readOnly;
    }

    /// The kernel, for more mounts and processes.
    public Kernel kernel() {
        return kernel;
    }

    /// The process that these methods use, and all its system calls.
    public Process process() {
        return process;
    }

    private static byte[] bytes(String path) {
        return path.getBytes(UTF_8);
    }

    private interface FileTask {
        void run(int fd) throws IOException;
    }

    private void withFile(String path, int flags, FileTask task) throws IOException {
        int fd = process.openat(AT_FDCWD, bytes(path), flags, 0666);
        try {
            task.run(fd);
        } finally {
            process.close(fd);
        }
    }

    /// All of a file.
    ///
    /// @throws ErrnoException EFBIG for one of 2 GiB or more
    public byte[] read(String path) throws IOException {
        long size = stat(path).size();
        if (size > Integer.MAX_VALUE - 8) {
            throw EFBIG.error("%s has %d bytes", path, size);
        }
        byte[] content = new byte[(int) size];
        MemorySegment all = MemorySegment.ofArray(content);
        withFile(path, OpenFlags.O_RDONLY, fd -> {
            for (long done = 0; done < size; ) {
                int n = process.pread(fd, all.asSlice(done), done);
                if (n == 0) {
                    throw Errno.EIO.error("%s ends at %d", path, done);
                }
                done += n;
            }
        });
        return content;
    }

    /// Makes a file of these bytes, or replaces the content of an existing one.
    public void write(String path, byte[] content) throws IOException {
        withFile(
                path,
                OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC,
                fd -> writeAll(fd, MemorySegment.ofArray(content)));
    }

    private void writeAll(int fd, MemorySegment bytes) throws IOException {
        for (long done = 0; done < bytes.byteSize(); ) {
            done += process.write(fd, bytes.asSlice(done));
        }
    }

    /// Copies a file of the host into the file system, its bytes only.
    public void copyIn(Path host, String path) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel from = FileChannel.open(host, StandardOpenOption.READ)) {
            MemorySegment buffer = buffer(arena, from.size());
            withFile(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, fd -> {
                for (int n = from.read(buffer.asByteBuffer()); n > 0; n = from.read(buffer.asByteBuffer())) {
                    writeAll(fd, buffer.asSlice(0, n));
                }
            });
        }
    }

    /// For a file of about that many bytes: memory is cleared when it is taken, and most files are small.
    private static MemorySegment buffer(Arena arena, long size) {
        return arena.allocate(Math.clamp(size + 1, PAGE, BUFFER), PAGE);
    }

    /// Copies a file out to the host, its bytes only; an existing one there is replaced.
    public void copyOut(String path, Path host) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel to = FileChannel.open(
                        host,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            withFile(path, OpenFlags.O_RDONLY, fd -> {
                long size = process.fstat(fd).attr().size();
                MemorySegment buffer = buffer(arena, size);
                for (int n = process.read(fd, buffer); n > 0; n = process.read(fd, buffer)) {
                    var bytes = buffer.asSlice(0, n).asByteBuffer();
                    while (bytes.hasRemaining()) {
                        to.write(bytes);
                    }
                }
            });
        }
    }

    /// The attributes; symbolic links are followed.
    public Attr stat(String path) throws ErrnoException {
        return process.fstatat(AT_FDCWD, bytes(path), 0).attr();
    }

    /// The attributes; a symbolic link at the end is told itself.
    public Attr lstat(String path) throws ErrnoException {
        return process.fstatat(AT_FDCWD, bytes(path), Process.AT_SYMLINK_NOFOLLOW)
                .attr();
    }

    public boolean exists(String path) throws ErrnoException {
        try {
            stat(path);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    /// The names in a directory without `.` and `..`, in its order.
    public List<String> list(String path) throws IOException {
        var names = new ArrayList<String>();
        withFile(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, fd -> {
            int before = -1;
            while (before != names.size()) {
                before = names.size();
                process.getdents(fd, (name, ino, mode, cookie) -> names.add(name.toString()));
            }
        });
        names.removeAll(List.of(".", ".."));
        return names;
    }

    public void mkdir(String path) throws ErrnoException {
        process.mkdirat(AT_FDCWD, bytes(path), 0777);
    }

    /// Makes a directory and those above it that are missing. (ukfs: ukfs_util_builddirs.)
    public void mkdirs(String path) throws ErrnoException {
        for (int at = path.indexOf('/', 1); ; at = path.indexOf('/', at + 1)) {
            String upTo = at < 0 ? path : path.substring(0, at);
            if (!exists(upTo)) {
                mkdir(upTo);
            }
            if (at < 0) {
                return;
            }
        }
    }

    public void symlink(String target, String path) throws ErrnoException {
        process.symlinkat(bytes(target), AT_FDCWD, bytes(path));
    }

    public String readlink(String path) throws ErrnoException {
        return new String(process.readlinkat(AT_FDCWD, bytes(path)), UTF_8);
    }

    public void rename(String path, String newPath) throws ErrnoException {
        process.renameat2(AT_FDCWD, bytes(path), AT_FDCWD, bytes(newPath), 0);
    }

    /// Removes a name, or an empty directory.
    public void remove(String path) throws ErrnoException {
        boolean directory = Mode.isDirectory(lstat(path).mode());
        process.unlinkat(AT_FDCWD, bytes(path), directory ? Process.AT_REMOVEDIR : 0);
    }

    /// Removes a directory with all that is in it, or a file.
    public void removeTree(String path) throws IOException {
        if (Mode.isDirectory(lstat(path).mode())) {
            for (String name : list(path)) {
                removeTree(path + "/" + name);
            }
        }
        remove(path);
    }

    /// Makes what was written durable.
    public void sync() throws ErrnoException {
        process.sync();
    }

    /// Ends the process and unmounts; then closes the device. What the program has opened by [#process()] ends with
    /// it.
    @Override
    public void close() throws IOException {
        try (device;
                kernel) {
            process.close();
            kernel.unmountAll();
        }
    }
}
