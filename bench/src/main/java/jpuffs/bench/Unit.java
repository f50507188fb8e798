// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Locale;

/// How people like to read a time per operation.
enum Unit {
    MICROS("µs") {
        @Override
        double of(double nanosPerOp) {
            return nanosPerOp / 1e3;
        }
    },
    MILLIS("ms") {
        @Override
        double of(double nanosPerOp) {
            return nanosPerOp / 1e6;
        }
    },
    THOUSANDS_A_SECOND("k/s") {
        @Override
        double of(double nanosPerOp) {
            return 1e6 / nanosPerOp;
        }
    },
    /// For operations of 1 MiB.
    MIB_A_SECOND("MiB/s") {
        @Override
        double of(double nanosPerOp) {
            return 1e9 / nanosPerOp;
        }
    };

    private final String label;

    Unit(String label) {
        this.label = label;
    }

    abstract double of(double nanosPerOp);

    String label() {
        return label;
    }

    /// Three digits that count, without the unit.
    String format(double nanosPerOp) {
        return digits(of(nanosPerOp));
    }

    static String digits(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
