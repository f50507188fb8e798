// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.BlockDevice;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.puffs.FileServer;
import jpuffs.puffs.MountOptions;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Mounts;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// A device that programs find under a path, served by this process.
///
/// ```java
/// try (var server = DeviceServer.serve(Path.of("/dev/null0"), new NullDevice())) {
///     server.await(); // until it is unmounted, or removed from another thread
/// }
/// ```
///
/// The path is a FUSE mount of a single file. A character device so served has no cache and no file position; it
/// differs from one with device numbers in that stat(2) says regular file, and that ioctl commands carry the data
/// their number says and no other (so `_IOW` and `_IOR` do, and those of terminals carry none), also where the
/// device is for more ([CharDevice#isUnrestricted]). A block device is a file of its size, of which [LoopDevice]
/// makes a device.
///
/// A character device is run by one loop, one operation at a time between two yields; a block device by several
/// threads.
public final class DeviceServer implements AutoCloseable {
    private static final String CUSE = "/dev/cuse";
    private static final int NODE_TRIES = 1000;
    private static final long NODE_NANOS = 5_000_000;

    private final Path path;
    private final boolean made;
    private final FileServer server;
    private final @Nullable CharFile file; // of a character device

    private DeviceServer(Path path, boolean made, FileServer server, @Nullable CharFile file) {
        this.path = path;
        this.made = made;
        this.server = server;
        this.file = file;
    }

    /// Serves a character device to everybody.
    ///
    /// @param path a file to cover, made if there is none
    /// @throws IOException as [FileServer#mount]; what making the file says
    public static DeviceServer serve(Path path, CharDevice device) throws IOException {
        return serve(path, device, 0666, MountOptions.defaults().withAllowOther(Sys.geteuid() == 0));
    }

    /// As [#serve(Path,CharDevice)], with permissions and mount options.
    public static DeviceServer serve(Path path, CharDevice device, int permissions, MountOptions options)
            throws IOException {
        var file = new CharFile(device, permissions);
        return mount(path, file, options.withType("chardev"), file);
    }

    /// Serves a character device by CUSE, as `/dev/NAME`: a device with numbers, in a kernel that has the module
    /// `cuse`. Needs root. The same device, unchanged, as with [#serve(Path,CharDevice)].
    ///
    /// @throws IOException ENOENT without CUSE; EACCES; EINVAL for a name that cannot be
    public static DeviceServer serveCuse(String name, CharDevice device, int permissions) throws IOException {
        if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
            throw EINVAL.error("%s: the name of a device has letters, digits, and _ . -", name);
        }
        var file = new CharFile(device, permissions);
        Fd fd = Fd.open(CUSE, Fcntl.O_RDWR, 0);
        FileServer server = FileServer.serve(fd, file, MountOptions.defaults().withCuse(name, device.isUnrestricted()));
        Path path = Path.of("/dev", name);
        boolean done = false;
        try {
            awaitNode(path);
            At.fchmodat(Fcntl.AT_FDCWD, Name.of(path.toString()), permissions);
            done = true;
            return new DeviceServer(path, false, server, file);
        } finally {
            if (!done) {
                server.close();
            }
        }
    }

    /// The kernel makes the node after it has our reply.
    private static void awaitNode(Path path) throws IOException {
        for (int i = 0; i < NODE_TRIES; i++) {
            if (Files.exists(path)) {
                return;
            }
            LockSupport.parkNanos(NODE_NANOS);
        }
        throw EEXIST.error("%s does not appear: is the name taken, or no devtmpfs mounted?", path);
    }

    /// Whether this kernel has CUSE and we may use it.
    public static boolean hasCuse() {
        return Files.isWritable(Path.of(CUSE));
    }

    /// Serves a block device as a file that only the user who serves it may open.
    ///
    /// @param path a file to cover, made if there is none
    /// @param fsname the source that mount(8) shows
    /// @throws IOException as [FileServer#mount]; what making the file says
    public static DeviceServer serve(Path path, BlockDevice device, String fsname) throws IOException {
        MountOptions options =
                MountOptions.defaults().withType("blockdev").withFsname(fsname).withReadOnly(device.isReadOnly());
        return mount(path, new BlockFile(device), options, null);
    }

    private static DeviceServer mount(Path path, FileSystem fs, MountOptions options, @Nullable CharFile file)
            throws IOException {
        boolean made = make(path);
        boolean done = false;
        try {
            var server = new DeviceServer(path.toRealPath(), made, FileServer.mount(path, fs, options), file);
            done = true;
            return server;
        } finally {
            if (!done && made) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static boolean make(Path path) throws IOException {
        try {
            Files.createFile(path);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /// Whether the kernel reads and writes the host's file that a block device is, and not by us. While somebody
    /// has it open.
    boolean isPassedThrough() {
        return server.hasBacking();
    }

    /// Where it is.
    public Path path() {
        return path;
    }

    /// Waits until it is unmounted.
    public void await() throws InterruptedException {
        server.await();
    }

    /// Takes a character device away from under those who have it open: what they wait for, and all they still do,
    /// fails with ENXIO, and the server ends when the last has closed it. A block device that is in use stays.
    ///
    /// @throws IOException EBUSY for a block device in use
    public void remove() throws IOException {
        if (file != null) {
            file.remove();
        }
        try {
            server.unmount(false);
        } catch (IOException e) {
            if (file == null || Errno.of(e) != EBUSY) {
                throw e;
            }
            Mounts.umount(Name.of(path.toString()), Mounts.MNT_DETACH);
        }
        deleteIfMade();
    }

    private void deleteIfMade() throws IOException {
        if (made) {
            Files.deleteIfExists(path);
        }
    }

    /// Ends it by force: who uses it gets errors.
    @Override
    public void close() throws IOException {
        server.close();
        deleteIfMade();
    }
}
