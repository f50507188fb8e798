// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Random bytes without end, as `/dev/urandom`; what is written is gone.
public final class RandomDevice implements CharDevice {
    private static final int PIECE = 64 << 10;

    private final SecureRandom random;

    /// @throws ErrnoException ENODEV where the JDK lacks the algorithm
    public RandomDevice() throws ErrnoException {
        try {
            random = SecureRandom.getInstance("DRBG"); // seeded by the kernel, and faster than its device
        } catch (NoSuchAlgorithmException e) {
            throw Errno.ENODEV.error("%s", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public int read(MemorySegment dst, long off, int flags) {
        var bytes = new byte[(int) Math.min(dst.byteSize(), PIECE)];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, dst, JAVA_BYTE, 0, bytes.length);
        return bytes.length;
    }

    @Override
    public int write(MemorySegment src, long off, int flags) {
        return (int) src.byteSize();
    }
}
