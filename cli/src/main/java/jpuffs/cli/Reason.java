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
            case ErrnoException e -> withoutName(e);
            case FileSystemException e ->
                oneLine(file(e) + (e.getReason() == null ? Errno.of(e).text() : e.getReason()));
            default -> oneLine(String.valueOf(failure.getMessage()));
        };
    }

    private static String withoutName(ErrnoException failure) {
        String message = oneLine(failure.getMessage());
        String name = failure.errno() + ": ";
        return message.startsWith(name) ? message.substring(name.length()) : message;
    }

    private static String file(FileSystemException failure) {
        return failure.getFile() == null ? "" : failure.getFile() + ": ";
    }

    private static String oneLine(String message) {
        return Line.of(message.strip().replace("\n", "; "));
    }
}
