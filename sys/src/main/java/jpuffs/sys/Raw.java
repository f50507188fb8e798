// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.MemorySegment;
import jpuffs.core.StatFs;

/// System calls by number: for tests, which make calls no program should, with arguments no program should.
///
/// A call affects the calling thread only where libc's function of the same name affects all threads (setresuid(2),
/// setgroups(2)) or, after unshare(2), where the kernel says so.
public final class Raw {
    public static final int STATX_SIZE = Stat.SIZE;
    public static final int STATX_MASK = Stat.WANTED;
    public static final int STATFS_SIZE = StatFsRec.SIZE;

    private static final MemorySegment MEMCPY = Native.function("memcpy");

    private Raw() {}

    /// The number of a call on this machine, of the two given.
    public static int nr(int x86, int arm) {
        return Syscalls.X86_64 ? x86 : arm;
    }

    /// Makes a system call; the result, or -errno.
    public static long call(int nr, long a, long b, long c, long d, long e, long f) {
        return Native.call(nr, a, b, c, d, e, f);
    }

    /// Copies bytes between addresses as native code, so that other threads of the JVM go on while a page is waited
    /// for.
    public static void copy(long from, long to, long length) {
        try (Scratch scratch = Scratch.take()) {
            Native.invoke(MEMCPY, scratch, to, from, length, 0, 0, 0, 0);
        }
    }

    /// What statx(2) has put into a buffer of [#STATX_SIZE] bytes when asked for [#STATX_MASK].
    public static Stat stat(MemorySegment buffer) {
        return Stat.of(buffer, 0);
    }

    /// What statfs(2) has put into a buffer of [#STATFS_SIZE] bytes.
    public static StatFs statfs(MemorySegment buffer) {
        return StatFsRec.read(buffer, 0);
    }

    /// The records of the `length` bytes that getdents64(2) has put into a buffer.
    public static Dirents dirents(MemorySegment buffer, int length) {
        return new Dirents(buffer).filled(length);
    }

    /// The `length` bytes at `address`, which a call has answered: as long as they are mapped, nobody checks.
    public static MemorySegment at(long address, long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }
}
