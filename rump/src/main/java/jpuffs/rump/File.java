// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ESPIPE;

import java.io.IOException;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import org.jspecify.annotations.Nullable;

/// An open file: what descriptors refer to, several of them after dup(2) or fork(2). (Linux: `struct file`.) Holds
/// its vnode. Guarded by the kernel lock.
final class File {
    final Vnode vnode;

    /// Tells it from every other file: the owner of its flock(2) locks.
    final long id;

    private final @Nullable Handle handle;
    private final Kernel kernel;
    private int flags;
    private int uses;

    /// Its flock(2) lock.
    Lock.Type flock = Lock.Type.NONE;

    /// The position of read(2), write(2) and getdents(2).
    long position;

    private File(Kernel kernel, Vnode vnode, @Nullable Handle handle, int flags) {
        this.kernel = kernel;
        this.vnode = vnode;
        this.handle = handle;
        this.flags = flags;
        this.id = kernel.nextFileId();
    }

    /// A file that `handle` was opened for; takes over the hold on `vnode`.
    static File open(Kernel kernel, Vnode vnode, Handle handle, int flags) {
        vnode.handles++;
        if (OpenFlags.canWrite(flags)) {
            vnode.mount.countWriter(1);
        }
        return new File(kernel, vnode, handle, flags);
    }

    /// A file opened with O_PATH, or one the file system knows nothing of, as a fifo.
    static File bare(Kernel kernel, Vnode vnode, int flags) {
        return new File(kernel, vnode, null, flags);
    }

    Kernel kernel() {
        return kernel;
    }

    int flags() {
        return flags;
    }

    void setFlags(int flags) {
        this.flags = flags;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean isPath() {
        return has(OpenFlags.O_PATH);
    }

    boolean hasHandle() {
        return handle != null;
    }

    /// The handle, for an operation.
    ///
    /// @throws ErrnoException EIO after a forced unmount
    Handle handle() throws ErrnoException {
        Node node = vnode.node();
        if (handle == null) {
            throw EIO.error("%s is not open", node);
        }
        return handle;
    }

    /// @throws ErrnoException EBADF if not open for reading
    File forReading() throws ErrnoException {
        if (!OpenFlags.canRead(flags)) {
            throw EBADF.error();
        }
        return this;
    }

    /// @throws ErrnoException EBADF if not open for writing
    File forWriting() throws ErrnoException {
        if (!OpenFlags.canWrite(flags)) {
            throw EBADF.error();
        }
        return this;
    }

    /// @throws ErrnoException ESPIPE for a fifo
    File seekable() throws ErrnoException {
        if (vnode.fifo != null) {
            throw ESPIPE.error();
        }
        return this;
    }

    File hold() {
        uses++;
        return this;
    }

    /// A descriptor is closed: its error is that of close(2), and the descriptor is closed all the same.
    void close() throws IOException {
        try {
            if (handle != null && !vnode.mount.isGone() && (handle.caching() & Handle.NOFLUSH) == 0) {
                handle.flush();
            }
        } finally {
            drop();
        }
    }

    /// Ends a use; the last one ends the file.
    void drop() {
        if (--uses > 0) {
            return;
        }
        FileLocks.releaseFlock(this);
        if (handle == null) {
            closeFifo();
        } else {
            closeHandle(handle);
        }
        vnode.release();
    }

    private void closeFifo() {
        Fifo fifo = vnode.fifo;
        if (fifo != null && !isPath()) {
            fifo.close(flags);
            vnode.fifo = fifo.isIdle() ? null : fifo;
        }
    }

    private void closeHandle(Handle open) {
        if (OpenFlags.canWrite(flags)) {
            vnode.mount.countWriter(-1);
        }
        vnode.handles--;
        if (vnode.mount.isGone()) {
            return;
        }
        try {
            open.release();
            if (vnode.handles == 0) {
                vnode.node().inactive();
            }
        } catch (IOException | RuntimeException e) {
            Kernel.LOG.log(System.Logger.Level.WARNING, "release of an open file", e);
        }
    }
}
