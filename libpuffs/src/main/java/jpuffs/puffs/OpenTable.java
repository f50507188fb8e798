// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBADF;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;

/// The handles the kernel holds, by `fh`. Numbers are never used twice.
final class OpenTable {
    private final ConcurrentHashMap<Long, OpenFile> files = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong(1);

    OpenFile add(Inode inode, Handle handle, boolean backed) {
        var file = new OpenFile(next.getAndIncrement(), inode, handle, backed);
        files.put(file.fh(), file);
        return file;
    }

    /// @throws ErrnoException EBADF for a number that is not open
    OpenFile get(long fh) throws ErrnoException {
        OpenFile file = files.get(fh);
        if (file == null) {
            throw EBADF.error("fh %d is not open", fh);
        }
        return file;
    }

    OpenFile remove(long fh) throws ErrnoException {
        OpenFile file = files.remove(fh);
        if (file == null) {
            throw EBADF.error("fh %d is not open", fh);
        }
        return file;
    }

    /// Takes out all that are open.
    List<OpenFile> removeAll() {
        List<OpenFile> all = List.copyOf(files.values());
        files.clear();
        return all;
    }

    int size() {
        return files.size();
    }
}
