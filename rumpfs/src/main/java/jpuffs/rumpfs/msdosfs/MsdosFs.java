// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import jpuffs.core.BlockDevice;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.Directory;
import jpuffs.rumpfs.fat.FatFs;
import jpuffs.rumpfs.fat.MountOptions;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// A mounted FAT file system.
final class MsdosFs extends FatFs {
    private static final long MAX_FILE = 0xffffffffL;

    private final BootSector boot;
    private @Nullable Fat fat;

    private MsdosFs(BootSector boot, BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        super(device, boot.sectorSize, options, host);
        this.boot = boot;
    }

    /// Mounts what is on the device, see [jpuffs.rumpfs.RumpFsType#mount].
    static MsdosFs mount(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        var fs = new MsdosFs(BootSector.read(device), device, options, host);
        fs.start();
        return fs;
    }

    BootSector boot() {
        return boot;
    }

    Fat fat() {
        return requireNonNull(fat);
    }

    @Override
    protected Clusters openClusters() throws IOException {
        var table = new Fat(boot, changes());
        if (boot.infoSector != 0 && !boot.isDirty()) {
            try (Buf buf = changes().read(infoOffset())) {
                if (InfoSector.isGood(buf.data())) {
                    table.believe(InfoSector.free(buf.data()), InfoSector.next(buf.data()));
                }
            }
        }
        fat = table;
        return table;
    }

    private long infoOffset() {
        return (long) boot.infoSector * boot.sectorSize;
    }

    @Override
    protected Directory openRoot() {
        return MsdosDirectory.root(this, fat());
    }

    @Override
    protected boolean isDirty() {
        return boot.isDirty();
    }

    @Override
    protected void setDirty(boolean dirty) throws IOException {
        try (Buf buf = changes().read(0)) {
            changes().change(buf, Changes.Rank.ENTRY);
            int at = boot.extension() + BootSector.STATE;
            int state = Le.u8(buf.data(), at);
            Le.put8(buf.data(), at, dirty ? state | BootSector.DIRTY : state & ~BootSector.DIRTY);
        }
        fat().setClean(!dirty);
    }

    @Override
    protected void summarize() throws IOException {
        if (boot.infoSector == 0) {
            return;
        }
        try (Buf buf = changes().read(infoOffset())) {
            if (InfoSector.isGood(buf.data())) {
                changes().change(buf, Changes.Rank.ENTRY);
                InfoSector.set(buf.data(), fat().free(), fat().hint());
            }
        }
    }

    @Override
    protected long maxFileSize() {
        return MAX_FILE;
    }

    /// Fills the cluster of a new directory.
    void fillNew(int cluster, EntryRec dot, EntryRec dotDot) throws IOException {
        long start = fat().offset(cluster);
        for (long at = 0; at < boot.clusterSize; at += boot.sectorSize) {
            try (Buf buf = changes().fresh(start + at)) {
                buf.data().fill((byte) 0);
                if (at == 0) {
                    buf.data().asSlice(0, Slots.SIZE).copyFrom(dot.raw);
                    buf.data().asSlice(Slots.SIZE, Slots.SIZE).copyFrom(dotDot.raw);
                }
                changes().change(buf, Changes.Rank.CONTENT);
            }
        }
    }
}
