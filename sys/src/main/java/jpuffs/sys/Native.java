// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// The one native signature of the house: a function of seven longs that answers a long, with errno captured.
///
/// It is linked once. System calls go through `syscall` of libc, the few libc functions that are not system calls
/// through the same handle with another address. Results follow the convention of the kernel: a failure is -errno.
/// Nothing here allocates. A call that blocks holds the carrier of a virtual thread.
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"));
    private static final MemorySegment SYSCALL = function("syscall");

    private Native() {}

    /// The libc function called `name`, for [#invoke].
    static MemorySegment function(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    static long call(int nr, long a) {
        return call(nr, a, 0, 0, 0, 0, 0);
    }

    static long call(int nr, long a, long b, long c) {
        return call(nr, a, b, c, 0, 0, 0);
    }

    /// A system call that needs no scratch memory.
    static long call(int nr, long a, long b, long c, long d, long e, long f) {
        try (Scratch scratch = Scratch.take()) {
            return call(scratch, nr, a, b, c, d, e, f);
        }
    }

    static long call(Scratch scratch, int nr, long a, long b) {
        return call(scratch, nr, a, b, 0, 0, 0, 0);
    }

    static long call(Scratch scratch, int nr, long a, long b, long c, long d) {
        return call(scratch, nr, a, b, c, d, 0, 0);
    }

    static long call(Scratch scratch, int nr, long a, long b, long c, long d, long e) {
        return call(scratch, nr, a, b, c, d, e, 0);
    }

    /// A system call some of whose arguments lie in `scratch`; the result, or -errno.
    static long call(Scratch scratch, int nr, long a, long b, long c, long d, long e, long f) {
        long result = invoke(SYSCALL, scratch, nr, a, b, c, d, e, f);
        return result == -1 ? -scratch.errno() : result;
    }

    /// Calls a libc function; what it answers as it is. Of an `int` result only the low half means anything.
    static long invoke(
            MemorySegment function, Scratch scratch, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) CALL.invokeExact(function, scratch.capture(), a, b, c, d, e, f, g);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    /// `result` if it is none of the errors, else throws the errno it stands for.
    static long check(long result) throws ErrnoException {
        if (result < 0) {
            throw failure(result);
        }
        return result;
    }

    /// The exception for a negative result.
    static ErrnoException failure(long result) {
        return Errno.of((int) -result).error();
    }

    /// The exception for a negative result that says in which call: "open /x: No such file or directory".
    static ErrnoException failure(long result, String what) {
        Errno errno = Errno.of((int) -result);
        return errno.error("%s: %s", what, errno.text());
    }

    /// Whether a call should be made again since only a signal cut it short.
    static boolean interrupted(long result) {
        return result == -Errno.EINTR.number();
    }
}
