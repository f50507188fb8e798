// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// `struct termios` and `struct termios2` of the kernel (asm-generic/termbits.h), as far as a serial line has a use
/// for them: speed, frame and flow control. There is no line discipline: input and output are raw, and that is what
/// is told.
final class Termios {
    static final int SIZE = 36;
    static final int SIZE2 = 44;

    private static final int IFLAG = 0;
    private static final int CFLAG = 8;
    private static final int CC = 17;
    private static final int ISPEED = 36;
    private static final int OSPEED = 40;

    private static final int VTIME = 5;
    private static final int VMIN = 6;
    private static final int IXON = 0x400;
    private static final int IXOFF = 0x1000;
    private static final int CBAUD = 0x100f;
    private static final int BOTHER = 0x1000;
    private static final int CSIZE_SHIFT = 4;
    private static final int CSIZE = 3;
    private static final int CSTOPB = 0x40;
    private static final int CREAD = 0x80;
    private static final int PARENB = 0x100;
    private static final int PARODD = 0x200;
    private static final int CLOCAL = 0x800;
    private static final int CRTSCTS = 1 << 31;

    /// By the codes B50 to B38400, and from B57600 on.
    private static final int[] SLOW = {
        0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400
    };

    private static final int[] FAST = {
        0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000,
        3500000, 4000000
    };

    private Termios() {}

    /// Tells the mode of a line.
    ///
    /// @param out zeros, of [#SIZE] or [#SIZE2]
    static void put(LineMode mode, boolean polls, MemorySegment out) {
        boolean software = mode.flow() == LineMode.Flow.SOFTWARE;
        boolean hardware = mode.flow() == LineMode.Flow.HARDWARE;
        int frame = (mode.bits() - 5 << CSIZE_SHIFT) | (mode.stopBits() == 2 ? CSTOPB : 0);
        int parity = mode.parity() == 'N' ? 0 : mode.parity() == 'O' ? PARENB | PARODD : PARENB;
        int flags = CREAD | CLOCAL | frame | parity | code(mode.speed()) | (hardware ? CRTSCTS : 0);
        out.set(JAVA_INT_UNALIGNED, IFLAG, software ? IXON | IXOFF : 0);
        out.set(JAVA_INT_UNALIGNED, CFLAG, flags);
        out.set(JAVA_BYTE, CC + VMIN, (byte) (polls ? 0 : 1));
        if (out.byteSize() == SIZE2) {
            out.set(JAVA_INT_UNALIGNED, ISPEED, mode.speed());
            out.set(JAVA_INT_UNALIGNED, OSPEED, mode.speed());
        }
    }

    /// The mode that a program wants; speed 0 is to hang up.
    static LineMode mode(MemorySegment in) {
        int input = in.get(JAVA_INT_UNALIGNED, IFLAG);
        int flags = in.get(JAVA_INT_UNALIGNED, CFLAG);
        char parity = (flags & PARENB) == 0 ? 'N' : (flags & PARODD) == 0 ? 'E' : 'O';
        var flow = (flags & CRTSCTS) != 0
                ? LineMode.Flow.HARDWARE
                : (input & (IXON | IXOFF)) != 0 ? LineMode.Flow.SOFTWARE : LineMode.Flow.NONE;
        int bits = 5 + (flags >>> CSIZE_SHIFT & CSIZE);
        return new LineMode(speed(in, flags), bits, parity, (flags & CSTOPB) == 0 ? 1 : 2, flow);
    }

    /// Whether a read is to end at once when there is nothing: VMIN and VTIME are both 0.
    static boolean polls(MemorySegment in) {
        return in.get(JAVA_BYTE, CC + VMIN) == 0 && in.get(JAVA_BYTE, CC + VTIME) == 0;
    }

    private static int speed(MemorySegment in, int flags) {
        int code = flags & CBAUD;
        if (code == BOTHER) {
            return in.byteSize() == SIZE2 ? in.get(JAVA_INT_UNALIGNED, OSPEED) : 0;
        }
        return (code & BOTHER) == 0 ? SLOW[code] : FAST[code & ~BOTHER];
    }

    private static int code(int speed) {
        for (int i = 1; i < SLOW.length; i++) {
            if (SLOW[i] == speed) {
                return i;
            }
            if (FAST[i] == speed) {
                return BOTHER | i;
            }
        }
        return BOTHER;
    }
}
