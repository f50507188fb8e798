// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.fat.FsckLog;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.msdosfs.Scanner.Found;
import org.jspecify.annotations.Nullable;

/// The part of [Fsck] that goes through all directories. Each cluster is taken once, so it ends on any image.
final class FsckTree {
    private final Fsck fsck;
    private final FsckLog log;
    private final BootSector boot;
    private final Fat fat;
    private final BitSet owned;
    private final Deque<Dir> todo = new ArrayDeque<>();
    private int renamed; // files of this directory

    /// A directory that is to be looked through.
    ///
    /// @param cluster its first one; of the root 0
    private record Dir(String path, int cluster, int parent, Slots slots) {
        boolean isRoot() {
            return path.isEmpty();
        }
    }

    FsckTree(Fsck fsck) {
        this.fsck = fsck;
        this.log = fsck.log();
        this.boot = fsck.boot();
        this.fat = fsck.clusters();
        this.owned = fsck.owned();
    }

    void run() throws IOException {
        if (boot.rootCluster != 0) {
            own("/", boot.rootCluster, MsdosDirectory.MAX_SLOTS * (long) Slots.SIZE);
        }
        add("", boot.rootCluster, 0);
        while (!todo.isEmpty()) {
            log.beginDirectory();
            renamed = 0;
            look(todo.removeLast());
        }
        log.endDirectory();
    }

    private void add(String path, int cluster, int parent) {
        int number = path.isEmpty() ? 0 : cluster;
        todo.add(new Dir(FsckLog.shortened(path), number, parent, MsdosDirectory.slots(boot, fat, cluster)));
    }

    /// Takes the clusters of a chain up to the one at which it is no good or long enough, and cuts it there.
    ///
    /// @return how many clusters it has
    private int own(String path, int first, long maxBytes) throws IOException {
        long max = (maxBytes + boot.clusterSize - 1) / boot.clusterSize;
        int count = 0;
        int last = 0;
        int cluster = first;
        while (count < max && fat.isCluster(cluster) && !owned.get(cluster) && isTaken(cluster)) {
            owned.set(cluster);
            count++;
            last = cluster;
            cluster = fat.get(cluster);
        }
        if (last != 0 && cluster != Fat.END) {
            String why = count >= max
                    ? "its chain is longer than it is"
                    : fat.isCluster(cluster) && owned.get(cluster)
                            ? "its chain meets another"
                            : "its chain ends in nothing";
            if (log.error("%s: %s, after %d clusters", path, why, count)) {
                fat.set(last, Fat.END);
                fsck.commitIfLarge();
            }
        }
        return count;
    }

    private boolean isTaken(int cluster) throws IOException {
        int value = fat.get(cluster);
        return value != Fat.FREE && value != Fat.BAD;
    }

    private void look(Dir dir) throws IOException {
        var names = new HashSet<String>();
        var covered = new BitSet();
        int capacity;
        try {
            capacity = dir.slots.capacity();
        } catch (ErrnoException e) { // it was not repaired
            return;
        }
        if (!dir.isRoot()) {
            checkDots(dir);
        }
        var scanner = new Scanner(dir.slots, boot.kind, 0);
        while (scanner.next()) {
            Found found = scanner.found();
            covered.set(found.first(), found.slot() + 1);
            if (!found.isDot() && !found.isVolume()) {
                check(dir, found, names);
            }
        }
        checkLongNames(dir, covered, Math.min(scanner.position(), capacity));
        checkBehind(dir, scanner.position(), capacity);
        fsck.commitIfLarge();
    }

    private void checkDots(Dir dir) throws IOException {
        byte[][] dots = {MsdosDirectory.DOT, MsdosDirectory.DOT_DOT};
        for (int slot = 0; slot < dots.length; slot++) {
            int cluster = slot == 0 ? dir.cluster : dir.parent;
            EntryRec rec = new EntryRec(dir.slots.read(slot), boot.kind);
            if (!Arrays.equals(rec.name(), dots[slot])) {
                log.hopeless("%s: it does not begin with . and ..", dir.path);
                return;
            }
            if (rec.cluster() != cluster
                    && log.error("%s: %s is cluster %d", dir.path, slot == 0 ? "." : "..", rec.cluster())) {
                rec.setCluster(cluster);
                dir.slots.write(slot, rec.raw);
            }
        }
    }

    /// A crash may have come between two sectors of a directory: what is behind its end is nothing, though others
    /// read it.
    private void checkBehind(Dir dir, int end, int capacity) throws IOException {
        int behind = 0;
        for (int slot = end; slot < capacity; slot++) {
            if (dir.slots.firstByte(slot) != EntryRec.LAST) {
                behind++;
                if (log.isRepairing()) {
                    dir.slots.mark(slot, EntryRec.LAST);
                }
            }
        }
        if (behind > 0) {
            log.error("%s: %d entries behind its end", dir.path + "/", behind);
        }
    }

    /// Parts of long names that belong to no file.
    private void checkLongNames(Dir dir, BitSet covered, int end) throws IOException {
        int orphans = 0;
        for (int slot = covered.nextClearBit(0); slot < end; slot = covered.nextClearBit(slot + 1)) {
            EntryRec rec = new EntryRec(dir.slots.read(slot), boot.kind);
            if (rec.firstByte() != EntryRec.REMOVED && rec.isLongName()) {
                orphans++;
                removeIfRepairing(dir, slot);
            }
        }
        if (orphans > 0) {
            log.error("%s: %d parts of long names without a file", dir.path + "/", orphans);
        }
    }

    private void removeIfRepairing(Dir dir, int slot) throws IOException {
        if (log.isRepairing()) {
            dir.slots.mark(slot, EntryRec.REMOVED);
        }
    }

    private void remove(Dir dir, Found found) throws IOException {
        for (int slot = found.first(); slot <= found.slot(); slot++) {
            removeIfRepairing(dir, slot);
        }
    }

    private void check(Dir dir, Found found, Set<String> names) throws IOException {
        EntryRec rec = found.rec();
        String path = dir.path + "/" + found.name();
        int cluster = rec.cluster();
        boolean directory = rec.isDirectory();
        boolean empty = cluster == 0 && !directory;
        if (!empty && fat.isCluster(cluster) && owned.get(cluster)) {
            log.error("%s: it is another file, too: one name goes", path);
            remove(dir, found);
            return;
        }
        checkName(dir, found, path, names);
        if (directory) {
            checkDirectory(dir, found, path);
        } else {
            checkFile(dir, found, path);
        }
    }

    /// A crash may leave a removed file beside a new one of the same name, or with the same short one.
    private void checkName(Dir dir, Found found, String path, Set<String> names) throws IOException {
        boolean twice = names.contains(LongName.key(found.name()));
        boolean again = names.contains(ShortName.key(found.rec().name()));
        if ((twice || again) && log.error("%s: there are two of this name", path)) {
            rename(dir, found, !twice, ShortName.alias(found.name(), names::contains, ++renamed));
        }
        names.add(LongName.key(found.name()));
        names.add(ShortName.key(found.rec().name()));
    }

    /// Gives a file another short name.
    ///
    /// @param keep whether its long name stays
    private static void rename(Dir dir, Found found, boolean keep, byte[] alias) throws IOException {
        for (int slot = found.first(); slot < found.slot(); slot++) {
            if (keep) {
                MemorySegment part = dir.slots.read(slot);
                LongName.setChecksum(part, LongName.checksum(alias));
                dir.slots.write(slot, part);
            } else {
                dir.slots.mark(slot, EntryRec.REMOVED);
            }
        }
        found.rec().setName(alias);
        dir.slots.write(found.slot(), found.rec().raw);
    }

    private void checkDirectory(Dir dir, Found found, String path) throws IOException {
        int cluster = found.rec().cluster();
        if (own(path, cluster, MsdosDirectory.MAX_SLOTS * (long) Slots.SIZE) == 0) {
            log.error("%s: a directory without clusters: it goes", path);
            remove(dir, found);
        } else {
            add(path, cluster, dir.cluster);
        }
    }

    private void checkFile(Dir dir, Found found, String path) throws IOException {
        EntryRec rec = found.rec();
        int cluster = rec.cluster();
        int count = cluster == 0 ? 0 : own(path, cluster, rec.length());
        long bytes = (long) count * boot.clusterSize;
        @Nullable String wrong = null;
        if (rec.length() > bytes) {
            wrong = "it has " + rec.length() + " bytes and clusters for " + bytes;
            rec.setLength(bytes);
        }
        if (count == 0 && cluster != 0) {
            wrong = wrong == null ? "it is empty and begins with cluster " + cluster : wrong;
            rec.setCluster(0);
        }
        if (wrong != null && log.error("%s: %s", path, wrong)) {
            dir.slots.write(found.slot(), rec.raw);
        }
    }
}
