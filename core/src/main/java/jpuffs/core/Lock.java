// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// An advisory lock, asked for or held: a POSIX record lock (fcntl(2)) or a lock of the whole file (flock(2)).
///
/// @param owner who holds it: two requests with the same owner never conflict. Owners of the two kinds are
///     apart
/// @param start the first byte
/// @param end the last byte; [Long#MAX_VALUE] for the end of the file wherever that is
/// @param pid the process that asked, for F_GETLK
/// @param flock whether it is a flock(2) lock; those and POSIX locks do not see each other
public record Lock(Type type, long owner, long start, long end, int pid, boolean flock) {
    /// Shared, exclusive, or none: a request for none gives locks up.
    public enum Type {
        READ,
        WRITE,
        NONE
    }

    public Lock {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("bad range: " + start + " to " + end);
        }
    }

    /// Whether both cover a common byte.
    public boolean overlaps(Lock other) {
        return start <= other.end && other.start <= end;
    }

    /// Whether one of the two must wait for the other.
    public boolean conflicts(Lock other) {
        return flock == other.flock
                && owner != other.owner
                && overlaps(other)
                && type != Type.NONE
                && other.type != Type.NONE
                && (type == Type.WRITE || other.type == Type.WRITE);
    }

    public Lock withRange(long start, long end) {
        return new Lock(type, owner, start, end, pid, flock);
    }
}
