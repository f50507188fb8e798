// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.ImageFile;

/// What a file is, by its first bytes and its last.
enum ImageFormat {
    RAW,
    QCOW2,
    VHD,
    VHDX,
    VMDK,
    VMDK_DESCRIPTOR,
    GZIP,
    XZ,
    ZSTD;

    private static final int SECTOR = 512;
    private static final long VHD_COOKIE = 0x636f6e6563746978L; // "conectix"
    private static final long VHDX_SIGNATURE = 0x7668647866696c65L; // "vhdxfile"
    private static final long VMDK_TEXT = 0x23204469736b2044L; // "# Disk DescriptorFile"

    static ImageFormat of(ImageFile file) throws IOException {
        ByteBuffer head = Tables.be(Tables.readSome(file, 0, SECTOR));
        ImageFormat format = ofHead(head);
        if (format == RAW && file.length() > SECTOR) {
            return ofTail(Tables.be(Tables.readSome(file, file.length() - SECTOR, SECTOR)));
        }
        return format;
    }

    static ImageFormat of(BlockDevice device) throws IOException {
        int bytes = device.blockSize();
        if (device.size() < bytes) {
            return RAW;
        }
        byte[] block = new byte[bytes];
        device.read(MemorySegment.ofArray(block), 0);
        ImageFormat format = ofHead(Tables.be(block));
        if (format == RAW) {
            device.read(MemorySegment.ofArray(block), device.size() - bytes);
            return ofTail(Tables.be(block).slice(bytes - SECTOR, SECTOR));
        }
        return format;
    }

    private static ImageFormat ofHead(ByteBuffer head) {
        int first = head.getInt(0);
        long eight = head.getLong(0);
        if (first == Qcow2Header.MAGIC) {
            return QCOW2;
        } else if (eight == VHD_COOKIE) {
            return VHD; // dynamic: a copy of the footer
        } else if (eight == VHDX_SIGNATURE) {
            return VHDX;
        } else if (first == 0x4b444d56) { // "KDMV"
            return VMDK;
        } else if (eight == VMDK_TEXT) {
            return VMDK_DESCRIPTOR;
        } else if (first >>> 8 == 0x1f8b08) {
            return GZIP;
        } else if (eight >>> 16 == 0xfd377a585a00L) {
            return XZ;
        }
        return first == 0x28b52ffd ? ZSTD : RAW;
    }

    private static ImageFormat ofTail(ByteBuffer tail) {
        return tail.getLong(0) == VHD_COOKIE ? VHD : RAW;
    }
}
