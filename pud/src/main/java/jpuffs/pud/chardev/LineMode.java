// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static jpuffs.core.Errno.EINVAL;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jpuffs.core.ErrnoException;

/// How a serial line sends a byte.
///
/// @param speed in bits a second
/// @param bits of a byte, 5 to 8
/// @param parity N, O or E
/// @param stopBits 1 or 2
record LineMode(int speed, int bits, char parity, int stopBits, Flow flow) {
    private static final Pattern FRAME = Pattern.compile("([5-8])([NOE])([12])");

    /// What keeps a sender from sending too much.
    enum Flow {
        NONE(1),
        SOFTWARE(2),
        HARDWARE(3);

        private final int number;

        Flow(int number) {
            this.number = number;
        }

        /// In RFC 2217.
        int number() {
            return number;
        }

        static Flow of(int number) {
            return number == 2 ? SOFTWARE : number == 3 ? HARDWARE : NONE;
        }
    }

    /// With another frame, such as `8N1`.
    ///
    /// @throws ErrnoException EINVAL
    LineMode withFrame(String frame) throws ErrnoException {
        Matcher parts = FRAME.matcher(frame);
        if (!parts.matches()) {
            throw EINVAL.error("mode=%s: it is like 8N1", frame);
        }
        int wantedBits = parts.group(1).charAt(0) - '0';
        return new LineMode(
                speed, wantedBits, parts.group(2).charAt(0), parts.group(3).charAt(0) - '0', flow);
    }

    LineMode withSpeed(int wanted) {
        return new LineMode(wanted, bits, parity, stopBits, flow);
    }
}
