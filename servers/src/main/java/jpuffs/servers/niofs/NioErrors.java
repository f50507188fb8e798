// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.niofs;

import java.io.IOException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.ProviderMismatchException;
import java.util.HashMap;
import java.util.Map;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The errno of what a provider throws: the one in its causes, else the one whose text of strerror(3) is the reason
/// (as the JDK's own file system has it), else what its class says.
final class NioErrors {
    private static final Map<String, Errno> BY_TEXT = byText();

    private NioErrors() {}

    private static Map<String, Errno> byText() {
        var errnos = new HashMap<String, Errno>();
        for (Errno errno : Errno.values()) {
            errnos.put(errno.text(), errno);
        }
        return errnos;
    }

    /// An operation of a provider.
    @FunctionalInterface
    interface Operation<R> {
        R run() throws IOException;
    }

    /// Runs it; whatever a provider may throw by its contract becomes an [ErrnoException].
    static <R> R call(Operation<R> operation) throws ErrnoException {
        try {
            return operation.run();
        } catch (ErrnoException e) {
            throw e;
        } catch (IOException e) {
            Errno errno = of(e);
            throw errno.error("%s", e instanceof FileSystemException failure ? errno.text(failure) : e);
        } catch (UnsupportedOperationException e) { // a ReadOnlyFileSystemException is one
            Errno errno = Errno.of(e);
            throw (errno == Errno.EIO ? Errno.EOPNOTSUPP : errno).error("%s", e);
        } catch (InvalidPathException e) {
            throw Errno.EINVAL.error("%s", e);
        } catch (NonReadableChannelException | NonWritableChannelException e) {
            throw Errno.EBADF.error("%s", e);
        } catch (SecurityException e) {
            throw Errno.EACCES.error("%s", e);
        } catch (ProviderMismatchException e) {
            throw Errno.EXDEV.error("%s", e);
        }
    }

    private static Errno of(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ErrnoException e) {
                return e.errno();
            }
        }
        if (failure instanceof AtomicMoveNotSupportedException) {
            return Errno.EXDEV;
        }
        Errno byClass = Errno.of(failure);
        Errno told = failure instanceof FileSystemException e ? byReason(e.getReason()) : null;
        return byClass == Errno.EIO && told != null ? told : byClass;
    }

    private static @Nullable Errno byReason(@Nullable String reason) {
        return reason == null ? null : BY_TEXT.get(reason);
    }
}
