// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.fat.MountOptions;
import org.jspecify.annotations.Nullable;

/// The type `msdosfs`: FAT12, FAT16 and FAT32.
public final class MsdosType implements RumpFsType {
    @Override
    public String name() {
        return "msdosfs";
    }

    @Override
    public String summary() {
        return "FAT12, FAT16 and FAT32 with long names, read and write";
    }

    @Override
    public List<String> aliases() {
        return List.of("vfat", "fat12", "fat16", "fat32");
    }

    @Override
    public boolean isCaseSensitive() {
        return false;
    }

    @Override
    public List<FsOption> mountOptions() {
        return MountOptions.KNOWN;
    }

    @Override
    public List<FsOption> newfsOptions() {
        return NewfsOptions.KNOWN;
    }

    @Override
    public void newfs(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        Newfs.make(device, NewfsOptions.of(options, device), host);
    }

    @Override
    public @Nullable FsIdentity probe(BlockDevice device) throws IOException {
        BootSector boot;
        try {
            boot = BootSector.read(device);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.EUCLEAN) {
                return null; // the magic number alone is too little
            }
            throw e;
        }
        return new FsIdentity(
                name(),
                boot.kind.name().toLowerCase(Locale.ROOT),
                boot.label(),
                boot.id(),
                boot.sectors * boot.sectorSize,
                boot.clusterSize,
                boot.isDirty() ? "not clean" : "clean",
                List.of());
    }

    @Override
    public FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        return MsdosFs.mount(device, MountOptions.of(options), host);
    }

    @Override
    public FsckResult fsck(BlockDevice device, boolean repair, Consumer<String> report, Rumpuser host)
            throws IOException {
        return Fsck.check(device, repair, report);
    }
}
