// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.MemorySegment;

/// System calls by number: for tests, which make calls no program should, with arguments no program should.
///
/// A call affects the calling thread only where libc's function of the same name affects all threads (setresuid(2),
/// setgroups(2)) or, after unshare(2), where the kernel says so.
public final class Raw {
    private Raw() {}

    /// The number of a call on this machine, of the two given.
    public static int nr(int x86, int arm) {
        return Syscalls.X86_64 ? x86 : arm;
    }

    /// Makes a system call; the result, or -errno.
    public static long call(int nr, long a, long b, long c, long d, long e, long f) {
        return Native.call(nr, a, b, c, d, e, f);
    }

    /// The `length` bytes at `address`, which a call has answered: as long as they are mapped, nobody checks.
    public static MemorySegment at(long address, long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }
}
