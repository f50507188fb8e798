// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENODEV;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EOVERFLOW;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;

/// The calls on open files: Linux `fs/read_write.c`, `fs/readdir.c`, and `vfs_fallocate` of `fs/open.c`.
final class FileOps {
    private static final int FALLOC_KEEP_SIZE = 1;
    private static final int FALLOC_PUNCH_HOLE = 2;
    private static final int FALLOC_MODES = 0x7b; // all but the two that were never assigned to files

    /// Positions of a directory: 0 before `.`, 1 before `..`, then the file system's cookies moved up by this.
    private static final int DOTS = 2;

    private final Proc process;

    FileOps(Proc process) {
        this.process = process;
    }

    int read(File file, MemorySegment dst) throws IOException {
        Fifo fifo = file.forReading().vnode.fifo;
        if (fifo != null) {
            return fifo.read(dst, file.has(OpenFlags.O_NONBLOCK));
        }
        int count = readAt(file, dst, file.position);
        file.position += count;
        return count;
    }

    int pread(File file, MemorySegment dst, long off) throws IOException {
        checkOffset(off);
        return readAt(file.seekable().forReading(), dst, off);
    }

    private static int readAt(File file, MemorySegment dst, long off) throws IOException {
        if (file.vnode.isDirectory()) {
            throw EISDIR.error();
        }
        return dst.byteSize() == 0 ? 0 : file.handle().read(dst, off);
    }

    int write(File file, MemorySegment src) throws IOException {
        Fifo fifo = file.forWriting().vnode.fifo;
        if (fifo != null) {
            return fifo.write(src, file.has(OpenFlags.O_NONBLOCK));
        }
        long off = start(file, file.position);
        int count = writeAt(file, src, off);
        file.position = off + count;
        return count;
    }

    /// With O_APPEND the offset is the end of the file, as Linux has it.
    int pwrite(File file, MemorySegment src, long off) throws IOException {
        checkOffset(off);
        return writeAt(file.seekable().forWriting(), src, start(file, off));
    }

    private static long start(File file, long off) throws IOException {
        return file.has(OpenFlags.O_APPEND) ? file.handle().getattr().size() : off;
    }

    private int writeAt(File file, MemorySegment src, long off) throws IOException {
        long room = Long.MAX_VALUE - off;
        if (src.byteSize() == 0) {
            return 0;
        }
        if (room == 0) {
            throw EFBIG.error();
        }
        prepareWrite(file);
        int count = file.handle().write(src.byteSize() > room ? src.asSlice(0, room) : src, off);
        if (file.has(OpenFlags.O_DSYNC)) {
            file.handle().fsync((file.flags() & OpenFlags.O_SYNC) != OpenFlags.O_SYNC);
        }
        return count;
    }

    /// A write by somebody without privilege ends set-user-id.
    private void prepareWrite(File file) throws IOException {
        if (process.killsSuid(file.vnode)) {
            file.handle().setattr(SetAttr.none().with(SetAttr.KILL_SUID));
        }
    }

    private static void checkOffset(long off) throws ErrnoException {
        if (off < 0) {
            throw EINVAL.error();
        }
    }

    long lseek(File file, long off, int whence) throws IOException {
        file.seekable();
        long target = switch (whence) {
            case Process.SEEK_SET -> off;
            case Process.SEEK_CUR -> plus(file.position, off);
            case Process.SEEK_END -> plus(file.handle().getattr().size(), off);
            case Process.SEEK_DATA -> dataOrHole(file, off, false);
            case Process.SEEK_HOLE -> dataOrHole(file, off, true);
            default -> throw EINVAL.error();
        };
        checkOffset(target);
        file.position = target;
        return target;
    }

    private static long plus(long base, long off) throws ErrnoException {
        try {
            return Math.addExact(base, off);
        } catch (ArithmeticException _) {
            throw EOVERFLOW.error();
        }
    }

    private static long dataOrHole(File file, long off, boolean hole) throws IOException {
        long size = file.handle().getattr().size();
        if (off < 0 || off >= size) {
            throw ENXIO.error();
        }
        try {
            return file.handle().seek(off, hole);
        } catch (ErrnoException e) {
            if (e.errno() != ENOSYS) {
                throw e;
            }
            return hole ? size : off; // all of it counts as data
        }
    }

    /// Puts entries into `sink` until it refuses one; `.` and `..` come first, those of the file system are left
    /// out.
    void getdents(File file, DirSink sink) throws IOException {
        Vnode directory = file.vnode;
        if (!directory.isDirectory()) {
            throw ENOTDIR.error();
        }
        if (directory.dead) {
            throw ENOENT.error();
        }
        Vnode parent = directory.parent();
        if (file.position == 0 && !dot(file, sink, Name.DOT, directory)
                || file.position == 1 && !dot(file, sink, Name.DOT_DOT, parent == null ? directory : parent)) {
            return;
        }
        file.handle().readdir(file.position - DOTS, (name, ino, mode, cookie) -> {
            boolean taken = name.isDot() || name.isDotDot() || sink.add(name, ino, mode, cookie + DOTS);
            file.position = taken ? cookie + DOTS : file.position;
            return taken;
        });
    }

    private static boolean dot(File file, DirSink sink, Name name, Vnode vnode) throws IOException {
        boolean taken = sink.add(name, vnode.attr().ino(), Mode.S_IFDIR, file.position + 1);
        file.position += taken ? 1 : 0;
        return taken;
    }

    void fsync(File file, boolean dataOnly) throws IOException {
        if (file.vnode.fifo != null) {
            throw EINVAL.error();
        }
        file.handle().fsync(dataOnly);
    }

    void fallocate(File file, int mode, long off, long len) throws IOException {
        if (off < 0 || len <= 0) {
            throw EINVAL.error();
        }
        boolean punch = (mode & FALLOC_PUNCH_HOLE) != 0;
        if ((mode & ~FALLOC_MODES) != 0 || punch && mode != (FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE)) {
            throw EOPNOTSUPP.error();
        }
        file.forWriting().seekable();
        if (file.vnode.isDirectory()) {
            throw EISDIR.error();
        }
        if (!file.vnode.isRegular()) {
            throw ENODEV.error();
        }
        if (off > Long.MAX_VALUE - len) {
            throw EFBIG.error();
        }
        prepareWrite(file);
        file.handle().fallocate(mode, off, len);
    }

    /// copy_file_range(2); the caller moves the positions.
    long copy(File in, long inOff, File out, long outOff, long len) throws IOException {
        checkCopy(in, out);
        checkOffset(inOff);
        checkOffset(outOff);
        long count = Math.min(len, in.handle().getattr().size() - inOff);
        if (count <= 0) {
            return 0;
        }
        if (in.vnode == out.vnode && inOff < outOff + count && outOff < inOff + count) {
            throw EINVAL.error();
        }
        prepareWrite(out);
        try {
            return in.handle().copyFileRange(inOff, out.handle(), outOff, count);
        } catch (ErrnoException e) {
            if (e.errno() != EOPNOTSUPP) {
                throw e;
            }
            return copyBytes(in, inOff, out, outOff, count);
        }
    }

    private static void checkCopy(File in, File out) throws ErrnoException {
        if (in.vnode.isDirectory() || out.vnode.isDirectory()) {
            throw EISDIR.error();
        }
        if (!in.vnode.isRegular() || !out.vnode.isRegular()) {
            throw EINVAL.error();
        }
        in.forReading();
        if (out.forWriting().has(OpenFlags.O_APPEND)) {
            throw EBADF.error();
        }
        if (in.vnode.mount != out.vnode.mount) {
            throw EXDEV.error();
        }
    }

    private long copyBytes(File in, long inOff, File out, long outOff, long len) throws IOException {
        MemorySegment buffer = process.kernel().copyBuffer();
        long done = 0;
        while (done < len) {
            MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), len - done));
            int read = in.handle().read(part, inOff + done);
            if (read == 0) {
                break;
            }
            done += out.handle().write(part.asSlice(0, read), outOff + done);
        }
        return done;
    }

    /// What fstat(2) tells.
    static Attr attr(File file) throws IOException {
        return file.hasHandle() ? file.vnode.complete(file.handle().getattr()) : file.vnode.attr();
    }
}
