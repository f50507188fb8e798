// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// An open file or directory. As it is, it keeps nothing and passes every operation on to its node; a server with
/// state per open file extends it. Each operation means what the one of the same name means in [Node].
///
/// A driver calls [#flush] at each close(2) of a descriptor, and [#release] once when the last descriptor and
/// mapping is gone.
public class Handle {
    /// Do not cache: each read(2) and write(2) comes to the server as it is (FOPEN_DIRECT_IO).
    public static final int DIRECT_IO = 1;

    /// Keep what an earlier open left in the page cache (FOPEN_KEEP_CACHE).
    public static final int KEEP_CACHE = 1 << 1;

    /// No seeking (FOPEN_NONSEEKABLE).
    public static final int NONSEEKABLE = 1 << 2;

    /// Cache the entries of this directory (FOPEN_CACHE_DIR).
    public static final int CACHE_DIR = 1 << 3;

    /// A stream: no seeking and no file position (FOPEN_STREAM).
    public static final int STREAM = 1 << 4;

    /// [#flush] has nothing to do and need not be called (FOPEN_NOFLUSH).
    public static final int NOFLUSH = 1 << 5;

    /// Direct writes may run at the same time (FOPEN_PARALLEL_DIRECT_WRITES).
    public static final int PARALLEL_WRITES = 1 << 6;

    /// As [#DIRECT_IO], where the kernel drops the pages that a direct write makes wrong, and maps such files
    /// (Linux 6.6 and later); else without effect. Others may have cached the file. No constant of the protocol.
    public static final int DIRECT_IF_COHERENT = 1 << 16;

    private final Node node;
    private final int flags;

    public Handle(Node node, int flags) {
        this.node = node;
        this.flags = flags;
    }

    public final Node node() {
        return node;
    }

    /// The flags of open(2) it was opened with.
    public final int flags() {
        return flags;
    }

    /// How the kernel shall treat this open file: a set of the constants here. Asked once, at open. Default:
    /// [#NOFLUSH].
    public int caching() {
        return NOFLUSH;
    }

    /// A descriptor of a host file that holds the same bytes, to which the kernel may pass reads and writes
    /// directly; -1, the default, for none. Asked once, at open. All handles of one node must answer descriptors of
    /// one file.
    public int backingFd() {
        return -1;
    }

    public Attr getattr() throws IOException {
        return node.getattr();
    }

    public Attr setattr(SetAttr change) throws IOException {
        return node.setattr(change);
    }

    public int read(MemorySegment dst, long off) throws IOException {
        return node.read(dst, off);
    }

    /// As [#read(MemorySegment,long)], which it is by default, for those who go by the flags: these are the ones of
    /// now, which fcntl(2) may have changed.
    public int read(MemorySegment dst, long off, int currentFlags) throws IOException {
        return read(dst, off);
    }

    public int write(MemorySegment src, long off) throws IOException {
        return node.write(src, off);
    }

    /// As [#write(MemorySegment,long)], with the flags of now.
    public int write(MemorySegment src, long off, int currentFlags) throws IOException {
        return write(src, off);
    }

    public void readdir(long cookie, DirSink sink) throws IOException {
        node.readdir(cookie, sink);
    }

    public void fsync(boolean dataOnly) throws IOException {
        node.fsync(dataOnly);
    }

    public void fallocate(int mode, long off, long len) throws IOException {
        node.fallocate(mode, off, len);
    }

    public long seek(long off, boolean hole) throws IOException {
        return node.seek(off, hole);
    }

    /// As [Node#copyFileRange], to another open file of the same file system.
    public long copyFileRange(long off, Handle target, long targetOff, long len) throws IOException {
        return node.copyFileRange(off, target.node(), targetOff, len);
    }

    public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        return node.ioctl(command, in, out);
    }

    /// ioctl(2) of a device whose commands carry what their number does not say. Default: ENOTTY.
    ///
    /// @param argument of the call, an address in `memory` or anything else
    public int ioctl(int command, long argument, IoctlMemory memory) throws IOException {
        throw Errno.ENOTTY.error();
    }

    public int poll(int events, @Nullable Runnable waker) throws IOException {
        return node.poll(events, waker);
    }

    public @Nullable Lock getlk(Lock lock) throws IOException {
        return node.getlk(lock);
    }

    public void setlk(Lock lock, boolean wait) throws IOException {
        node.setlk(lock, wait);
    }

    /// A descriptor of this open file is being closed: errors of delayed writes are told here, as the result of
    /// close(2). Not called with [#NOFLUSH]. Default: nothing to do.
    public void flush() throws IOException {}

    /// The last use ended. Its failure is only logged. Default: nothing to do.
    public void release() throws IOException {}
}
