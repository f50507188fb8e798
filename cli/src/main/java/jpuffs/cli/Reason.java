// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import jpuffs.cli.fs.Line;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Failures as a user is told of them.
final class Reason {
    private Reason() {}

    /// One line: what it concerns, if that is known, and the text of strerror(3).
    static String of(IOException failure) {
        return switch (failure) {
            case ErrnoException e -> oneLine(e.reason());
            case FileSystemException e -> oneLine(Errno.of(e).text(e));
            default -> oneLine(String.valueOf(failure.getMessage()));
        };
    }

    private static String oneLine(String message) {
        return Line.of(message.strip().replace("\n", "; "));
    }
}
