// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.Extent;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.pud.block.FileDevice;
import jpuffs.sys.Fcntl;

/// A block device as a file system that is one regular file: the file a loop device is made of.
///
/// Reads and writes need not keep to blocks: a part of one is read, changed and written. The loop device keeps to
/// them, unless its blocks are smaller. The file has the size of the device and cannot grow.
///
/// Where the device is a file of the host and the kernel can, that is read and written past us (FUSE passthrough);
/// flushes, trims and zeroes come here.
final class BlockFile implements FileSystem {
    private final BlockDevice device;
    private final Node root = new Root();

    BlockFile(BlockDevice device) {
        this.device = device;
    }

    @Override
    public Node root() {
        return root;
    }

    @Override
    public boolean isThreadSafe() {
        return true;
    }

    @Override
    public void sync() throws IOException {
        if (!device.isReadOnly()) {
            device.flush();
        }
    }

    private final class Root implements Node {
        @Override
        public Attr getattr() {
            return Attr.file(device.isReadOnly() ? 0400 : 0600, device.size()).withBlksize(4096);
        }

        /// Nothing of it can change: the size must stay, the rest is the mount's.
        @Override
        public Attr setattr(SetAttr change) throws IOException {
            if (change.has(SetAttr.SIZE) && change.size() != device.size()) {
                throw EINVAL.error("a device keeps its size");
            }
            return getattr();
        }

        @Override
        public Handle open(int flags) throws IOException {
            if (device.isReadOnly() && (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY) {
                throw EROFS.error();
            }
            return new Handle(this, flags) {
                @Override
                public int caching() {
                    return NOFLUSH | PARALLEL_WRITES;
                }

                @Override
                public int backingFd() {
                    return device instanceof FileDevice file ? file.backingFd() : -1;
                }
            };
        }

        @Override
        public int read(MemorySegment dst, long off) throws IOException {
            long length = Math.clamp(device.size() - off, 0, dst.byteSize());
            if (isWhole(off, length)) {
                device.read(dst.asSlice(0, length), off);
            } else {
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment blocks = readAround(arena, off, length);
                    MemorySegment.copy(blocks, off - down(off), dst, 0, length);
                }
            }
            return (int) length;
        }

        @Override
        public int write(MemorySegment src, long off) throws IOException {
            long length = Math.clamp(device.size() - off, 0, src.byteSize());
            if (length == 0 && src.byteSize() > 0) {
                throw ENOSPC.error("offset %d, the device ends at %d", off, device.size());
            }
            if (isWhole(off, length)) {
                device.write(src.asSlice(0, length), off);
            } else {
                writeAround(src, off, length);
            }
            return (int) length;
        }

        /// One at a time, so that two writers to one block do not undo each other's change.
        private synchronized void writeAround(MemorySegment src, long off, long length) throws IOException {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment blocks = readAround(arena, off, length);
                MemorySegment.copy(src, 0, blocks, off - down(off), length);
                device.write(blocks, down(off));
            }
        }

        private MemorySegment readAround(Arena arena, long off, long length) throws IOException {
            long end = down(off + length + device.blockSize() - 1);
            MemorySegment blocks = arena.allocate(end - down(off), device.blockSize());
            device.read(blocks, down(off));
            return blocks;
        }

        private boolean isWhole(long off, long length) {
            return ((off | length) & device.blockSize() - 1) == 0;
        }

        private long down(long off) {
            return off & -device.blockSize();
        }

        @Override
        public void fsync(boolean dataOnly) throws IOException {
            sync();
        }

        /// FALLOC_FL_PUNCH_HOLE and FALLOC_FL_ZERO_RANGE, which a loop device makes of discards and of zeroing.
        @Override
        public void fallocate(int mode, long off, long len) throws IOException {
            int action = mode & ~Fcntl.FALLOC_FL_KEEP_SIZE;
            if (action != Fcntl.FALLOC_FL_PUNCH_HOLE && action != Fcntl.FALLOC_FL_ZERO_RANGE) {
                throw EOPNOTSUPP.error("fallocate mode %x", mode);
            }
            device.check(off, len);
            device.zero(off, len);
        }

        @Override
        public long seek(long off, boolean hole) throws IOException {
            if (off >= device.size()) {
                throw ENXIO.error();
            }
            long at = off;
            while (at < device.size()) {
                Extent extent = device.extent(down(at), device.size() - down(at));
                if (extent.isHole() == hole) {
                    return at;
                }
                at = down(at) + extent.length();
            }
            if (hole) {
                return device.size();
            }
            throw ENXIO.error();
        }
    }
}
