// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import jpuffs.core.Lock;

/// `struct flock` of fcntl(2): a range of a file to lock, or what [Process#getlk] found in the way.
///
/// @param whence what `start` counts from: SEEK_SET, SEEK_CUR or SEEK_END
/// @param len in bytes; 0 for up to the end wherever that is, negative for what lies before `start`
/// @param pid who holds it, in an answer
public record Flock(Lock.Type type, int whence, long start, long len, int pid) {
    /// A shared lock of `len` bytes from `start`.
    public static Flock read(long start, long len) {
        return new Flock(Lock.Type.READ, 0, start, len, 0);
    }

    /// An exclusive lock.
    public static Flock write(long start, long len) {
        return new Flock(Lock.Type.WRITE, 0, start, len, 0);
    }

    /// Gives the range up.
    public static Flock unlock(long start, long len) {
        return new Flock(Lock.Type.NONE, 0, start, len, 0);
    }
}
