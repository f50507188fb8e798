// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// A pair of rings shared with the kernel, io_uring(7), with submissions of 128 bytes as FUSE wants them.
///
/// One thread opens it and does everything with it (completions are delivered in the thread that submitted):
///
/// ```java
/// uring.poll(fd, Poll.POLLIN, true, TOKEN);          // fills submissions...
/// uring.submitAndWait(1, -1);                        // ...and hands them to the kernel
/// int count = uring.completions();
/// for (int i = 0; i < count; i++) {
///     dispatch(uring.userData(i), uring.result(i));  // may fill submissions
/// }
/// uring.advance(count);
/// ```
public final class Uring implements AutoCloseable {
    /// Only one thread ever submits. Kernel 6.0.
    public static final int SETUP_SINGLE_ISSUER = 1 << 12;

    /// Completions are made only when that thread waits for them. Kernel 6.1, needs SETUP_SINGLE_ISSUER.
    public static final int SETUP_DEFER_TASKRUN = 1 << 13;

    /// Completions do not interrupt that thread. Kernel 5.19.
    public static final int SETUP_COOP_TASKRUN = 1 << 8;

    /// In the flags of a completion: the multi-shot request stays and will complete again.
    public static final int CQE_F_MORE = 2;

    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final int NEEDED = UringRec.FEAT_SINGLE_MMAP | UringRec.FEAT_EXT_ARG;

    private static final int ALWAYS = UringRec.SETUP_SQE128 | UringRec.SETUP_SUBMIT_ALL;

    private final Fd fd;
    private final Arena arena;
    private final MemorySegment rings;
    private final MemorySegment sqes;
    private final int sqEntries;
    private final int sqMask;
    private final long sqHead;
    private final long sqTail;
    private final int cqMask;
    private final long cqHead;
    private final long cqTail;
    private final long cqes;
    private final long cqOverflow;
    private int tail; // of the submissions filled; those up to what the ring says are the kernel's
    private int head; // of the completions
    private int ready;
    private int enterFd;
    private int enterFlags;

    /// Opens rings.
    ///
    /// @param entries how many submissions fit, and twice as many completions; rounded up to a power of two
    /// @param flags a set of the `SETUP_` constants here
    /// @throws ErrnoException ENOSYS where the kernel has no io_uring, EPERM where its settings forbid it
    ///     (sysctl kernel.io_uring_disabled), ENOMEM beyond RLIMIT_MEMLOCK, EINVAL for flags it does not know
    public static Uring open(int entries, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment params = scratch.memory().asSlice(Scratch.STRUCT, UringRec.PARAMS_SIZE);
            params.fill((byte) 0);
            params.set(JAVA_INT, UringRec.PARAMS_FLAGS, flags | ALWAYS);
            long result = Native.call(scratch, Syscalls.IO_URING_SETUP, entries, scratch.at(Scratch.STRUCT));
            if (result < 0) {
                throw Native.failure(result, "io_uring_setup");
            }
            Fd fd = Fd.of((int) result);
            if ((params.get(JAVA_INT, UringRec.PARAMS_FEATURES) & NEEDED) != NEEDED) {
                fd.close();
                throw Errno.ENOSYS.error("io_uring of this kernel is too old (5.19 is needed)");
            }
            return map(fd, params);
        }
    }

    private static Uring map(Fd fd, MemorySegment params) throws ErrnoException {
        Arena arena = Arena.ofShared();
        try {
            int sq = UringRec.PARAMS_SQ_OFF;
            int cq = UringRec.PARAMS_CQ_OFF;
            long sqEntries = params.get(JAVA_INT, UringRec.PARAMS_SQ_ENTRIES);
            long cqEntries = params.get(JAVA_INT, UringRec.PARAMS_CQ_ENTRIES);
            long sqEnd = params.get(JAVA_INT, sq + UringRec.SQ_OFF_ARRAY) + 4 * sqEntries;
            long cqEnd = params.get(JAVA_INT, cq + UringRec.CQ_OFF_CQES) + UringRec.CQE_SIZE * cqEntries;
            long size = Math.max(sqEnd, cqEnd);
            int number = fd.number();
            MemorySegment rings = Mapping.shared(number, UringRec.MMAP_RINGS, size, arena);
            MemorySegment sqes = Mapping.shared(number, UringRec.MMAP_SQES, UringRec.SQE_SIZE * sqEntries, arena);
            return new Uring(fd, arena, rings, sqes, params);
        } catch (ErrnoException e) {
            arena.close();
            fd.close();
            throw e;
        }
    }

    private Uring(Fd fd, Arena arena, MemorySegment rings, MemorySegment sqes, MemorySegment params) {
        this.fd = fd;
        this.arena = arena;
        this.rings = rings;
        this.sqes = sqes;
        this.enterFd = fd.number();
        int sq = UringRec.PARAMS_SQ_OFF;
        int cq = UringRec.PARAMS_CQ_OFF;
        sqEntries = params.get(JAVA_INT, UringRec.PARAMS_SQ_ENTRIES);
        sqHead = params.get(JAVA_INT, sq + UringRec.OFF_HEAD);
        sqTail = params.get(JAVA_INT, sq + UringRec.OFF_TAIL);
        sqMask = rings.get(JAVA_INT, params.get(JAVA_INT, sq + UringRec.OFF_RING_MASK));
        cqHead = params.get(JAVA_INT, cq + UringRec.OFF_HEAD);
        cqTail = params.get(JAVA_INT, cq + UringRec.OFF_TAIL);
        cqMask = rings.get(JAVA_INT, params.get(JAVA_INT, cq + UringRec.OFF_RING_MASK));
        cqes = params.get(JAVA_INT, cq + UringRec.CQ_OFF_CQES);
        cqOverflow = params.get(JAVA_INT, cq + UringRec.CQ_OFF_OVERFLOW);
        long array = params.get(JAVA_INT, sq + UringRec.SQ_OFF_ARRAY);
        for (int i = 0; i < sqEntries; i++) {
            rings.set(JAVA_INT, array + 4L * i, i); // submission i is always in place i
        }
    }

    /// Makes `file` the fixed file 0, which [#command] uses; once.
    public void registerFile(Fd file) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, file.number());
            register(scratch, UringRec.REGISTER_FILES);
        }
    }

    /// Spares the kernel the look-up of the ring's descriptor in every call from now on. These, and [#close], must
    /// come from the thread that calls this: the kernel keeps the ring until that closes it or ends.
    public void registerRing() throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment update = scratch.memory();
            update.set(JAVA_LONG, Scratch.STRUCT, 0xffff_ffffL); // any index
            update.set(JAVA_LONG, Scratch.STRUCT + UringRec.RSRC_UPDATE_DATA, fd.number());
            register(scratch, UringRec.REGISTER_RING_FDS);
            enterFd = update.get(JAVA_INT, Scratch.STRUCT);
            enterFlags = UringRec.ENTER_REGISTERED_RING;
        }
    }

    private void register(Scratch scratch, int operation) throws ErrnoException {
        long argument = scratch.at(Scratch.STRUCT);
        Native.check(Native.call(scratch, Syscalls.IO_URING_REGISTER, fd.number(), operation, argument, 1));
    }

    /// Whether the kernel has taken everything that was filled.
    public boolean isSubmitted() {
        return room() == sqEntries;
    }

    /// How many submissions there is room for before the next [#submit].
    public int room() {
        return sqEntries - (tail - (int) INT.getAcquire(rings, sqHead));
    }

    /// A submission that completes at once.
    public void nop(long userData) throws ErrnoException {
        next(UringRec.OP_NOP, -1, userData);
    }

    /// Completes when `fd` is ready for `events` (of [Poll]), with what is ready as the result.
    ///
    /// @param multi again and again, as long as completions have [#CQE_F_MORE]
    public void poll(int fd, int events, boolean multi, long userData) throws ErrnoException {
        long at = next(UringRec.OP_POLL_ADD, fd, userData);
        sqes.set(JAVA_INT, at + UringRec.SQE_LEN, multi ? UringRec.POLL_ADD_MULTI : 0);
        sqes.set(JAVA_INT, at + UringRec.SQE_POLL_EVENTS, events);
    }

    /// Reads into `memory` from a file that has no positions: a device, a pipe, a socket. Completes with the number
    /// of bytes. The memory is the kernel's until then.
    public void read(int fd, MemorySegment memory, long userData) throws ErrnoException {
        transfer(UringRec.OP_READ, fd, memory, userData);
    }

    /// Writes `memory` to a file that has no positions, and completes only if that fails. The memory is the kernel's
    /// until the submission was taken if the file is non-blocking and takes what it is given at once, as FUSE
    /// devices do.
    public void writeSilently(int fd, MemorySegment memory, long userData) throws ErrnoException {
        long at = transfer(UringRec.OP_WRITE, fd, memory, userData);
        sqes.set(JAVA_BYTE, at + UringRec.SQE_FLAGS, (byte) UringRec.IOSQE_CQE_SKIP_SUCCESS);
    }

    private long transfer(int opcode, int fd, MemorySegment memory, long userData) throws ErrnoException {
        long at = next(opcode, fd, userData);
        sqes.set(JAVA_LONG, at + UringRec.SQE_OFF, -1);
        sqes.set(JAVA_LONG, at + UringRec.SQE_ADDR, memory.address());
        sqes.set(JAVA_INT, at + UringRec.SQE_LEN, (int) memory.byteSize());
        return at;
    }

    /// Cancels what was submitted with `target` and has not completed: that completes with ECANCELED, this with 0,
    /// or ENOENT if there is none.
    public void cancel(long target, long userData) throws ErrnoException {
        long at = next(UringRec.OP_ASYNC_CANCEL, -1, userData);
        sqes.set(JAVA_LONG, at + UringRec.SQE_ADDR, target);
    }

    /// A command to the driver of the fixed file 0 (IORING_OP_URING_CMD).
    ///
    /// @param address of memory the command speaks of, or 0
    /// @param length the number of things there, or 0
    /// @return where in [#submissions] the 80 bytes of the command's own lie, all zero, to be filled before
    ///     [#submit]
    public long command(int operation, long address, int length, long userData) throws ErrnoException {
        long at = next(UringRec.OP_URING_CMD, 0, userData);
        sqes.set(JAVA_BYTE, at + UringRec.SQE_FLAGS, (byte) UringRec.IOSQE_FIXED_FILE);
        sqes.set(JAVA_INT, at + UringRec.SQE_CMD_OP, operation);
        sqes.set(JAVA_LONG, at + UringRec.SQE_ADDR, address);
        sqes.set(JAVA_INT, at + UringRec.SQE_LEN, length);
        return at + UringRec.SQE_CMD;
    }

    /// The memory of all submissions, for what [#command] leaves to be filled.
    public MemorySegment submissions() {
        return sqes;
    }

    /// The next free submission, zeroed but for what is given; submits if there is no room.
    private long next(int opcode, int fd, long userData) throws ErrnoException {
        if (room() == 0) {
            submit();
            if (room() == 0) {
                throw Errno.EBUSY.error("io_uring takes no more submissions before its completions are read");
            }
        }
        long at = (long) (tail & sqMask) * UringRec.SQE_SIZE;
        for (int i = 0; i < UringRec.SQE_SIZE; i += 8) {
            sqes.set(JAVA_LONG, at + i, 0);
        }
        sqes.set(JAVA_BYTE, at + UringRec.SQE_OPCODE, (byte) opcode);
        sqes.set(JAVA_INT, at + UringRec.SQE_FD, fd);
        sqes.set(JAVA_LONG, at + UringRec.SQE_USER_DATA, userData);
        tail++;
        return at;
    }

    /// Hands what was filled to the kernel, without waiting.
    public void submit() throws ErrnoException {
        enter(0, 0, 0, 0);
    }

    /// Hands what was filled to the kernel and waits for `min` completions, or `timeoutNanos`: for ever if that is
    /// negative. Returns early after a signal. Holds the thread.
    public void submitAndWait(int min, long timeoutNanos) throws ErrnoException {
        if (timeoutNanos < 0) {
            enter(min, UringRec.ENTER_GETEVENTS, 0, 0);
            return;
        }
        try (Scratch scratch = Scratch.take()) {
            int argument = Scratch.STRUCT + 16;
            scratch.pair(argument, 0, 0); // no signal mask
            scratch.memory().set(JAVA_LONG, argument + UringRec.GETEVENTS_TS, scratch.timespec(timeoutNanos));
            int flags = UringRec.ENTER_GETEVENTS | UringRec.ENTER_EXT_ARG;
            enter(min, flags, scratch.at(argument), UringRec.GETEVENTS_SIZE);
        }
    }

    private void enter(int min, int flags, long argument, long size) throws ErrnoException {
        INT.setRelease(rings, sqTail, tail);
        int filled = tail - (int) INT.getAcquire(rings, sqHead);
        long result = Native.call(Syscalls.IO_URING_ENTER, enterFd, filled, min, flags | enterFlags, argument, size);
        if (result < 0 && !isPassing(result)) {
            throw Native.failure(result, "io_uring_enter");
        }
    }

    /// What says no more than that the time is over, a signal came, or completions must be read first; what was not
    /// submitted is still there for the next call.
    private static boolean isPassing(long result) {
        return result == -Errno.ETIME.number()
                || result == -Errno.EINTR.number()
                || result == -Errno.EBUSY.number()
                || result == -Errno.EAGAIN.number();
    }

    /// How many completions are there to be read; they are numbered from 0.
    public int completions() {
        ready = (int) INT.getAcquire(rings, cqTail) - head;
        return ready;
    }

    /// What the submission of completion `index` was given.
    public long userData(int index) {
        return rings.get(JAVA_LONG, completion(index) + UringRec.CQE_USER_DATA);
    }

    /// The result of completion `index`, -errno for a failure.
    public int result(int index) {
        return rings.get(JAVA_INT, completion(index) + UringRec.CQE_RES);
    }

    /// The flags of completion `index`, such as [#CQE_F_MORE].
    public int flags(int index) {
        return rings.get(JAVA_INT, completion(index) + UringRec.CQE_FLAGS);
    }

    private long completion(int index) {
        return cqes + (long) (head + Objects.checkIndex(index, ready) & cqMask) * UringRec.CQE_SIZE;
    }

    /// Gives the places of the first `count` completions back to the kernel; those that follow become number 0.
    public void advance(int count) {
        head += Objects.checkIndex(count, ready + 1);
        ready -= count;
        INT.setRelease(rings, cqHead, head);
    }

    /// How many completions the kernel had to drop, which is none unless memory ran out.
    public int dropped() {
        return rings.get(JAVA_INT, cqOverflow);
    }

    /// The ring's descriptor, readable when there are completions; owned by this.
    public Fd fd() {
        return fd;
    }

    /// Ends it; what was submitted and is not complete is cancelled by the kernel, some time later. Memory that
    /// submissions speak of must outlive that: for FUSE, end the connection first.
    @Override
    public void close() {
        if (!fd.isOpen()) {
            return;
        }
        if (enterFlags != 0) {
            unregisterRing();
        }
        fd.close();
        arena.close();
    }

    private void unregisterRing() {
        try (Scratch scratch = Scratch.take()) {
            scratch.pair(Scratch.STRUCT, enterFd, 0);
            long argument = scratch.at(Scratch.STRUCT);
            int operation = UringRec.UNREGISTER_RING_FDS;
            Native.call(scratch, Syscalls.IO_URING_REGISTER, fd.number(), operation, argument, 1);
        }
    }
}
