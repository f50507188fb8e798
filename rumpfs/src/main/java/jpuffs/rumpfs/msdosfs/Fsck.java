// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.FatFsck;
import jpuffs.rumpfs.fat.FsckLog;
import jpuffs.rumpfs.io.Le;

/// Checks the table and, by [FsckTree], the directories: each cluster belongs to one file or to none.
///
/// Repairs what a crash leaves, and what can be cut off: chains that end in nothing, meet others or run in circles;
/// clusters of nobody become free.
final class Fsck extends FatFsck {
    private final BootSector boot;
    private final Fat fat;
    private final FsckLog log;

    private Fsck(BootSector boot, BufCache cache, FsckLog log) {
        super(cache, log);
        this.boot = boot;
        this.fat = new Fat(boot, changes);
        this.log = log;
    }

    /// See [jpuffs.rumpfs.RumpFsType#fsck].
    static FsckResult check(BlockDevice device, boolean repair, Consumer<String> report) throws IOException {
        BootSector boot = BootSector.read(device);
        try (var cache = new BufCache(device, boot.sectorSize, CACHE)) {
            return new Fsck(boot, cache, new FsckLog(repair, report)).check(boot.kind.name());
        }
    }

    @Override
    protected void run() throws IOException {
        checkCopies();
        new FsckTree(this).run();
        checkLost();
        checkInfo();
        checkDirty();
    }

    @Override
    protected Fat clusters() {
        return fat;
    }

    BootSector boot() {
        return boot;
    }

    /// A crash may have come between the copies of the table.
    private void checkCopies() throws IOException {
        if (boot.activeFat >= 0) {
            return;
        }
        for (int copy = 1; copy < boot.fats; copy++) {
            int differences = 0;
            for (int cluster = 2; cluster < boot.clusters + 2; cluster++) {
                int value = fat.get(0, cluster);
                if (value != fat.get(copy, cluster)) {
                    differences++;
                    if (log.isRepairing()) {
                        fat.set(cluster, value);
                        commitIfLarge();
                    }
                }
            }
            if (differences > 0) {
                log.error("table: copy %d differs from the first in %d entries", copy + 1, differences);
            }
        }
    }

    private void checkLost() throws IOException {
        int lost = 0;
        for (int cluster = 2; cluster < boot.clusters + 2; cluster++) {
            int value = owned().get(cluster) ? Fat.FREE : fat.get(cluster);
            if (value != Fat.FREE && value != Fat.BAD) {
                lost++;
                if (log.isRepairing()) {
                    fat.set(cluster, Fat.FREE);
                    commitIfLarge();
                }
            }
        }
        if (lost > 0) {
            log.error("table: %d clusters belong to nobody", lost);
        }
    }

    private void checkInfo() throws IOException {
        if (boot.infoSector == 0) {
            return;
        }
        int free = 0;
        for (int cluster = 2; cluster < boot.clusters + 2; cluster++) {
            free += fat.get(cluster) == Fat.FREE ? 1 : 0;
        }
        try (Buf buf = changes.read((long) boot.infoSector * boot.sectorSize)) {
            long told = InfoSector.isGood(buf.data()) ? InfoSector.free(buf.data()) : 0xffff_ffffL;
            if (told != 0xffff_ffffL && told != free && log.error("free clusters: %d, counted %d", told, free)) {
                changes.change(buf, Changes.Rank.ENTRY);
                InfoSector.set(buf.data(), free, (int) InfoSector.next(buf.data()));
            }
        }
    }

    private void checkDirty() throws IOException {
        if (!boot.isDirty() && fat.isClean() || !log.error("it was not unmounted")) {
            return;
        }
        if (!log.isHopeless()) {
            try (Buf buf = changes.read(0)) {
                changes.change(buf, Changes.Rank.ENTRY);
                int at = boot.extension() + BootSector.STATE;
                Le.put8(buf.data(), at, Le.u8(buf.data(), at) & ~BootSector.DIRTY);
            }
            fat.setClean(true);
        }
    }
}
