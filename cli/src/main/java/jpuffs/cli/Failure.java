// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import jpuffs.cli.fs.Line;

/// A command that ends without success: an exit code and the one line that goes to standard error after `puffs: `.
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    /// @param code one of [ExitCode]
    /// @param message one line, but for names in it that are not: what cannot be done, why, and where it helps
    ///     what to do
    Failure(int code, String message) {
        super(Line.of(message), null, false, false);
        this.code = code;
    }

    /// The command line is wrong.
    static Failure usage(String message) {
        return new Failure(ExitCode.USAGE, message);
    }

    int code() {
        return code;
    }

    /// What went wrong, never null.
    String text() {
        return String.valueOf(getMessage());
    }
}
