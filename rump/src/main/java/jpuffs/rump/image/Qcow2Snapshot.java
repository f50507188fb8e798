// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jpuffs.rump.disk.ImageFile;

/// A snapshot inside a qcow2 file.
///
/// @param l1Size entries of its L1 table
/// @param size of the disk then
record Qcow2Snapshot(String id, String name, long l1Offset, int l1Size, long size) {
    private static final int HEAD = 40;
    private static final int MAX_TABLE = 16 << 20;
    private static final int MAX_L1 = 4 << 20; // entries: 32 MiB

    /// All of them, and how long the table is.
    record Table(List<Qcow2Snapshot> all, long bytes) {
        /// The one of this name or id.
        ///
        /// @throws IOException ENOENT if there is none
        Qcow2Snapshot find(ImageFile file, String wanted) throws IOException {
            for (Qcow2Snapshot each : all) {
                if (each.name.equals(wanted) || each.id.equals(wanted)) {
                    return each;
                }
            }
            String names = all.isEmpty()
                    ? "none"
                    : String.join(", ", all.stream().map(Qcow2Snapshot::name).toList());
            throw ENOENT.error("%s has no snapshot %s: there are %s", file.path(), wanted, names);
        }
    }

    static Table read(ImageFile file, Qcow2Header header) throws IOException {
        var all = new ArrayList<Qcow2Snapshot>();
        long at = header.snapshotsOffset();
        for (int i = 0; i < header.snapshots(); i++) {
            ByteBuffer head = Tables.be(Tables.read(file, at, HEAD, "the snapshot table"));
            int idBytes = head.getShort(12) & 0xffff;
            int nameBytes = head.getShort(14) & 0xffff;
            int extraBytes = head.getInt(36);
            if (extraBytes < 0 || at - header.snapshotsOffset() > MAX_TABLE - extraBytes) {
                throw EUCLEAN.error("%s: snapshot %d has %d extra bytes", file.path(), i, extraBytes);
            }
            byte[] extra = Tables.read(file, at + HEAD, Math.min(extraBytes, 16), "the snapshot table");
            byte[] names = Tables.read(file, at + HEAD + extraBytes, idBytes + nameBytes, "the snapshot table");
            long size = extra.length < 16 ? header.size() : Tables.be(extra).getLong(8);
            var snapshot = new Qcow2Snapshot(
                    Tables.text(names, 0, idBytes),
                    Tables.text(names, idBytes, nameBytes),
                    head.getLong(0),
                    head.getInt(8),
                    size);
            snapshot.check(file, header);
            all.add(snapshot);
            at += (HEAD + extraBytes + idBytes + nameBytes + 7L) / 8 * 8;
        }
        return new Table(List.copyOf(all), at - header.snapshotsOffset());
    }

    private void check(ImageFile file, Qcow2Header header) throws IOException {
        boolean fits = size >= 0 && header.l1Needed(size) <= l1Size;
        boolean aligned = (l1Offset & (header.clusterSize() - 1)) == 0;
        if (l1Size < 0
                || l1Size > MAX_L1
                || !fits
                || !aligned
                || l1Offset < 0
                || l1Offset > file.length() - l1Size * 8L) {
            throw EUCLEAN.error(
                    "%s: the L1 table of snapshot %s: %d entries at %d", file.path(), name, l1Size, l1Offset);
        }
    }
}
