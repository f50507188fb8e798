// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTTY;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.core.Errors.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The defaults of the waists.
@Timeout(30)
class WaistTest {
    private static final Attr ATTR = Attr.file(0600, 5);
    private static final Name NAME = Name.of("x");
    private static final MemorySegment BUFFER = MemorySegment.ofArray(new byte[8]);
    private static final Lock LOCK = new Lock(Lock.Type.READ, 1, 0, 1, 1, false);

    private final Node node = () -> ATTR;

    @Test
    void aNodeNeedsItsAttributesOnly() throws IOException {
        assertThat(node.getattr()).isEqualTo(ATTR);
        assertThat(node.generation()).isZero();
        assertThat(node.listxattr()).isEmpty();
        assertFails(EROFS, () -> node.setattr(SetAttr.none()));
        assertFails(EISDIR, () -> node.read(BUFFER, 0));
        assertFails(EROFS, () -> node.write(BUFFER, 0));
        assertFails(EINVAL, node::readlink);
        assertFails(EOPNOTSUPP, () -> node.fallocate(0, 0, 1));
        assertFails(ENOSYS, () -> node.seek(0, true));
        assertFails(EOPNOTSUPP, () -> node.copyFileRange(0, node, 0, 1));
        assertFails(ENOTTY, () -> node.ioctl(0, BUFFER, BUFFER));
        assertFails(ENOSYS, () -> node.poll(1, null));
        assertFails(ENOSYS, () -> node.getlk(LOCK));
        assertFails(ENOSYS, () -> node.setlk(LOCK, false));
        assertFails(EOPNOTSUPP, () -> node.getxattr(NAME));
        assertFails(EOPNOTSUPP, () -> node.setxattr(NAME, new byte[0], 0));
        assertFails(EOPNOTSUPP, () -> node.removexattr(NAME));
        node.fsync(true);
        node.inactive();
        node.reclaim(1);
    }

    @Test
    void directoryOperationsHaveTheirErrnos() {
        assertFails(ENOTDIR, () -> node.lookup(NAME));
        assertFails(ENOTDIR, () -> node.entry(NAME));
        assertFails(ENOTDIR, () -> node.readdir(0, (name, ino, mode, cookie) -> true));
        assertFails(EROFS, () -> node.mknod(NAME, 0, 0, Cred.ROOT));
        assertFails(EROFS, () -> node.create(NAME, 0, 0, Cred.ROOT));
        assertFails(EOPNOTSUPP, () -> node.tmpfile(0, 0, Cred.ROOT));
        assertFails(EROFS, () -> node.mkdir(NAME, 0, Cred.ROOT));
        assertFails(EROFS, () -> node.symlink(NAME, new byte[1], Cred.ROOT));
        assertFails(EROFS, () -> node.link(node, NAME));
        assertFails(EROFS, () -> node.unlink(NAME));
        assertFails(EROFS, () -> node.rmdir(NAME));
        assertFails(EROFS, () -> node.rename(NAME, node, NAME, 0));
    }

    @Test
    void aHandlePassesEverythingOn() throws IOException {
        Handle handle = node.open(2);
        assertThat(handle.node()).isSameAs(node);
        assertThat(handle.flags()).isEqualTo(2);
        assertThat(handle.caching()).isEqualTo(Handle.NOFLUSH);
        assertThat(handle.backingFd()).isEqualTo(-1);
        assertThat(handle.getattr()).isEqualTo(ATTR);
        assertFails(EROFS, () -> handle.setattr(SetAttr.none()));
        assertFails(EISDIR, () -> handle.read(BUFFER, 0));
        assertFails(EROFS, () -> handle.write(BUFFER, 0));
        assertFails(ENOTDIR, () -> handle.readdir(0, (name, ino, mode, cookie) -> true));
        assertFails(EOPNOTSUPP, () -> handle.fallocate(0, 0, 1));
        assertFails(ENOSYS, () -> handle.seek(0, false));
        assertFails(EOPNOTSUPP, () -> handle.copyFileRange(0, handle, 0, 1));
        assertFails(ENOTTY, () -> handle.ioctl(0, BUFFER, BUFFER));
        assertFails(ENOSYS, () -> handle.poll(1, null));
        assertFails(ENOSYS, () -> handle.getlk(LOCK));
        assertFails(ENOSYS, () -> handle.setlk(LOCK, false));
        handle.fsync(false);
        handle.flush();
        handle.release();
    }

    @Test
    void aFileSystemNeedsItsRootOnly() throws IOException {
        FileSystem fs = FileSystem.of(node);
        assertThat(fs.root()).isSameAs(node);
        assertThat(fs.statfs()).isEqualTo(StatFs.UNKNOWN);
        assertThat(fs.byIno(1)).isNull();
        assertThat(fs.isExportable() || fs.isThreadSafe() || fs.keepsAcls() || fs.keepsLocks())
                .isFalse();
        fs.sync();
        fs.unmount(false);
    }

    @Test
    void aBlockDeviceChecksAndWritesZeros() throws IOException {
        var bytes = new byte[200 << 10];
        Arrays.fill(bytes, (byte) 1);
        BlockDevice disk = new ArrayDisk(bytes);
        disk.zero(512, 150 << 10);
        assertThat(bytes[511]).isEqualTo((byte) 1);
        assertThat(bytes[512]).isZero();
        assertThat(bytes[512 + (150 << 10) - 1]).isZero();
        assertThat(bytes[512 + (150 << 10)]).isEqualTo((byte) 1);
        disk.check(0, bytes.length);
        assertFails(EINVAL, () -> disk.check(1, 512));
        assertFails(EINVAL, () -> disk.check(-512, 512));
        assertFails(EINVAL, () -> disk.check(0, 511));
        assertFails(ENOSPC, () -> disk.check(bytes.length, 512));
        assertFails(ENOSPC, () -> disk.check(512, Long.MAX_VALUE & ~511));
        assertThat(disk.isReadOnly() || disk.canTrim()).isFalse();
        disk.trim(0, 512);
        disk.flush();
        disk.close();
    }

    @Test
    void aCharDeviceNeedsNothing() throws IOException {
        var device = new CharDevice() {};
        assertThat(device.open(0)).isSameAs(device);
        assertFails(EINVAL, () -> device.read(BUFFER, 0, 0));
        assertFails(EINVAL, () -> device.write(BUFFER, 0, 0));
        assertFails(ENOTTY, () -> device.ioctl(0, BUFFER, BUFFER));
        assertFails(ENOSYS, () -> device.poll(1, null));
        device.close();
    }

    private static final class ArrayDisk implements BlockDevice {
        private final byte[] bytes;

        ArrayDisk(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public void read(MemorySegment dst, long off) {
            dst.copyFrom(MemorySegment.ofArray(bytes).asSlice(off, dst.byteSize()));
        }

        @Override
        public void write(MemorySegment src, long off) {
            MemorySegment.ofArray(bytes).asSlice(off).copyFrom(src);
        }
    }
}
