// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.FatFsck;
import jpuffs.rumpfs.fat.FsckLog;
import jpuffs.rumpfs.fat.Run;
import jpuffs.rumpfs.io.ByteDisk;

/// Checks the boot region, the bitmap and, by [FsckTree], the directories: each cluster belongs to one file or to
/// none.
///
/// Repairs what a crash leaves, and what can be cut off. Clusters of nobody become free. Without a good up-case
/// table or bitmap there is nothing to go by: that is told and stays so.
final class Fsck extends FatFsck {
    private final BootRegion boot;
    private final Heap heap;
    private final ByteDisk data;
    private final FsckLog log;

    private Fsck(BootRegion boot, BufCache cache, ByteDisk data, FsckLog log) {
        super(cache, log);
        this.boot = boot;
        this.heap = new Heap(boot, changes);
        this.data = data;
        this.log = log;
    }

    /// See [jpuffs.rumpfs.RumpFsType#fsck].
    static FsckResult check(BlockDevice device, boolean repair, Consumer<String> report) throws IOException {
        var log = new FsckLog(repair, report);
        BootRegion boot = bootRegion(device, log);
        try (var cache = new BufCache(device, boot.sectorSize, CACHE);
                var data = new ByteDisk(device)) {
            return new Fsck(boot, cache, data, log).check("exFAT");
        }
    }

    /// The region, put right from its copy if it is damaged.
    private static BootRegion bootRegion(BlockDevice device, FsckLog log) throws IOException {
        ErrnoException why;
        try {
            BootRegion boot = BootRegion.read(device);
            if (boot.hasGoodSum(device, 0)) {
                return boot;
            }
            why = EUCLEAN.error("the boot sectors have a wrong checksum");
        } catch (ErrnoException e) {
            why = e;
        }
        BootRegion copy = BootRegion.readCopy(device);
        if (copy == null) {
            throw why;
        }
        if (log.error("boot sectors: %s; there is a good copy", why.getMessage())) {
            try (var disk = new ByteDisk(device)) {
                disk.write(copy.region(device, BootRegion.SECTORS), 0);
                disk.flush();
            }
        }
        return copy;
    }

    @Override
    protected void run() throws IOException {
        RootScan root = new RootScan(boot, heap);
        own("/", root.chain);
        try {
            root.useBitmap();
            own("allocation bitmap", heap.bitmap());
            own("up-case table", root.tableChain());
        } catch (ErrnoException e) {
            if (e.errno() != EUCLEAN) {
                throw e;
            }
            log.hopeless("%s", e.getMessage());
            return;
        }
        UpCase upCase;
        try {
            upCase = root.upCase(data);
        } catch (ErrnoException e) {
            if (e.errno() != EUCLEAN) {
                throw e;
            }
            log.hopeless("%s", e.getMessage());
            return;
        }
        new FsckTree(this, upCase).run(root.slots);
        checkBitmap();
        checkDirty();
    }

    /// Takes the clusters of something that cannot be cut.
    private void own(String what, Chain chain) throws IOException {
        int index = 0;
        for (Run run = chain.from(index); run != null; run = chain.from(index)) {
            for (int cluster = run.first(); cluster < run.end(); cluster++) {
                if (owned().get(cluster)) {
                    throw EUCLEAN.error("%s: cluster %d is something else, too", what, cluster);
                }
                owned().set(cluster);
            }
            index += run.count();
        }
    }

    @Override
    protected Heap clusters() {
        return heap;
    }

    private void checkBitmap() throws IOException {
        int lost = 0;
        int free = 0;
        for (int cluster = 2; heap.isCluster(cluster); cluster++) {
            boolean taken = !heap.isFree(cluster);
            if (taken != owned().get(cluster)) {
                lost += taken ? 1 : 0;
                free += taken ? 0 : 1;
                if (log.isRepairing()) {
                    heap.mark(cluster, !taken);
                    commitIfLarge();
                }
            }
        }
        if (lost > 0) {
            log.error("bitmap: %d clusters belong to nobody", lost);
        }
        if (free > 0) {
            log.error("bitmap: %d clusters of files are marked free", free);
        }
    }

    private void checkDirty() throws IOException {
        if (boot.isDirty() && log.error("it was not unmounted") && !log.isHopeless()) {
            try (Buf buf = changes.read(0)) {
                changes.change(buf, Changes.Rank.ENTRY);
                ExfatFs.setDirty(buf, false);
            }
        }
    }
}
