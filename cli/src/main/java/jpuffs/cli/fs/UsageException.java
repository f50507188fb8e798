// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

/// The words of a tool are not what it takes: one line that says why.
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message, null, false, false);
    }
}
