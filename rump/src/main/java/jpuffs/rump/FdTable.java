// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EMFILE;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The descriptors of a process. Guarded by the kernel lock.
final class FdTable {
    private final List<@Nullable File> files = new ArrayList<>();
    private int limit;

    /// @param limit descriptors are less than this (RLIMIT_NOFILE)
    FdTable(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    void setLimit(int limit) {
        this.limit = limit;
    }

    /// The file of a descriptor, also one opened with O_PATH.
    ///
    /// @throws ErrnoException EBADF
    File any(int fd) throws ErrnoException {
        File file = fd >= 0 && fd < files.size() ? files.get(fd) : null;
        if (file == null) {
            throw EBADF.error();
        }
        return file;
    }

    /// The file of a descriptor for I/O.
    ///
    /// @throws ErrnoException EBADF, also for O_PATH
    File get(int fd) throws ErrnoException {
        File file = any(fd);
        if (file.isPath()) {
            throw EBADF.error();
        }
        return file;
    }

    /// The least free descriptor from `from`.
    ///
    /// @throws ErrnoException EMFILE
    int free(int from) throws ErrnoException {
        int fd = from;
        while (fd < files.size() && files.get(fd) != null) {
            fd++;
        }
        if (fd >= limit) {
            throw EMFILE.error();
        }
        return fd;
    }

    /// Lets `fd`, which is free, refer to `file`.
    int put(int fd, File file) {
        while (files.size() <= fd) {
            files.add(null);
        }
        files.set(fd, file.hold());
        return fd;
    }

    /// Frees the descriptor and answers what it referred to; the caller closes that.
    File take(int fd) throws ErrnoException {
        File file = any(fd);
        files.set(fd, null);
        return file;
    }

    /// Whether the descriptor is in use.
    boolean isOpen(int fd) {
        return fd >= 0 && fd < files.size() && files.get(fd) != null;
    }

    /// The same files under the same numbers, for fork(2).
    FdTable copy() {
        var copy = new FdTable(limit);
        for (File file : files) {
            copy.files.add(file == null ? null : file.hold());
        }
        return copy;
    }

    int size() {
        return files.size();
    }
}
