// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Loop devices, by `/dev/loop-control` and the ioctls of `include/uapi/linux/loop.h`. All of it needs root.
public final class LoopDev {
    public static final int LO_FLAGS_READ_ONLY = 1;

    /// The device is freed when it is closed for the last time.
    public static final int LO_FLAGS_AUTOCLEAR = 4;

    /// Reads and writes go to the file by O_DIRECT, not through its page cache.
    public static final int LO_FLAGS_DIRECT_IO = 16;

    static final int CLR_FD = 0x4c01;
    static final int CONFIGURE = 0x4c0a;
    static final int CTL_GET_FREE = 0x4c82;

    /// struct loop_config, and in it struct loop_info64.
    static final int CONFIG_SIZE = 304;

    private static final int FD = 0;
    private static final int BLOCK_SIZE = 4;
    private static final int INFO = 8;
    private static final int FLAGS = INFO + 52;
    private static final int FILE_NAME = INFO + 56;
    private static final int NAME_SIZE = 64;
    private static final int TRIES = 100;

    private LoopDev() {}

    /// Makes a free loop device out of `file`; returns its number: it is `/dev/loopN`.
    ///
    /// @param blockSize of the device, a power of two from 512 to the size of a page
    /// @param flags a set of the `LO_FLAGS_` constants
    /// @param name what losetup(8) shows where it does not find the path; 63 bytes of it are kept
    /// @throws ErrnoException EPERM, ENOENT without loop devices, EINVAL; EBUSY if others are always quicker
    public static int attach(Fd file, int blockSize, int flags, String name) throws ErrnoException {
        try (Fd control = Fd.open("/dev/loop-control", Fcntl.O_RDWR, 0);
                Arena arena = Arena.ofConfined()) {
            MemorySegment config = config(arena, file, blockSize, flags, name);
            for (int i = 0; i < TRIES; i++) {
                int number = control.ioctl(CTL_GET_FREE, 0);
                int access = (flags & LO_FLAGS_READ_ONLY) != 0 ? Fcntl.O_RDONLY : Fcntl.O_RDWR;
                try (Fd device = Fd.open("/dev/loop" + number, access, 0)) {
                    long result = device.tryIoctl(CONFIGURE, config.address());
                    if (result == 0) {
                        return number;
                    }
                    if (result != -Errno.EBUSY.number()) { // else somebody else took it meanwhile
                        throw Native.failure(result, "/dev/loop" + number);
                    }
                }
            }
            throw Errno.EBUSY.error("no loop device is free for long enough");
        }
    }

    private static MemorySegment config(Arena arena, Fd file, int blockSize, int flags, String name) {
        MemorySegment config = arena.allocate(CONFIG_SIZE, 8);
        config.set(JAVA_INT, FD, file.number());
        config.set(JAVA_INT, BLOCK_SIZE, blockSize);
        config.set(JAVA_INT, FLAGS, flags);
        byte[] bytes = name.getBytes(UTF_8);
        MemorySegment text = MemorySegment.ofArray(bytes);
        MemorySegment.copy(text, 0, config, FILE_NAME, Math.min(bytes.length, NAME_SIZE - 1));
        return config;
    }

    /// Frees `/dev/loopN`; if it is in use, as soon as it is not.
    ///
    /// @throws ErrnoException ENXIO if it has no file
    public static void detach(int number) throws ErrnoException {
        try (Fd device = Fd.open("/dev/loop" + number, Fcntl.O_RDONLY, 0)) {
            device.ioctl(CLR_FD, 0);
        }
    }
}
