// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENXIO;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.Attr;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.IoctlMemory;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.jspecify.annotations.Nullable;

/// A character device as a file system that is one file, without caches and without positions: what the FUSE mount
/// of a device serves, and what a CUSE device is behind its initialisation.
final class CharFile implements FileSystem {
    private final CharDevice device;
    private final int permissions;
    private final Node root = new Root();
    private final Set<Thread> busy = ConcurrentHashMap.newKeySet();
    private volatile boolean removed;

    CharFile(CharDevice device, int permissions) {
        this.device = device;
        this.permissions = permissions;
    }

    @Override
    public Node root() {
        return root;
    }

    /// From now on every operation of those who have it open fails with ENXIO, what waits too.
    void remove() {
        removed = true;
        busy.forEach(Thread::interrupt);
    }

    /// An operation of the device.
    private interface Operation {
        int run() throws IOException;
    }

    private int run(Operation operation) throws IOException {
        Thread here = Thread.currentThread();
        busy.add(here);
        try {
            return removed ? gone() : operation.run();
        } catch (IOException e) {
            if (removed && Errno.of(e) == EINTR) {
                return gone();
            }
            throw e;
        } finally {
            busy.remove(here);
            if (removed) {
                Thread.interrupted(); // it has done its work; the reply is still to be written
            }
        }
    }

    private static int gone() throws ErrnoException {
        throw ENXIO.error("the device was removed");
    }

    private final class Root implements Node {
        @Override
        public Attr getattr() {
            return Attr.file(permissions, 0);
        }

        /// Truncating and touching a device do nothing.
        @Override
        public Attr setattr(SetAttr change) {
            return getattr();
        }

        @Override
        public Handle open(int flags) throws IOException {
            if (removed) {
                gone();
            }
            return new CharHandle(this, flags, device.open(flags));
        }
    }

    private final class CharHandle extends Handle {
        private final CharDevice open;

        CharHandle(Node node, int flags, CharDevice open) {
            super(node, flags);
            this.open = open;
        }

        @Override
        public int caching() {
            return DIRECT_IO | NONSEEKABLE | STREAM | NOFLUSH | PARALLEL_WRITES;
        }

        @Override
        public int read(MemorySegment dst, long off, int flags) throws IOException {
            return run(() -> open.read(dst, off, flags));
        }

        @Override
        public int write(MemorySegment src, long off, int flags) throws IOException {
            return run(() -> open.write(src, off, flags));
        }

        @Override
        public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
            return run(() -> open.ioctl(command, in, out));
        }

        @Override
        public int ioctl(int command, long argument, IoctlMemory memory) throws IOException {
            return run(() -> open.ioctl(command, argument, memory));
        }

        @Override
        public int poll(int events, @Nullable Runnable waker) throws IOException {
            return run(() -> open.poll(events, waker));
        }

        @Override
        public void fsync(boolean dataOnly) {}

        @Override
        public void release() throws IOException {
            open.close();
        }
    }
}
