// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import jpuffs.pud.block.RamDevice;
import jpuffs.sys.BufferPool;
import org.jspecify.annotations.Nullable;

/// Runs the requests of one client on its device. Each on a call context: may yield.
final class Commands {
    /// What an ordinary write of zeros takes at a time.
    private static final int ZEROS = 1 << 20;

    private final BlockDevice device;
    private final boolean readOnly;
    private final boolean hasStatus;
    private final BufferPool pool;
    private final Replies replies;

    Commands(NbdExport export, Session session, BufferPool pool, Replies replies) {
        this.device = export.device();
        this.readOnly = export.isReadOnly();
        this.hasStatus = session.hasBlockStatus();
        this.pool = pool;
        this.replies = replies;
    }

    /// Runs one; what fails is left in its error. Does not throw.
    void run(Request request) {
        try {
            dispatch(request);
        } catch (Throwable e) {
            Errno errno = Errno.of(e);
            request.error = Nbd.error(errno);
            if (e instanceof IOException) {
                NbdServer.LOG.log(Level.DEBUG, () -> "request " + request.type + ": " + e.getMessage());
            } else {
                NbdServer.LOG.log(Level.ERROR, "request " + request.type + ": bug of the device", e);
            }
        }
    }

    private void dispatch(Request request) throws IOException {
        switch (request.type) {
            case Nbd.CMD_READ -> read(request);
            case Nbd.CMD_WRITE -> {
                checkWrite(request);
                write(request);
                forceUnitAccess(request);
            }
            case Nbd.CMD_FLUSH -> device.flush();
            case Nbd.CMD_TRIM -> {
                checkWrite(request);
                device.trim(request.offset, request.length);
                forceUnitAccess(request);
            }
            case Nbd.CMD_WRITE_ZEROES -> {
                checkWrite(request);
                zero(request);
                forceUnitAccess(request);
            }
            case Nbd.CMD_BLOCK_STATUS -> status(request);
            default -> throw EINVAL.error("no such command");
        }
    }

    /// Reads beyond the end are EINVAL in this protocol.
    private void checkRange(Request request) throws ErrnoException {
        try {
            device.check(request.offset, request.length);
        } catch (ErrnoException e) {
            throw EINVAL.error("%s", String.valueOf(e.getMessage()));
        }
    }

    private void checkWrite(Request request) throws ErrnoException {
        if (readOnly) {
            throw EPERM.error("the export is read-only");
        }
        device.check(request.offset, request.length);
    }

    /// Where the data of a WRITE can go as they come, without a copy; null if they cannot.
    @Nullable
    MemorySegment place(Request request) {
        if (readOnly || !(device instanceof RamDevice ram)) {
            return null;
        }
        try {
            device.check(request.offset, request.length);
            return ram.place(request.offset, request.length);
        } catch (ErrnoException e) {
            return null; // which is told when the data are there
        }
    }

    private void write(Request request) throws IOException {
        if (request.target != null && device instanceof RamDevice ram) {
            ram.placed(request.offset, request.length);
        } else {
            device.write(request.data(), request.offset);
        }
    }

    private void forceUnitAccess(Request request) throws IOException {
        if (request.has(Nbd.FLAG_FUA)) {
            device.flush();
        }
    }

    private void read(Request request) throws IOException {
        checkRange(request);
        if (request.length > Nbd.MAX_PAYLOAD) {
            throw EINVAL.error("a read of %d bytes", request.length);
        }
        if (request.length == 0) {
            return;
        }
        if (device instanceof RamDevice ram) { // one copy less of two
            request.inPlace = ram.view(request.offset, request.length);
        } else {
            Payload payload = Payload.take(pool, request.length);
            request.payload = payload;
            device.read(payload.memory().asSlice(0, request.length), request.offset);
        }
        request.dataLength = (int) request.length;
    }

    @SuppressWarnings("ThreadPriorityCheck") // on a call context, a yield is the turn of the others
    private void zero(Request request) throws IOException {
        if (!request.has(Nbd.FLAG_NO_HOLE)) {
            device.zero(request.offset, request.length);
            return;
        }
        try (Payload zeros = Payload.take(pool, Math.min(request.length, ZEROS))) {
            zeros.memory().fill((byte) 0);
            for (long done = 0; done < request.length; ) {
                long n = Math.min(ZEROS, request.length - done);
                device.write(zeros.memory().asSlice(0, n), request.offset + done);
                done += n;
                Thread.yield();
            }
        }
    }

    private void status(Request request) throws IOException {
        checkRange(request);
        if (!hasStatus || request.length == 0) {
            throw EINVAL.error("no block status was agreed on, or none is asked for");
        }
        int limit = request.has(Nbd.FLAG_REQ_ONE) ? 1 : Replies.MAX_EXTENTS;
        Payload payload = Payload.take(pool, Replies.STATUS_SIZE);
        request.payload = payload;
        request.dataLength = replies.status(extents(request, limit), payload.memory());
    }

    /// What the device tells, neighbours of one kind in one piece.
    private List<Extent> extents(Request request, int limit) throws IOException {
        var extents = new ArrayList<Extent>();
        long end = request.offset + request.length;
        for (long at = request.offset; at < end; ) {
            Extent next = device.extent(at, end - at);
            int last = extents.size() - 1;
            if (last >= 0 && extents.get(last).isHole() == next.isHole()) {
                extents.set(last, new Extent(extents.get(last).length() + next.length(), next.isHole()));
            } else if (extents.size() == limit) {
                break;
            } else {
                extents.add(next);
            }
            at += next.length();
        }
        return extents;
    }
}
