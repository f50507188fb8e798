// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOTTY;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.SetAttr;
import jpuffs.sys.Fd;

/// What open files and open directories have in common: a descriptor of the host, on which all is done.
abstract sealed class HostHandle extends Handle permits NullHandle, NullDirectory {
    // include/uapi/linux/fs.h. The first three are declared with a long and move an int.
    private static final int FS_IOC_GETFLAGS = 0x80086601;
    private static final int FS_IOC_SETFLAGS = 0x40086602;
    private static final int FS_IOC_GETVERSION = 0x80087601;
    private static final int FS_IOC_FSGETXATTR = 0x801c581f;
    private static final int FS_IOC_FSSETXATTR = 0x401c5820;
    private static final int FSXATTR_SIZE = 28;

    private final NullNode file;
    private final Fd fd;

    HostHandle(NullNode file, int flags, Fd fd) {
        super(file, flags);
        this.file = file;
        this.fd = fd;
    }

    final NullNode file() {
        return file;
    }

    final Fd fd() {
        return fd;
    }

    @Override
    public final Attr getattr() throws ErrnoException {
        return file.attr(fd.number());
    }

    @Override
    public Attr setattr(SetAttr change) throws ErrnoException {
        return file.shown(Changes.apply(fd.number(), change));
    }

    @Override
    public final void fsync(boolean dataOnly) throws ErrnoException {
        if (dataOnly) {
            fd.fdatasync();
        } else {
            fd.fsync();
        }
    }

    /// Flags, version and project of a file, as chattr(1) and lsattr(1) use them. Anything else might hand the host
    /// descriptors or addresses of another process: ENOTTY.
    @Override
    public final int ioctl(int command, MemorySegment in, MemorySegment out) throws ErrnoException {
        return switch (command) {
            case FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_GETVERSION -> ioctl(command, in, out, Integer.BYTES);
            case FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR -> ioctl(command, in, out, FSXATTR_SIZE);
            default -> throw ENOTTY.error();
        };
    }

    private int ioctl(int command, MemorySegment in, MemorySegment out, int size) throws ErrnoException {
        boolean isSet = command == FS_IOC_SETFLAGS || command == FS_IOC_FSSETXATTR;
        if ((isSet ? in : out).byteSize() < size) {
            throw EINVAL.error();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(Math.max(size, Long.BYTES), Long.BYTES);
            if (isSet) {
                MemorySegment.copy(in, 0, argument, 0, size);
            }
            int result = fd.ioctl(command, argument);
            if (!isSet) {
                MemorySegment.copy(argument, 0, out, 0, size);
            }
            return result;
        }
    }

    @Override
    public void release() {
        fd.close();
    }
}
