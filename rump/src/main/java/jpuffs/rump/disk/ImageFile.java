// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A file of the host that has a disk in it, or a part of one: bytes at any place, and an end that moves when
/// something is written behind it. Thread-safe; operations may block.
public interface ImageFile extends AutoCloseable {
    /// Its name, absolute.
    Path path();

    /// Whether [#write] and [#trim] fail with EROFS.
    boolean isReadOnly();

    /// In bytes.
    long length();

    /// Fills `dst` from `off` on as far as the file goes.
    ///
    /// @return how many bytes the file had, less than asked for at its end, 0 behind it
    long read(MemorySegment dst, long off) throws IOException;

    /// Will soon be read; nothing waits for it. Default: nothing to do.
    default void prefetch(long off, long len) {}

    /// Writes all of `src`, also behind the end: what lies between reads as zeros.
    void write(MemorySegment src, long off) throws IOException;

    /// Makes what was written durable.
    void flush() throws IOException;

    /// Whether [#trim] does more than nothing. Default: false.
    default boolean canTrim() {
        return false;
    }

    /// Gives the space of this range back to the host where it can; it may read as anything afterwards. Default:
    /// nothing to do.
    default void trim(long off, long len) throws IOException {}

    @Override
    void close() throws IOException;
}
