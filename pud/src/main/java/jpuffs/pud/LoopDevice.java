// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import java.io.IOException;
import java.nio.file.Path;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.LoopDev;

/// A block device of the kernel, `/dev/loopN`, made of the file that a [DeviceServer] serves. Needs root.
///
/// The file is read and written by O_DIRECT. So the kernel keeps no dirty pages of it, and memory that runs short
/// does not wait for a server that itself wants memory; what is cached is cached once, by the device. Not so where
/// the kernel passes reads and writes to a file of the host: its pages are that file system's, and wait for no
/// server.
public final class LoopDevice implements AutoCloseable {
    private final int number;
    private boolean attached = true;

    private LoopDevice(int number) {
        this.number = number;
    }

    /// Makes a device of the file that `server` serves. Not from a thread that serves it.
    ///
    /// @param blockSize of the device, a power of two from 512 to 4,096
    /// @throws ErrnoException EPERM without privilege, ENOENT where the kernel has no loop devices
    public static LoopDevice attach(DeviceServer server, boolean readOnly, int blockSize) throws ErrnoException {
        String file = server.path().toString();
        try (Fd fd = Fd.open(file, readOnly ? Fcntl.O_RDONLY : Fcntl.O_RDWR, 0)) {
            int direct = server.isPassedThrough() ? 0 : LoopDev.LO_FLAGS_DIRECT_IO;
            int flags = direct | (readOnly ? LoopDev.LO_FLAGS_READ_ONLY : 0);
            return new LoopDevice(LoopDev.attach(fd, blockSize, flags, file));
        }
    }

    /// The device.
    public Path path() {
        return Path.of("/dev/loop" + number);
    }

    /// Whether somebody uses it exclusively: it is mounted, or part of something that is.
    public boolean isInUse() throws ErrnoException {
        try (Fd _ = Fd.open(path(), Fcntl.O_RDONLY | Fcntl.O_EXCL, 0)) {
            return false;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EBUSY) {
                return true;
            }
            throw e;
        }
    }

    /// Frees the device; one in use as soon as it is not. Nothing happens the second time.
    @Override
    public void close() throws IOException {
        if (attached) {
            attached = false;
            LoopDev.detach(number);
        }
    }
}
