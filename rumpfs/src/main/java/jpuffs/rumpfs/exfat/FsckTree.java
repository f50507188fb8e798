// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.exfat.DirScanner.Found;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.FsckLog;
import jpuffs.rumpfs.fat.Names;
import jpuffs.rumpfs.fat.Slots;
import org.jspecify.annotations.Nullable;

/// The part of [Fsck] that goes through all directories. Each cluster is taken once, so it ends on any image.
final class FsckTree {
    private final Fsck fsck;
    private final FsckLog log;
    private final Heap heap;
    private final BitSet owned;
    private final UpCase upCase;
    private final Deque<Dir> todo = new ArrayDeque<>();
    private int renamed; // files of this directory

    /// A directory that is to be looked through.
    private record Dir(String path, Slots slots) {}

    FsckTree(Fsck fsck, UpCase upCase) {
        this.fsck = fsck;
        this.log = fsck.log();
        this.heap = fsck.clusters();
        this.owned = fsck.owned();
        this.upCase = upCase;
    }

    void run(Slots root) throws IOException {
        todo.add(new Dir("", root));
        while (!todo.isEmpty()) {
            log.beginDirectory();
            renamed = 0;
            look(todo.removeLast());
        }
        log.endDirectory();
    }

    private void look(Dir dir) throws IOException {
        var names = new HashSet<String>();
        int strays = 0;
        int capacity;
        try {
            capacity = dir.slots.capacity();
        } catch (ErrnoException e) { // it was not repaired
            return;
        }
        var scanner = new DirScanner(dir.slots, 0);
        while (scanner.next()) {
            Found found = scanner.found();
            EntrySet set = found.set();
            if (set == null && found.type() == EntrySet.FILE) {
                set = salvage(dir, found.first(), capacity);
                scanner.skip(set == null ? 0 : set.entries() - 1);
            }
            if (set != null) {
                check(dir, found.first(), set, names);
            } else if (isStray(found.type())) {
                strays++;
                removeIfRepairing(dir, found.first());
            }
        }
        if (strays > 0) {
            log.error("%s/: %d entries without a file", dir.path, strays);
        }
        checkBehind(dir, scanner.position(), capacity);
        fsck.commitIfLarge();
    }

    /// A first entry without the rest, or parts of another one. Those are left that only say something more of the
    /// volume.
    private static boolean isStray(int type) {
        return type == EntrySet.FILE || DirScanner.isSecondary(type);
    }

    /// A crash may have come between the two sectors an entry lies in: when its name is whole, the rest makes
    /// sense, either as it was or as it was to be.
    private @Nullable EntrySet salvage(Dir dir, int slot, int capacity) throws IOException {
        EntrySet set = DirScanner.readSet(dir.slots, slot, capacity);
        if (set == null || !set.isWhole() || set.hash() != Sums.ofName(upCase.key(set.name()))) {
            return null;
        }
        if (log.error("%s/%s: it has a wrong checksum", dir.path, set.name())) {
            write(dir, slot, set);
        }
        return set;
    }

    private static void write(Dir dir, int slot, EntrySet set) throws IOException {
        set.setSum();
        for (int i = 0; i < set.entries(); i++) {
            dir.slots.write(slot + i, set.raw.asSlice((long) i * Slots.SIZE, Slots.SIZE));
        }
    }

    private void removeIfRepairing(Dir dir, int slot) throws IOException {
        if (log.isRepairing()) {
            dir.slots.mark(slot, dir.slots.firstByte(slot) & ~EntrySet.IN_USE);
        }
    }

    private void remove(Dir dir, int slot, EntrySet set) throws IOException {
        for (int i = 0; i < set.entries(); i++) {
            removeIfRepairing(dir, slot + i);
        }
    }

    /// What is behind the end is nothing, though it may become visible when the directory grows.
    private void checkBehind(Dir dir, int end, int capacity) throws IOException {
        int behind = 0;
        for (int slot = end; slot < capacity; slot++) {
            if (dir.slots.firstByte(slot) != EntrySet.END) {
                behind++;
                if (log.isRepairing()) {
                    dir.slots.mark(slot, EntrySet.END);
                }
            }
        }
        if (behind > 0) {
            log.error("%s/: %d entries behind its end", dir.path, behind);
        }
    }

    private void check(Dir dir, int slot, EntrySet set, Set<String> names) throws IOException {
        String path = dir.path + "/" + set.name();
        int cluster = set.cluster();
        if (heap.isCluster(cluster) && owned.get(cluster)) {
            log.error("%s: it is another file, too: one name goes", path);
            remove(dir, slot, set);
            return;
        }
        boolean changed = checkName(path, set, names);
        changed |= checkContent(path, set);
        if (set.isDirectory() && set.length() == 0) {
            log.error("%s: a directory without clusters: it goes", path);
            remove(dir, slot, set);
            return;
        }
        if (changed && log.isRepairing()) {
            write(dir, slot, set);
        }
        if (set.isDirectory()) {
            Chain chain = set.chain(heap);
            todo.add(new Dir(FsckLog.shortened(path), Slots.of(heap, chain, RootScan.MAX_SLOTS)));
        }
    }

    /// A crash may leave a removed file beside a new one of the same name.
    private boolean checkName(String path, EntrySet set, Set<String> names) {
        String name = set.name();
        boolean changed = false;
        String good = allowed(name);
        if (!good.equals(name)) {
            changed = log.error("%s: not a name", path);
        }
        if (names.contains(upCase.key(good))) {
            changed |= log.error("%s: there are two of this name", path);
            good = other(good, names);
        }
        if (set.hash() != Sums.ofName(upCase.key(name))) {
            changed |= log.error("%s: the hash of its name is wrong", path);
        }
        if (changed) {
            set.putName(good, upCase.key(good));
        }
        names.add(upCase.key(good));
        return changed;
    }

    /// With `_` for what a name cannot have.
    private static String allowed(String name) {
        var result = new StringBuilder(name);
        for (int i = 0; i < name.length(); i++) {
            if (Names.isForbidden(name.charAt(i))) {
                result.setCharAt(i, '_');
            }
        }
        boolean dots = name.equals(".") || name.equals("..");
        return dots ? "_".repeat(name.length()) : result.toString();
    }

    /// A name that takes as many entries.
    private String other(String name, Set<String> names) {
        int length = (name.length() + EntrySet.UNITS - 1) / EntrySet.UNITS * EntrySet.UNITS;
        while (true) {
            String tail = "~" + ++renamed; // from 1 again, many of one name would take the square of their number
            int stem = Math.min(name.length(), Math.min(length, Names.MAX_UNITS) - tail.length());
            String other = name.substring(0, stem) + tail;
            if (!names.contains(upCase.key(other))) {
                return other;
            }
        }
    }

    /// Takes the clusters up to the one at which they are no good or enough, and cuts them there. Whether the entry
    /// must be written.
    private boolean checkContent(String path, EntrySet set) throws IOException {
        boolean changed = false;
        long most = set.isDirectory() ? (long) RootScan.MAX_SLOTS * Slots.SIZE : Long.MAX_VALUE;
        long wanted = heap.of(Math.min(set.length(), most));
        long count = set.isContiguous() ? ownContiguous(set, wanted) : ownChain(path, set, wanted);
        long bytes = count * heap.size();
        boolean uneven = set.isDirectory() && set.length() != bytes;
        if (set.rawLength() < 0 || set.length() > bytes || uneven) {
            changed = log.error("%s: it has %d bytes and clusters for %d", path, set.rawLength(), bytes);
            set.setLength(set.rawLength() < 0 ? 0 : bytes);
        }
        if (count == 0 && set.cluster() != Clusters.NONE || set.isContiguous() && set.cluster() == Clusters.NONE) {
            changed |= log.error("%s: it is empty and begins with cluster %d", path, set.cluster());
            set.setContent(Clusters.NONE, false);
        }
        if (set.rawValidLength() != set.validLength() || set.isDirectory() && set.validLength() != set.length()) {
            changed |= log.error("%s: %d of %d bytes are valid", path, set.rawValidLength(), set.length());
            set.setValidLength(set.isDirectory() ? set.length() : set.validLength());
        }
        return changed;
    }

    private long ownContiguous(EntrySet set, long wanted) {
        int cluster = set.cluster();
        long count = 0;
        while (count < wanted && heap.isCluster(cluster) && !owned.get(cluster)) {
            owned.set(cluster++);
            count++;
        }
        return count;
    }

    private long ownChain(String path, EntrySet set, long wanted) throws IOException {
        long cluster = set.cluster();
        long count = 0;
        int last = 0;
        while (count < wanted && isGood(cluster)) {
            last = (int) cluster;
            owned.set(last);
            count++;
            cluster = heap.entry(last);
        }
        boolean ends = cluster == 0xffffffffL;
        if (last != 0 && !ends) {
            String why = count >= wanted
                    ? "its chain is longer than it is"
                    : isCluster(cluster) ? "its chain meets another" : "its chain ends in nothing";
            if (log.error("%s: %s, after %d clusters", path, why, count)) {
                heap.link(last, Clusters.END);
                fsck.commitIfLarge();
            }
        }
        return count;
    }

    private boolean isCluster(long number) {
        return number <= Integer.MAX_VALUE && heap.isCluster((int) number);
    }

    private boolean isGood(long number) {
        return isCluster(number) && !owned.get((int) number);
    }
}
