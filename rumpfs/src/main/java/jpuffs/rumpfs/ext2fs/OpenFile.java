// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.DirSink;
import jpuffs.core.Handle;
import jpuffs.core.OpenFlags;

/// An open file or directory.
///
/// The kernel may keep what it has cached, since nobody else changes it; but a read it answers by itself sets no
/// atime here. So where the next read has one to set, the cache is dropped at open, and the read comes.
final class OpenFile extends Handle {
    private final Inode inode;

    OpenFile(Inode inode, int flags) {
        super(inode, flags);
        this.inode = inode;
    }

    @Override
    public int caching() {
        int entries = inode.isDirectory() ? CACHE_DIR : 0;
        boolean reads = OpenFlags.canRead(flags()) && !isQuiet();
        return NOFLUSH | entries | (reads && inode.willTellAccess() ? 0 : KEEP_CACHE);
    }

    private boolean isQuiet() {
        return (flags() & OpenFlags.O_NOATIME) != 0;
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return inode instanceof RegularFile file ? file.read(dst, off, isQuiet()) : super.read(dst, off);
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        if (inode instanceof Directory directory) {
            directory.readdir(cookie, sink, isQuiet());
        } else {
            super.readdir(cookie, sink);
        }
    }
}
