// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A failed operation: an [Errno] and, where it helps, a text.
///
/// Made by [Errno#error()]. It has no stack trace, since an errno is an answer and not a surprise; the system
/// property `jpuffs.errno.trace` (any value) gives each its trace.
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final boolean TRACE = System.getProperty("jpuffs.errno.trace") != null;

    private final Errno errno;

    ErrnoException(Errno errno, @Nullable String detail) {
        super(detail == null ? null : prefix(errno) + detail);
        this.errno = errno;
    }

    /// The error number.
    public Errno errno() {
        return errno;
    }

    /// The message without the name of the errno in front, for users: the detail, or else the text of strerror(3).
    public String reason() {
        String message = super.getMessage();
        return message == null ? errno.text() : message.substring(prefix(errno).length());
    }

    @Override
    public String getMessage() {
        return prefix(errno) + reason();
    }

    private static String prefix(Errno errno) {
        return errno + ": ";
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing is shared
    public Throwable fillInStackTrace() {
        return TRACE ? super.fillInStackTrace() : this;
    }
}
