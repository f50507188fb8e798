// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.SetAttr;
import org.jspecify.annotations.Nullable;

/// An open file of a [NodeLayer]: passes every operation on to the one below. A subclass that changes what
/// is read or written answers -1 from [#backingFd] too, or the kernel goes round it.
public class HandleLayer extends Handle {
    private final NodeLayer node;
    private final Handle below;

    public HandleLayer(NodeLayer node, Handle below) {
        super(node, below.flags());
        this.node = node;
        this.below = below;
    }

    @Override
    public int caching() {
        return below.caching();
    }

    @Override
    public int backingFd() {
        return below.backingFd();
    }

    @Override
    public Attr getattr() throws IOException {
        return below.getattr();
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        return below.setattr(change);
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return below.read(dst, off);
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return below.write(src, off);
    }

    /// Goes by way of [NodeLayer#layer(DirSink)], for the names.
    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        below.readdir(cookie, node.layer(sink));
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        below.fsync(dataOnly);
    }

    @Override
    public void fallocate(int mode, long off, long len) throws IOException {
        below.fallocate(mode, off, len);
    }

    @Override
    public long seek(long off, boolean hole) throws IOException {
        return below.seek(off, hole);
    }

    @Override
    public long copyFileRange(long off, Handle target, long targetOff, long len) throws IOException {
        if (target instanceof HandleLayer other && other.node.getClass() == node.getClass()) {
            return below.copyFileRange(off, other.below, targetOff, len);
        }
        throw EXDEV.error();
    }

    @Override
    public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        return below.ioctl(command, in, out);
    }

    @Override
    public int poll(int events, @Nullable Runnable waker) throws IOException {
        return below.poll(events, waker);
    }

    @Override
    public @Nullable Lock getlk(Lock lock) throws IOException {
        return below.getlk(lock);
    }

    @Override
    public void setlk(Lock lock, boolean wait) throws IOException {
        below.setlk(lock, wait);
    }

    @Override
    public void flush() throws IOException {
        below.flush();
    }

    @Override
    public void release() throws IOException {
        below.release();
    }
}
