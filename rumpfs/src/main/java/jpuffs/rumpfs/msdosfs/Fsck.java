// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.io.Le;

/// Checks the table and, by [FsckTree], the directories: each cluster belongs to one file or to none.
///
/// Repairs what a crash leaves, and what can be cut off: chains that end in nothing, meet others or run in circles;
/// clusters of nobody become free.
final class Fsck {
    private static final int CACHE = 8 << 20;

    private final BootSector boot;
    private final Changes changes;
    private final Fat fat;
    private final boolean repair;
    private final Consumer<String> report;
    private final BitSet owned = new BitSet();
    private int found;
    private int left; // that cannot be repaired

    private Fsck(BootSector boot, Changes changes, boolean repair, Consumer<String> report) {
        this.boot = boot;
        this.changes = changes;
        this.fat = new Fat(boot, changes);
        this.repair = repair;
        this.report = report;
    }

    /// See [jpuffs.rumpfs.RumpFsType#fsck].
    static FsckResult check(BlockDevice device, boolean repair, Consumer<String> report) throws IOException {
        BootSector boot = BootSector.read(device);
        try (var cache = new BufCache(device, boot.sectorSize, CACHE)) {
            var changes = new Changes(cache, CACHE / boot.sectorSize / 4);
            var fsck = new Fsck(boot, changes, repair, report);
            boolean done = false;
            try {
                fsck.run();
                done = true;
            } finally {
                fsck.fat.close();
                if (!done && !changes.isEmpty()) {
                    changes.abort();
                }
            }
            return fsck.result();
        }
    }

    private void run() throws IOException {
        checkCopies();
        new FsckTree(this).run();
        checkLost();
        checkInfo();
        checkDirty();
        commit();
    }

    private FsckResult result() {
        if (found == 0) {
            report.accept(boot.kind + ": clean, " + owned.cardinality() + " of " + boot.clusters + " clusters in use");
            return FsckResult.CLEAN;
        }
        boolean repaired = repair && left == 0;
        report.accept(boot.kind + ": " + found + (found == 1 ? " error, " : " errors, ")
                + (repaired ? "repaired" : repair ? left + " left" : "nothing written"));
        return repaired ? FsckResult.REPAIRED : FsckResult.DAMAGED;
    }

    /// Says what is wrong; whether it is to be repaired.
    boolean error(String text, Object... values) {
        found++;
        report.accept(String.format(Locale.ROOT, text, values));
        return repair;
    }

    /// Says what is wrong and stays so.
    void hopeless(String text, Object... values) {
        left++;
        error(text, values);
    }

    boolean isRepairing() {
        return repair;
    }

    BootSector boot() {
        return boot;
    }

    Changes changes() {
        return changes;
    }

    Fat fat() {
        return fat;
    }

    /// Clusters that belong to a file seen so far.
    BitSet owned() {
        return owned;
    }

    /// Writes what was repaired, if it is much.
    void commitIfLarge() throws IOException {
        if (changes.isLarge()) {
            commit();
        }
    }

    private void commit() throws IOException {
        if (!changes.isEmpty()) {
            fat.close();
            changes.commit();
        }
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
                    if (repair && value != Fat.BAD) {
                        fat.set(cluster, value);
                        commitIfLarge();
                    }
                }
            }
            if (differences > 0) {
                error("table: copy %d differs from the first in %d entries", copy + 1, differences);
            }
        }
    }

    private void checkLost() throws IOException {
        int lost = 0;
        for (int cluster = 2; cluster < boot.clusters + 2; cluster++) {
            int value = owned.get(cluster) ? Fat.FREE : fat.get(cluster);
            if (value != Fat.FREE && value != Fat.BAD) {
                lost++;
                if (repair) {
                    fat.set(cluster, Fat.FREE);
                    commitIfLarge();
                }
            }
        }
        if (lost > 0) {
            error("table: %d clusters belong to nobody", lost);
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
            if (told != 0xffff_ffffL && told != free && error("free clusters: %d, counted %d", told, free)) {
                changes.change(buf, Changes.Rank.ENTRY);
                InfoSector.set(buf.data(), free, (int) InfoSector.next(buf.data()));
            }
        }
    }

    private void checkDirty() throws IOException {
        if (!boot.isDirty() || !error("it was not unmounted")) {
            return;
        }
        if (left == 0) {
            try (Buf buf = changes.read(0)) {
                changes.change(buf, Changes.Rank.ENTRY);
                int at = boot.extension() + BootSector.STATE;
                Le.put8(buf.data(), at, Le.u8(buf.data(), at) & ~BootSector.DIRTY);
            }
            fat.setClean(true);
        }
    }
}
