// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// Native memory for the length of one call: where errno is captured, and room for a struct and for paths.
///
/// Taken from a pool without locks and given back by [#close]. Callers are virtual threads by the thousand, so it
/// is not bound to threads; nothing parks between the two, so there are as many in use as there are carriers. Each
/// has its slot in the pool; a caller starts looking where its thread id points. When all are taken (many threads
/// that block in calls), the caller gets one of its own which ends with the call.
final class Scratch implements AutoCloseable {
    /// Where a struct may lie, and its size.
    static final int STRUCT = 64;

    static final int STRUCT_SIZE = 1024;

    /// Two paths with their NULs, or something else of up to [#ROOM] bytes.
    static final int PATH = STRUCT + STRUCT_SIZE;

    static final int PATH_MAX = 4096;
    static final int ROOM = 2 * PATH_MAX;

    private static final int SIZE = PATH + ROOM;
    private static final byte[] PROC = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);
    private static final int SLOTS = slots();
    private static final AtomicReferenceArray<@Nullable Scratch> POOL = pool();

    private final MemorySegment memory;
    private final MemorySegment capture;
    private final long address;
    private final int slot;
    private final @Nullable Arena own;

    private Scratch(MemorySegment memory, int slot, @Nullable Arena own) {
        this.memory = memory;
        this.capture = memory.asSlice(0, STRUCT);
        this.address = memory.address();
        this.slot = slot;
        this.own = own;
    }

    private static int slots() {
        int cpus = Runtime.getRuntime().availableProcessors();
        return Math.clamp(Integer.highestOneBit(cpus) * 8L, 16, 64);
    }

    private static AtomicReferenceArray<@Nullable Scratch> pool() {
        var pool = new AtomicReferenceArray<@Nullable Scratch>(SLOTS);
        MemorySegment slab = Arena.global().allocate((long) SIZE * SLOTS, 64);
        for (int i = 0; i < SLOTS; i++) {
            pool.setPlain(i, new Scratch(slab.asSlice((long) i * SIZE, SIZE), i, null));
        }
        return pool;
    }

    /// A scratch nobody else has until it is closed, by the same thread.
    static Scratch take() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            Scratch scratch = POOL.getAndSet(start + i & SLOTS - 1, null);
            if (scratch != null) {
                return scratch;
            }
        }
        Arena arena = Arena.ofConfined();
        return new Scratch(arena.allocate(SIZE, 64), -1, arena);
    }

    @Override
    public void close() {
        if (own == null) {
            POOL.setRelease(slot, this);
        } else {
            own.close();
        }
    }

    /// The number of slots, for tests.
    static int poolSize() {
        return SLOTS;
    }

    MemorySegment capture() {
        return capture;
    }

    int errno() {
        return capture.get(JAVA_INT, 0);
    }

    /// The address of the byte at `offset`.
    long at(int offset) {
        return address + offset;
    }

    /// All of it; offsets are those of the constants here. Holds what earlier calls left.
    MemorySegment memory() {
        return memory;
    }

    /// Puts two longs, such as a timespec or an iovec, at `offset`; returns the address.
    long pair(int offset, long first, long second) {
        memory.set(JAVA_LONG, offset, first);
        memory.set(JAVA_LONG, offset + 8L, second);
        return address + offset;
    }

    /// Puts a timespec of `nanos` at [#STRUCT]; returns its address, or 0 if negative, which is to wait for ever.
    long timespec(long nanos) {
        return nanos < 0 ? 0 : pair(STRUCT, nanos / 1_000_000_000L, nanos % 1_000_000_000L);
    }

    /// Puts a path with its NUL where the first path lies; returns the address.
    ///
    /// @throws ErrnoException EINVAL with a NUL in it, which the kernel would take for its end; ENAMETOOLONG
    long path(Name path) throws ErrnoException {
        return path(path, PATH, PATH_MAX);
    }

    /// The same for the second path of a call.
    long secondPath(Name path) throws ErrnoException {
        return path(path, PATH + PATH_MAX, PATH_MAX);
    }

    /// The same for a name of an attribute, at [#STRUCT]: beside paths there is room for one.
    long shortName(Name name) throws ErrnoException {
        return path(name, STRUCT, STRUCT_SIZE);
    }

    private long path(Name path, int offset, int room) throws ErrnoException {
        int length = path.length();
        if (length >= room) {
            throw Errno.ENAMETOOLONG.error();
        }
        for (int i = 0; i < length; i++) {
            if (path.byteAt(i) == 0) {
                throw Errno.EINVAL.error();
            }
        }
        path.copyTo(memory, offset);
        memory.set(JAVA_BYTE, offset + (long) length, (byte) 0);
        return address + offset;
    }

    /// Puts the path of what `fd` refers to, through `/proc/self/fd`, where the first path lies: this is how the
    /// attributes of an O_PATH descriptor are changed. Returns the address.
    long procPath(int fd) {
        long end = put(PROC, PATH);
        end = decimal(fd, end);
        memory.set(JAVA_BYTE, end, (byte) 0);
        return address + PATH;
    }

    /// Puts `value`, not negative, in decimal where the first path lies; returns the address.
    long number(int value) {
        memory.set(JAVA_BYTE, decimal(value, PATH), (byte) 0);
        return address + PATH;
    }

    /// A copy of `length` bytes at `offset`.
    byte[] bytes(int offset, int length) {
        var bytes = new byte[length];
        MemorySegment.copy(memory, JAVA_BYTE, offset, bytes, 0, length);
        return bytes;
    }

    private long put(byte[] bytes, int offset) {
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, offset, bytes.length);
        return offset + (long) bytes.length;
    }

    private long decimal(int value, long offset) {
        long at = offset;
        int divisor = 1;
        while (value / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            memory.set(JAVA_BYTE, at++, (byte) ('0' + value / divisor % 10));
        }
        return at;
    }
}
