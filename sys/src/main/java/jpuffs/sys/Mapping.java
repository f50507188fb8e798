// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;

/// Memory from mmap(2) that lives as long as an arena, and goes back to the system with it.
public final class Mapping {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_POPULATE = 0x8000;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;

    private Mapping() {}

    /// Zeroes, which take no memory until they are touched. ENOMEM.
    public static MemorySegment anonymous(long length, Arena arena) throws ErrnoException {
        return map(length, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, arena);
    }

    /// The same, in huge pages where the system has them: filling those takes a tenth of the time. A length that is
    /// a multiple of 2 MiB suits. ENOMEM.
    public static MemorySegment huge(long length, Arena arena) throws ErrnoException {
        MemorySegment memory = anonymous(length, arena);
        Native.call(Syscalls.MADVISE, memory.address(), length, MADV_HUGEPAGE);
        return memory;
    }

    /// Zeroes as [#huge], of any length, more than there is memory too: no promise that all can be touched. ENOMEM.
    public static MemorySegment sparse(long length, Arena arena) throws ErrnoException {
        MemorySegment memory = map(length, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0, arena);
        Native.call(Syscalls.MADVISE, memory.address(), length, MADV_HUGEPAGE);
        return memory;
    }

    /// Gives the pages of anonymous memory back to the system; they are zeroes from now on.
    ///
    /// @param pages begins and ends at a page
    public static void discard(MemorySegment pages) throws ErrnoException {
        Native.check(Native.call(Syscalls.MADVISE, Mem.writable(pages), pages.byteSize(), MADV_DONTNEED));
    }

    /// What the descriptor shares from `offset`, present at once.
    static MemorySegment shared(int fd, long offset, long length, Arena arena) throws ErrnoException {
        return map(length, MAP_SHARED | MAP_POPULATE, fd, offset, arena);
    }

    private static MemorySegment map(long length, int flags, int fd, long offset, Arena arena) throws ErrnoException {
        long address = Native.check(Native.call(Syscalls.MMAP, 0, length, PROT_READ_WRITE, flags, fd, offset));
        return MemorySegment.ofAddress(address)
                .reinterpret(length, arena, _ -> Native.call(Syscalls.MUNMAP, address, length, 0));
    }
}
