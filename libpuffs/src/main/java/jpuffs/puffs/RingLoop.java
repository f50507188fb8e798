// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.ECONNABORTED;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENODEV;
import static jpuffs.core.Errno.ENOMEM;
import static jpuffs.core.Errno.ENOTCONN;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Waiter;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.puffs.wire.Wire.RetrieveIn;
import jpuffs.puffs.wire.Wire.RingHeader;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import jpuffs.sys.Sys;
import jpuffs.sys.Uring;

/// One loop with a ring, on a thread pinned to a CPU, for one or more queues of FUSE over io_uring.
///
/// A round of the loop is one io_uring_enter(2): it commits the replies of the last round, which fetches the next
/// requests, and waits. The loop's other descriptors are in an epoll set that the ring polls.
final class RingLoop implements Waiter {
    /// FUSE_IO_URING_CMD_REGISTER and FUSE_IO_URING_CMD_COMMIT_AND_FETCH
    private static final int CMD_REGISTER = 1;

    private static final int CMD_COMMIT_AND_FETCH = 2;

    /// struct fuse_uring_cmd_req
    private static final int CMD_COMMIT_ID = 8;

    private static final int CMD_QID = 16;

    private static final long POLL_DATA = -1;

    /// Header and iovec of an entry, side by side.
    private static final int ENTRY_HEADER = 512;

    private static final int IOVEC_AT = 320;
    private static final int RING_ENTRIES = 64;

    private final int cpu;
    private final Session session;
    private final BufferPool pool;
    private final Uring ring;
    private final EventLoop loop;
    private final List<RingRequest> entries = new ArrayList<>();
    private final List<MemorySegment> buffers = new ArrayList<>();
    private final Map<Long, CallContext> waiting = new HashMap<>();
    private final Thread thread;
    private final Runnable broken;
    private boolean epollReady;
    private boolean started;
    private int live;

    private RingLoop(int cpu, Uring ring, Session session, BufferPool pool, Runnable broken) throws IOException {
        this.cpu = cpu;
        this.ring = ring;
        this.session = session;
        this.pool = pool;
        this.broken = broken;
        loop = EventLoop.open();
        loop.waitIn(this);
        thread = Thread.ofPlatform().name("puffs-ring-" + cpu).unstarted(this::run);
    }

    /// @param broken runs if the kernel does not take what this offers
    static RingLoop open(int cpu, Fd device, Session session, BufferPool pool, Runnable broken) throws IOException {
        Uring ring = Uring.open(RING_ENTRIES, 0);
        boolean done = false;
        try {
            ring.registerFile(device);
            var ringLoop = new RingLoop(cpu, ring, session, pool, broken);
            done = true;
            return ringLoop;
        } finally {
            if (!done) {
                ring.close();
            }
        }
    }

    /// Makes the entries of a queue. Before [#start].
    void addQueue(int queue, int depth, int payload) throws ErrnoException {
        for (int i = 0; i < depth; i++) {
            MemorySegment header = take(4096);
            entries.add(new RingRequest(entries.size(), queue, header, take(payload), payload));
        }
    }

    private MemorySegment take(int size) throws ErrnoException {
        MemorySegment buffer = pool.take(size);
        if (buffer == null) {
            throw ENOMEM.error("no memory for rings");
        }
        buffers.add(buffer);
        return buffer;
    }

    void start() {
        started = true;
        thread.start();
    }

    private void run() {
        try {
            pin();
            pollEpoll();
            live = entries.size();
            for (RingRequest entry : entries) {
                register(entry);
            }
            loop.run();
        } catch (IOException | RuntimeException e) {
            Session.LOG.log(Level.ERROR, "ring of CPU " + cpu + " ended", e);
            broken.run();
        }
    }

    private void pin() {
        try {
            Sys.pinTo(cpu);
        } catch (ErrnoException e) {
            Session.LOG.log(Level.DEBUG, "not pinned to CPU " + cpu, e);
        }
    }

    private void pollEpoll() throws ErrnoException {
        ring.poll(loop.epollFd(), Poll.POLLIN, true, POLL_DATA);
    }

    private void register(RingRequest entry) throws ErrnoException {
        entry.iovecs();
        command(CMD_REGISTER, entry, entry.head.address() + IOVEC_AT, 2, 0);
    }

    private void command(int command, RingRequest entry, long address, int length, long commitId)
            throws ErrnoException {
        long at = ring.command(command, address, length, entry.index);
        MemorySegment submission = ring.submissions();
        submission.set(Request.LONG, at + CMD_COMMIT_ID, commitId);
        submission.set(Request.SHORT, at + CMD_QID, (short) entry.queue);
    }

    @Override
    public boolean await(long timeoutNanos) throws IOException {
        epollReady = false;
        if (timeoutNanos != 0 && ring.completions() == 0) {
            ring.submitAndWait(1, timeoutNanos);
        } else if (ring.room() < RING_ENTRIES) {
            ring.submit();
        }
        int count = ring.completions();
        for (int i = 0; i < count; i++) {
            completed(ring.userData(i), ring.result(i), ring.flags(i));
            if ((i + 1) % Session.PORTION == 0) {
                loop.flush();
            }
        }
        ring.advance(count);
        return epollReady;
    }

    private void completed(long userData, int result, int flags) throws IOException {
        if (userData == POLL_DATA) {
            epollReady = true;
            if ((flags & Uring.CQE_F_MORE) == 0) {
                pollEpoll();
            }
            return;
        }
        RingRequest entry = entries.get((int) userData);
        if (result < 0) {
            retire(entry, -result);
        } else {
            entry.begin();
        }
    }

    /// The kernel gave an entry back: at the end of the connection, or because it refused it. The loop ends with
    /// the last.
    private void retire(RingRequest entry, int error) {
        live--;
        boolean normal = error == ENOTCONN.number() || error == ENODEV.number() || error == ECONNABORTED.number();
        if (!normal) {
            Session.LOG.log(Level.ERROR, "queue {0}: {1}", entry.queue, Errno.of(error));
            broken.run();
        }
        waiting.values().forEach(CallContext::cancel);
        if (live == 0) {
            loop.stop();
        }
    }

    /// Cancels the context of a request, if it is here, and says whether it was.
    void interrupt(long unique, Consumer<Boolean> found) {
        try {
            loop.execute(() -> {
                CallContext context = waiting.get(unique);
                if (context != null) {
                    context.cancel();
                }
                found.accept(context != null);
            });
        } catch (RejectedExecutionException e) {
            found.accept(false); // at the end
        }
    }

    void stop() {
        loop.stop();
    }

    void join(long seconds) throws InterruptedException {
        if (started) {
            thread.join(TimeUnit.SECONDS.toMillis(seconds));
        }
    }

    /// After the thread has ended.
    ///
    /// @throws IOException EBUSY if the kernel still has entries, whose memory must stay
    void close() throws IOException {
        Connection.closeQuietly(loop); // contexts that are left end with it, and would write to the ring
        ring.close();
        if (live > 0) {
            throw EBUSY.error("the kernel holds %d entries of a ring", live);
        }
        buffers.forEach(pool::give);
        buffers.clear();
    }

    /// An entry of a queue, used for one request after the other. The payload buffer has the request's data, then
    /// the reply's.
    private final class RingRequest extends Request implements Runnable {
        private final int index;
        private final int queue;
        private final MemorySegment head;
        private final MemorySegment payload;
        private final int capacity;
        private boolean finished;
        private boolean listed;

        RingRequest(int index, int queue, MemorySegment head, MemorySegment payload, int capacity) {
            this.index = index;
            this.queue = queue;
            this.head = head.asSlice(0, ENTRY_HEADER);
            this.payload = payload;
            this.capacity = capacity;
        }

        void iovecs() {
            head.set(LONG, IOVEC_AT, head.address());
            head.set(LONG, IOVEC_AT + 8, RingHeader.SIZE);
            head.set(LONG, IOVEC_AT + 16, payload.address());
            head.set(LONG, IOVEC_AT + 24, capacity);
        }

        void begin() {
            header(head, RingHeader.IN_OUT);
            int length = Math.clamp(head.get(INT, RingHeader.PAYLOAD_SIZE), 0, capacity);
            if (op == Opcode.NOTIFY_REPLY && beginsWithArguments(length)) {
                body(payload, 0, RetrieveIn.SIZE, payload, RetrieveIn.SIZE, length - RetrieveIn.SIZE);
            } else {
                body(head, RingHeader.OP_IN, session.argSize(op), payload, 0, length);
            }
            finished = false;
            listed = false;
            caller = Callers.of(uid, gid, pid);
            CallContext context = loop.spawn(caller, this);
            if (!finished) {
                waiting.put(unique, context);
                listed = true;
            }
        }

        /// Linux 6.18 leaves the place for arguments as it was, and puts those of this operation before its data.
        private boolean beginsWithArguments(int length) {
            return length >= RetrieveIn.SIZE && payload.get(INT, RetrieveIn.LENGTH) == length - RetrieveIn.SIZE;
        }

        @Override
        public void run() {
            session.serve(this);
            finish();
        }

        @Override
        MemorySegment room(int size) throws ErrnoException {
            if (size > capacity) {
                throw EIO.error("%s: a reply of %d bytes does not fit", what(), size);
            }
            return payload;
        }

        @Override
        void finish() {
            int length = error == 0 ? replyLength : 0;
            head.set(INT, RingHeader.IN_OUT + OutHeader.LEN, OutHeader.SIZE + length);
            head.set(INT, RingHeader.IN_OUT + OutHeader.ERROR, -error);
            head.set(LONG, RingHeader.IN_OUT + OutHeader.UNIQUE, unique);
            head.set(INT, RingHeader.PAYLOAD_SIZE, length);
            finished = true;
            if (listed) {
                waiting.remove(unique);
            }
            try {
                command(CMD_COMMIT_AND_FETCH, this, 0, 0, head.get(LONG, RingHeader.COMMIT_ID));
            } catch (IOException e) {
                Session.LOG.log(Level.ERROR, "queue " + queue + ": reply lost", e);
                broken.run();
            }
        }
    }
}
