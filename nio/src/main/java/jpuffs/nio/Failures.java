// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ReadOnlyFileSystemException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The exceptions of `java.nio.file` for the errors of the kernel. Each has the [ErrnoException] as its cause.
final class Failures {
    private Failures() {}

    /// @param file the path the operation was for
    /// @param other the second one, or null
    /// @throws ReadOnlyFileSystemException for EROFS: that one is unchecked
    static IOException of(ErrnoException e, String file, @Nullable String other) {
        if (e.errno() == Errno.EROFS) {
            var readOnly = new ReadOnlyFileSystemException();
            readOnly.initCause(e);
            throw readOnly;
        }
        FileSystemException failure = switch (e.errno()) {
            case ENOENT -> new NoSuchFileException(file, other, null);
            case EEXIST -> new FileAlreadyExistsException(other == null ? file : other);
            case EACCES -> new AccessDeniedException(file, other, null);
            case ENOTEMPTY -> new DirectoryNotEmptyException(other == null ? file : other);
            case ENOTDIR -> new NotDirectoryException(file);
            default -> new FileSystemException(file, other, e.reason());
        };
        failure.initCause(e);
        return failure;
    }
}
