// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// The device of NetBSD's introduction to pud: who reads it gets one of two texts, and an ioctl says which.
///
/// Each open file reads the text once, and is at the end then.
public final class ToggleDevice implements CharDevice {
    /// Says which text: an int, 0 or 1. `_IOW('T', 1, int)`. ERANGE for any other.
    public static final int TOGGLE = 0x4004_5401;

    private static final String[] TEXTS = {"This is the first text.\n", "This is the other one.\n"};

    private int chosen; // one operation at a time: no lock

    public ToggleDevice() {}

    @Override
    public CharDevice open(int flags) {
        return new Reader();
    }

    /// One open file.
    private final class Reader implements CharDevice {
        private int position;

        @Override
        public int read(MemorySegment dst, long off, int flags) {
            byte[] text = TEXTS[chosen].getBytes(UTF_8);
            int count = (int) Math.min(Math.max(0, text.length - position), dst.byteSize());
            MemorySegment.copy(text, position, dst, JAVA_BYTE, 0, count);
            position += count;
            return count;
        }

        @Override
        public int ioctl(int command, MemorySegment in, MemorySegment out) throws ErrnoException {
            if (command != TOGGLE) {
                throw Errno.ENOTTY.error();
            }
            int wanted = in.get(JAVA_INT_UNALIGNED, 0);
            if (wanted < 0 || wanted >= TEXTS.length) {
                throw Errno.ERANGE.error("%d", wanted);
            }
            chosen = wanted;
            return 0;
        }
    }
}
