// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.pud.block.FileDevice;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.ImageFile;
import jpuffs.rump.image.ImageHost;
import jpuffs.rump.image.Images;
import org.jspecify.annotations.Nullable;

/// The images of this machine, opened by system calls: what all commands use. The variable `PUFFS_BACKING` of the
/// environment (`none`, `near`, `any`) says which files an image may stand on.
public final class HostImages extends ImageHost {
    private final boolean direct;

    private HostImages(Backing backing, boolean direct) {
        super(backing);
        this.direct = direct;
    }

    @Override
    public ImageFile open(Path path, boolean readOnly) throws IOException {
        return HostFile.open(path, readOnly, direct);
    }

    @Override
    public ImageFile scratch() throws IOException {
        Path path = Files.createTempFile("puffs", ".disk");
        try {
            return HostFile.open(path, false, false);
        } finally {
            Files.delete(path); // it stays until it is closed
        }
    }

    private static HostImages host(boolean direct) throws ErrnoException {
        return new HostImages(backing(System.getenv("PUFFS_BACKING")), direct);
    }

    static Backing backing(@Nullable String value) throws ErrnoException {
        if (value == null || value.isEmpty()) {
            return Backing.NEAR;
        }
        for (Backing each : Backing.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
                return each;
            }
        }
        throw Errno.EINVAL.error("PUFFS_BACKING=%s: there are none, near and any", value);
    }

    /// Opens a disk, a snapshot or a partition.
    ///
    /// @throws IOException as [Images#open]
    public static BlockDevice open(DiskName name, boolean readOnly) throws IOException {
        return open(name, readOnly, false);
    }

    /// As [#open(DiskName, boolean)].
    ///
    /// @param direct whether data goes past the page cache of this machine where it can
    static BlockDevice open(DiskName name, boolean readOnly, boolean direct) throws IOException {
        return Images.open(host(direct), name, readOnly);
    }

    /// Opens a disk or a snapshot without regard to the partition.
    ///
    /// @throws IOException as [Images#whole]
    public static BlockDevice whole(DiskName name, boolean readOnly) throws IOException {
        return Images.whole(host(false), name, readOnly);
    }

    /// Opens a disk to be served: one in no container as pud does, with what its servers know of files.
    static BlockDevice device(Path path, boolean readOnly) throws IOException {
        DiskName name = DiskName.parse(path.toString());
        if (!name.snapshot().isEmpty() || !name.partition().isEmpty()) {
            return open(name, readOnly || !name.snapshot().isEmpty());
        }
        FileDevice file = FileDevice.open(path, readOnly);
        boolean isContainer = true;
        try {
            isContainer = Images.isContainer(file);
        } finally {
            if (isContainer) {
                file.close();
            }
        }
        return isContainer ? open(name, readOnly) : file;
    }
}
