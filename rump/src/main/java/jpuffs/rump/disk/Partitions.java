// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static java.util.stream.Collectors.joining;
import static jpuffs.core.Errno.ENXIO;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;

/// The partition table of a disk: GPT, MBR with its logical partitions, BSD disklabels (on the whole disk, or in an
/// MBR partition).
///
/// @param scheme `gpt`, `mbr`, `bsd`, or `none`
/// @param entries in the order of the tables; BSD partitions follow the others
public record Partitions(String scheme, List<PartitionEntry> entries) {
    /// Reads the table. Nothing in it is believed that does not lie within the disk: such entries are left out.
    ///
    /// @throws IOException EUCLEAN for a GPT of which neither copy is whole, and the device's
    public static Partitions read(BlockDevice disk) throws IOException {
        if (disk.size() < 2L * sectorSize(disk)) {
            return new Partitions("none", List.of());
        }
        var mbr = new Mbr(disk);
        if (mbr.isProtective()) {
            return new Partitions("gpt", new Gpt(disk).entries());
        }
        List<PartitionEntry> slices = mbr.entries();
        var all = new ArrayList<>(slices);
        for (PartitionEntry slice : slices) {
            if (Disklabel.TYPES.contains(slice.type())) {
                all.addAll(Disklabel.entries(disk, slice.start(), slice.type()));
            }
        }
        List<PartitionEntry> whole = all.isEmpty() ? Disklabel.entries(disk, 0, "") : List.of();
        all.addAll(whole);
        String scheme = !whole.isEmpty() ? "bsd" : all.isEmpty() ? "none" : "mbr";
        return new Partitions(scheme, List.copyOf(all));
    }

    /// The partition of this id.
    ///
    /// @throws ErrnoException ENXIO if there is none: it lists those there are
    public PartitionEntry find(String id) throws ErrnoException {
        for (PartitionEntry entry : entries) {
            if (entry.id().equals(id)) {
                return entry;
            }
        }
        String ids = entries.isEmpty()
                ? "no partitions"
                : entries.stream().map(PartitionEntry::id).collect(joining(", "));
        throw ENXIO.error("no partition %s: there are %s", id, ids);
    }

    /// Tables count in sectors, which is what the disk says its block is, up to 4 KiB.
    static int sectorSize(BlockDevice disk) {
        return Math.min(disk.blockSize(), 4096);
    }

    /// `count` bytes from `off`, both multiples of the sector size.
    static MemorySegment bytes(BlockDevice disk, long off, int count) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[count]);
        disk.read(bytes, off);
        return bytes;
    }

    /// Whether a partition is there and lies within the disk.
    static boolean fits(BlockDevice disk, long start, long size) {
        return start > 0 && size > 0 && start < disk.size() && size <= disk.size() - start;
    }
}
