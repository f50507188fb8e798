// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.ImageFile;

/// Opens images of disks, whatever they are in: the one way for everything that takes the name of a disk.
///
/// ```
/// try (BlockDevice disk = Images.open(DiskName.parse("vm.qcow2#monday@p2"), true)) { ... }
/// ```
///
/// What a file is, is told by its content, never by its name. What is no container is a disk as it is.
public final class Images {
    private Images() {}

    /// Opens a disk, a snapshot of one, or a partition.
    ///
    /// @throws IOException EBUSY if another has it open for writing, or has it open and this is not `readOnly`;
    ///     EINVAL for a directory; ENXIO if there is no such partition, ENOENT no such file or snapshot; EUCLEAN
    ///     for a damaged container, EOPNOTSUPP, with its name, for a feature that is not known; EPERM for a backing
    ///     file that may not be opened, ELOOP if it leads back to the image; and the host's
    public static BlockDevice open(DiskName name, boolean readOnly) throws IOException {
        return open(ImageHost.NEAR, name, readOnly);
    }

    /// As above, by the files of `host`.
    public static BlockDevice open(ImageHost host, DiskName name, boolean readOnly) throws IOException {
        BlockDevice whole = whole(host, name, readOnly);
        boolean done = false;
        try {
            BlockDevice disk = name.in(whole);
            done = true;
            return disk;
        } finally {
            if (!done) {
                whole.close();
            }
        }
    }

    /// The disk without regard to the partition: an [ImageDisk] if it is in a container.
    public static BlockDevice whole(ImageHost host, DiskName name, boolean readOnly) throws IOException {
        ImageFile file = host.open(name.image(), readOnly);
        boolean done = false;
        try {
            ImageFormat format = ImageFormat.of(file);
            if (format != ImageFormat.QCOW2 && !name.snapshot().isEmpty()) {
                throw EINVAL.error("%s has no snapshots: it is no qcow2 image", name.image());
            }
            BlockDevice disk = format == ImageFormat.RAW
                    ? new RawDisk(file, file.length() / 512 * 512)
                    : container(format, new Chain(host, file), file, name.snapshot());
            done = true;
            return disk;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /// Whether what is in this device is a container, to be opened by its name.
    ///
    /// @throws IOException the device's
    public static boolean isContainer(BlockDevice device) throws IOException {
        return ImageFormat.of(device) != ImageFormat.RAW;
    }

    /// The disk in a container.
    static BlockDevice container(ImageFormat format, Chain chain, ImageFile file, String snapshot) throws IOException {
        return switch (format) {
            case RAW -> new RawDisk(file, file.length() + 511 & ~511L);
            case QCOW2 -> qcow2(chain, file, snapshot);
            case VHD -> new VhdDisk(file);
            case VHDX -> new VhdxDisk(file);
            case VMDK -> new VmdkDisk(file);
            case VMDK_DESCRIPTOR -> VmdkDisk.flat(chain, file);
            case GZIP, XZ, ZSTD -> CompressedDisk.open(chain.host(), file, format);
        };
    }

    private static ImageDisk qcow2(Chain chain, ImageFile file, String snapshot) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        BlockDevice backing = header.backing().isEmpty() ? null : chain.open(header.backing(), header.backingFormat());
        boolean done = false;
        try {
            var disk = new Qcow2Disk(file, header, snapshot, backing);
            done = true;
            return disk;
        } finally {
            if (!done && backing != null) {
                backing.close();
            }
        }
    }
}
