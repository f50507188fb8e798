// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.MountOptions;
import org.jspecify.annotations.Nullable;

/// The type `exfat`.
public final class ExfatType implements RumpFsType {
    private static final int CACHE = 1 << 20;

    @Override
    public String name() {
        return "exfat";
    }

    @Override
    public String summary() {
        return "exFAT, read and write";
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
        BootRegion boot;
        try {
            boot = BootRegion.read(device);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.EUCLEAN) {
                return null;
            }
            throw e;
        }
        String label = "";
        List<String> features = List.of();
        try (var cache = new BufCache(device, boot.sectorSize, CACHE);
                var heap = new Heap(boot, new Changes(cache, 1))) {
            var root = new RootScan(boot, heap);
            label = root.label();
            UUID guid = root.guid();
            features = guid == null ? List.of() : List.of("guid " + guid);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EUCLEAN) {
                throw e;
            }
        }
        return new FsIdentity(
                name(),
                name(),
                label,
                boot.serial(),
                boot.sectors * boot.sectorSize,
                boot.layout.size(),
                boot.isDirty() ? "not clean" : "clean",
                features);
    }

    @Override
    public FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        return ExfatFs.mount(device, MountOptions.of(options), host);
    }

    @Override
    public FsckResult fsck(BlockDevice device, boolean repair, Consumer<String> report, Rumpuser host)
            throws IOException {
        return Fsck.check(device, repair, report);
    }
}
