// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOMEM;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.Caller;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.puffs.wire.Wire.InHeader;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.BufferPool;
import org.jspecify.annotations.Nullable;

/// A file system behind the FUSE wire, without a transport or a thread: whoever has a request brings it, and it is
/// served before the call returns, on behalf of [jpuffs.core.Caller#current()]. What the request's header says of
/// its process is not looked at.
///
/// For file systems that wait for no event loop. One that is not [FileSystem#isThreadSafe()] is asked one operation
/// at a time, also while an operation waits.
public final class LocalServer implements AutoCloseable {
    private static final long MAX_BUFFERS = 64L << 20;

    private final Session session;
    private final BufferPool pool = new BufferPool(MAX_BUFFERS);
    private final @Nullable ReentrantLock one;
    private boolean closed;

    /// Takes what the server tells unasked.
    @FunctionalInterface
    public interface Notified {
        /// Waits for nothing.
        ///
        /// @param body of this length; borrowed until return
        void notified(int code, MemorySegment body, int length);
    }

    /// What came of a request.
    ///
    /// @param error its errno, 0 for success
    /// @param body the answer behind its header, from the beginning
    public record Answer(int error, MemorySegment body, int length) {}

    /// Begins to serve; the first request is INIT.
    ///
    /// @throws IOException EINVAL if `fs` may wait for locks with only one operation at a time
    public LocalServer(FileSystem fs, MountOptions options, Notified notified) throws IOException {
        if (fs.keepsLocks() && !fs.isThreadSafe()) {
            throw EINVAL.error("who waits for a lock would keep out who gives it up");
        }
        one = fs.isThreadSafe() ? null : new ReentrantLock();
        session = new Session(fs, options);
        session.notifier().use((message, _) -> {
            int length = (int) message.byteSize() - OutHeader.SIZE;
            notified.notified(message.get(Request.INT, OutHeader.ERROR), message.asSlice(OutHeader.SIZE), length);
            return 0;
        });
    }

    /// Serves one request. From any thread.
    ///
    /// @param head header, argument structure and names
    /// @param data what follows them, if it lies elsewhere
    /// @param room where an answer of that size may be built, or null; one that does not fit there has memory
    ///     of its own
    public Answer serve(MemorySegment head, @Nullable MemorySegment data, @Nullable MemorySegment room) {
        var request = new LocalRequest(room);
        request.header(head, 0);
        request.caller = Caller.current();
        int size = (int) Math.min(head.byteSize() - InHeader.SIZE, session.argSize(request.op));
        long end = (long) InHeader.SIZE + size;
        if (data == null) {
            request.body(head, InHeader.SIZE, size, head, end, head.byteSize() - end);
        } else {
            request.body(head, InHeader.SIZE, size, data, 0, data.byteSize());
        }
        if (one == null) {
            session.serve(request);
        } else {
            one.lock();
            try {
                session.serve(request);
            } finally {
                one.unlock();
            }
        }
        return request.answer();
    }

    /// Tells the file system that it is unmounted, and gives everything back. Nobody brings requests any more.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            session.unmount(true);
        } catch (IOException e) {
            Session.LOG.log(Level.DEBUG, "unmount: " + e.getMessage());
        }
        session.close();
        session.notifier().close();
        Connection.closeQuietly(pool);
    }

    private final class LocalRequest extends Request {
        private final @Nullable MemorySegment given;
        private @Nullable MemorySegment own;

        LocalRequest(@Nullable MemorySegment given) {
            this.given = given;
        }

        @Override
        MemorySegment room(int size) throws ErrnoException {
            if (own == null && given != null && given.isNative() && size <= given.byteSize()) {
                return given;
            }
            if (own == null) {
                own = pool.take(size);
            }
            if (own == null || own.byteSize() < size) {
                throw ENOMEM.error("no memory for an answer of %d bytes", size);
            }
            return own;
        }

        @Override
        void finish() {
            throw new UnsupportedOperationException("it is answered where it is asked");
        }

        Answer answer() {
            MemorySegment built = own;
            int length = error == 0 ? replyLength : 0;
            MemorySegment body = given == null ? MemorySegment.NULL : given;
            if (built != null) {
                if (given == null || length > given.byteSize()) {
                    body = MemorySegment.ofArray(built.asSlice(0, length).toArray(JAVA_BYTE));
                } else {
                    MemorySegment.copy(built, 0, given, 0, length);
                }
                pool.give(built);
            }
            return new Answer(error, body, length);
        }
    }
}
