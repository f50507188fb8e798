// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.Partitions;
import jpuffs.rump.image.ImageDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;

/// `puffs newfs`: makes a file system on an image, a block device or a partition.
final class NewfsCommand {
    private static final int BLOCK = 512;

    private NewfsCommand() {}

    /// Makes it.
    ///
    /// @param size as typed, empty for that of the image
    /// @param force whether a disk with partitions, or a block device, is overwritten
    static void run(String typeName, String image, String size, List<Opt> options, boolean force) throws Failure {
        RumpFsType type = DiskFs.type(typeName);
        FsOptions values = DiskFs.options(type, type.newfsOptions(), options);
        if (!typeName.equals(type.name())) {
            values = values.with("version", typeName);
        }
        DiskName name = DiskName.parse(image);
        long bytes = size.isEmpty() ? 0 : Values.bytes("SIZE", size) / BLOCK * BLOCK;
        try (BlockDevice whole = open(name, bytes)) {
            if (!force) {
                requireHarmless(name, whole);
            }
            try (BlockDevice disk = name.in(whole)) {
                type.newfs(disk, values, Rumpuser.HOST);
                disk.flush();
            }
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "cannot make " + typeName + " on " + image + ": " + Reason.of(e));
        }
    }

    private static BlockDevice open(DiskName name, long bytes) throws IOException, Failure {
        Path image = name.image();
        boolean sized = bytes > 0;
        if (!Files.exists(image) && !sized) {
            throw Failure.usage(
                    image + " does not exist: say how large it shall be, as in: puffs newfs TYPE " + image + " 1G");
        }
        if (sized && (!name.partition().isEmpty() || Files.exists(image) && !Files.isRegularFile(image))) {
            throw Failure.usage(name + " has its size; leave SIZE out");
        }
        if (!sized) {
            return HostImages.whole(name, false);
        }
        if (Files.exists(image)) {
            try (BlockDevice old = HostImages.whole(name, true)) {
                if (old instanceof ImageDisk container) {
                    throw Failure.usage(
                            name + " is a " + container.info().format() + " image, which has its size; leave SIZE out");
                }
            }
        }
        return FileDisk.create(image, bytes);
    }

    /// A partition, or a file that is no whole disk, may be overwritten: that is what newfs is for.
    private static void requireHarmless(DiskName name, BlockDevice whole) throws IOException, Failure {
        if (!name.partition().isEmpty()) {
            return;
        }
        if (!Files.isRegularFile(name.image())) {
            throw Failure.usage(name + " is a device: -F makes a file system on all of it");
        }
        Partitions table = Partitions.read(whole);
        if (!table.entries().isEmpty()) {
            throw Failure.usage(name + " has partitions (" + table.scheme() + "): say " + name + "@"
                    + table.entries().getFirst().id() + ", or -F to overwrite all of it");
        }
    }
}
