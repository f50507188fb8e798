// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static java.util.Objects.requireNonNull;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import jpuffs.core.BlockDevice;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.Directory;
import jpuffs.rumpfs.fat.FatFs;
import jpuffs.rumpfs.fat.MountOptions;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// A mounted exFAT file system.
final class ExfatFs extends FatFs {
    private static final long MAX_FILE = 1L << 60;

    private final BootRegion boot;
    private @Nullable RootScan root;
    private @Nullable UpCase upCase;

    private ExfatFs(BootRegion boot, BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        super(device, boot.sectorSize, options, host);
        this.boot = boot;
    }

    /// Mounts what is on the device, see [jpuffs.rumpfs.RumpFsType#mount].
    static ExfatFs mount(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        BootRegion boot = BootRegion.read(device);
        if (!boot.hasGoodSum(device, 0)) {
            throw EUCLEAN.error("the boot sectors have a wrong checksum: fsck can take their copy");
        }
        var fs = new ExfatFs(boot, device, options, host);
        fs.start();
        return fs;
    }

    UpCase upCase() {
        return requireNonNull(upCase);
    }

    @Override
    protected Clusters openClusters() throws IOException {
        var heap = new Heap(boot, changes());
        boolean done = false;
        try {
            root = new RootScan(boot, heap);
            root.useBitmap();
            upCase = root.upCase(data());
            done = true;
            return heap;
        } finally {
            if (!done) {
                heap.close();
            }
        }
    }

    @Override
    protected Directory openRoot() {
        return ExfatDirectory.root(this, requireNonNull(root).slots);
    }

    @Override
    protected boolean isDirty() {
        return boot.isDirty();
    }

    /// Neither the flag nor the percentage counts for the checksum.
    @Override
    protected void setDirty(boolean dirty) throws IOException {
        try (Buf buf = changes().read(0)) {
            changes().change(buf, Changes.Rank.ENTRY);
            setDirty(buf, dirty);
            if (!dirty) {
                long used = (long) clusters().count() - clusters().free();
                Le.put8(buf.data(), BootRegion.PERCENT, (int)
                        (used * 100 / clusters().count()));
            }
        }
    }

    static void setDirty(Buf boot, boolean dirty) {
        int flags = Le.u16(boot.data(), BootRegion.FLAGS);
        Le.put16(boot.data(), BootRegion.FLAGS, dirty ? flags | BootRegion.DIRTY : flags & ~BootRegion.DIRTY);
    }

    @Override
    protected void summarize() {}

    @Override
    protected long maxFileSize() {
        return MAX_FILE;
    }
}
