// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;
import org.jspecify.annotations.Nullable;

/// The header of a qcow2 file, version 2 or 3 (QEMU: docs/interop/qcow2.txt). Offsets and sizes are in bytes.
///
/// @param size of the disk
/// @param l1Size entries of the active L1 table
/// @param refcountClusters clusters of the refcount table
/// @param refcountOrder the logarithm of the bits of a refcount
/// @param zstd whether clusters are compressed by zstd, not by deflate
/// @param backing the name of the backing file, or empty
/// @param backingFormat as the header has it, or empty
/// @param bitmaps whether persistent dirty bitmaps are in the file, and up to date
record Qcow2Header(
        int version,
        int clusterBits,
        long size,
        int l1Size,
        long l1Offset,
        long refcountOffset,
        int refcountClusters,
        int snapshots,
        long snapshotsOffset,
        long incompatible,
        long compatible,
        long autoclear,
        int refcountOrder,
        boolean zstd,
        String backing,
        String backingFormat,
        boolean bitmaps) {
    static final int MAGIC = 0x514649fb; // "QFI\xfb"

    static final long DIRTY = 1;
    static final long CORRUPT = 2;
    private static final long EXTERNAL_DATA = 4;
    private static final long COMPRESSION = 8;
    static final long EXTENDED_L2 = 16;
    private static final String[] INCOMPATIBLE = {
        "dirty", "corrupt", "external data file", "compression type", "extended L2"
    };
    private static final long LAZY_REFCOUNTS = 1;

    /// Where features are in the header.
    static final int INCOMPATIBLE_AT = 72;

    static final int AUTOCLEAR_AT = 88;

    /// Where the place and size of the refcount table are.
    static final int REFCOUNT_TABLE_AT = 48;

    private static final int V2_BYTES = 72;
    private static final int V3_BYTES = 104;
    private static final int MAX_BACKING_NAME = 1023;
    private static final int MAX_L1_BYTES = 32 << 20; // QEMU: QCOW_MAX_L1_SIZE
    private static final int MAX_REFTABLE_BYTES = 8 << 20; // QEMU: QCOW_MAX_REFTABLE_SIZE
    private static final int MAX_SNAPSHOTS = 65_536;
    private static final int EXT_BACKING_FORMAT = 0xe2792aca;
    private static final int EXT_FEATURE_NAMES = 0x6803f857;
    private static final int EXT_BITMAPS = 0x23852875;
    private static final int FEATURE_NAME_BYTES = 48;

    /// @throws IOException EUCLEAN for what cannot be, EOPNOTSUPP for what is not known
    static Qcow2Header read(ImageFile file) throws IOException {
        byte[] bytes = Tables.readSome(file, 0, V3_BYTES + 8);
        ByteBuffer head = Tables.be(bytes);
        int version = head.getInt(4);
        if (version != 2 && version != 3) {
            throw EOPNOTSUPP.error("%s: qcow2 version %d", file.path(), version);
        }
        int headerBytes = version == 2 ? V2_BYTES : head.getInt(100);
        int clusterBits = head.getInt(20);
        if (clusterBits < 9 || clusterBits > 21) {
            throw bad(file, "clusters of 2^%d bytes", clusterBits);
        }
        if (headerBytes < (version == 2 ? V2_BYTES : V3_BYTES) || headerBytes > 1 << clusterBits) {
            throw bad(file, "a header of %d bytes", headerBytes);
        }
        refuseEncryption(file, head.getInt(32));
        byte[] cluster = Tables.readSome(file, 0, 1 << clusterBits);
        Map<Integer, byte[]> extensions = extensions(cluster, headerBytes, head.getLong(8));
        long incompatible = version == 2 ? 0 : head.getLong(INCOMPATIBLE_AT);
        refuseUnknown(file, incompatible, extensions.get(EXT_FEATURE_NAMES));
        long autoclear = version == 2 ? 0 : head.getLong(AUTOCLEAR_AT);
        var header = new Qcow2Header(
                version,
                clusterBits,
                head.getLong(24),
                head.getInt(36),
                head.getLong(40),
                head.getLong(REFCOUNT_TABLE_AT),
                head.getInt(56),
                head.getInt(60),
                head.getLong(64),
                incompatible,
                version == 2 ? 0 : head.getLong(80),
                autoclear,
                version == 2 ? 4 : head.getInt(96),
                isZstd(file, incompatible, headerBytes, head),
                backing(file, head, cluster),
                new String(extensions.getOrDefault(EXT_BACKING_FORMAT, new byte[0]), UTF_8),
                (autoclear & 1) != 0 && extensions.containsKey(EXT_BITMAPS));
        header.check(file);
        return header;
    }

    private static ErrnoException bad(ImageFile file, String what, Object... values) {
        return EUCLEAN.error("%s: not a sound qcow2 image: %s", file.path(), String.format(what, values));
    }

    private static void refuseEncryption(ImageFile file, int method) throws ErrnoException {
        if (method != 0) {
            String name = method == 1 ? "AES" : method == 2 ? "LUKS" : "method " + method;
            throw EOPNOTSUPP.error("%s is encrypted (%s)", file.path(), name);
        }
    }

    private static Map<Integer, byte[]> extensions(byte[] cluster, int from, long backingOffset) {
        var found = new HashMap<Integer, byte[]>();
        ByteBuffer bytes = Tables.be(cluster);
        long end = backingOffset > 0 ? Math.min(backingOffset, cluster.length) : cluster.length;
        for (int at = from; at <= end - 8; ) {
            int type = bytes.getInt(at);
            int length = bytes.getInt(at + 4);
            if (type == 0 || length < 0 || length > end - at - 8) {
                break;
            }
            byte[] data = new byte[length];
            bytes.get(at + 8, data);
            found.put(type, data);
            at += 8 + (length + 7) / 8 * 8;
        }
        return found;
    }

    /// @param names the table of feature names: type, bit, name in 46 bytes each
    private static void refuseUnknown(ImageFile file, long features, byte @Nullable [] names) throws ErrnoException {
        if ((features & EXTERNAL_DATA) != 0) {
            throw EOPNOTSUPP.error("%s has its data in another file (external data file)", file.path());
        }
        for (int bit = INCOMPATIBLE.length; bit < 64; bit++) {
            if ((features >>> bit & 1) != 0) {
                throw EOPNOTSUPP.error("%s needs %s, which is not known", file.path(), featureName(bit, names));
            }
        }
    }

    private static String featureName(int bit, byte @Nullable [] names) {
        for (int at = 0; names != null && at <= names.length - FEATURE_NAME_BYTES; at += FEATURE_NAME_BYTES) {
            if (names[at] == 0 && names[at + 1] == bit) {
                return "feature \"" + Tables.text(names, at + 2, FEATURE_NAME_BYTES - 2) + "\"";
            }
        }
        return "incompatible feature " + bit;
    }

    private static boolean isZstd(ImageFile file, long incompatible, int headerBytes, ByteBuffer head)
            throws ErrnoException {
        int type = headerBytes > V3_BYTES ? head.get(V3_BYTES) : 0;
        if (type != 0 && (incompatible & COMPRESSION) == 0 || type < 0 || type > 1) {
            throw EOPNOTSUPP.error("%s: compression type %d", file.path(), type);
        }
        return type == 1;
    }

    private static String backing(ImageFile file, ByteBuffer head, byte[] cluster) throws ErrnoException {
        long at = head.getLong(8);
        int length = head.getInt(16);
        if (at == 0 || length == 0) {
            return "";
        }
        if (length < 0 || length > MAX_BACKING_NAME || at < 0 || at > cluster.length - length) {
            throw bad(file, "a backing file name of %d bytes at %d", length, at);
        }
        return new String(cluster, (int) at, length, UTF_8);
    }

    private void check(ImageFile file) throws ErrnoException {
        if (refcountOrder < 0 || refcountOrder > 6) {
            throw bad(file, "refcounts of 2^%d bits", refcountOrder);
        }
        if (isExtended() && clusterBits < 14) {
            throw bad(file, "extended L2 entries with clusters of %d bytes", clusterSize());
        }
        if (size < 0 || l1Size < l1Needed(size) || l1Size > MAX_L1_BYTES / 8) {
            throw bad(file, "an L1 table of %d entries for %d bytes", l1Size, size);
        }
        checkTable(file, "L1 table", l1Offset, l1Size * 8L);
        if (refcountClusters < 0 || (long) refcountClusters << clusterBits > MAX_REFTABLE_BYTES) {
            throw bad(file, "a refcount table of %d clusters", refcountClusters);
        }
        checkTable(file, "refcount table", refcountOffset, (long) refcountClusters << clusterBits);
        if (snapshots < 0 || snapshots > MAX_SNAPSHOTS) {
            throw bad(file, "%d snapshots", snapshots);
        }
        if (snapshots > 0) {
            checkTable(file, "snapshot table", snapshotsOffset, 0);
        }
    }

    private void checkTable(ImageFile file, String what, long off, long bytes) throws ErrnoException {
        boolean aligned = (off & (clusterSize() - 1)) == 0;
        if (bytes > 0 && off == 0 || off < 0 || !aligned || off > file.length() - bytes) {
            throw bad(file, "the %s of %d bytes at %d", what, bytes, off);
        }
    }

    /// Entries that an L1 table needs for a disk of this size.
    long l1Needed(long bytes) {
        long each = (long) clusterSize() * l2Entries();
        return bytes / each + (bytes % each == 0 ? 0 : 1);
    }

    int clusterSize() {
        return 1 << clusterBits;
    }

    boolean isExtended() {
        return (incompatible & EXTENDED_L2) != 0;
    }

    /// Bytes of an entry of an L2 table.
    int l2EntryBytes() {
        return isExtended() ? 16 : 8;
    }

    /// Entries of an L2 table.
    int l2Entries() {
        return clusterSize() / l2EntryBytes();
    }

    boolean isDirty() {
        return (incompatible & DIRTY) != 0;
    }

    boolean isCorrupt() {
        return (incompatible & CORRUPT) != 0;
    }

    /// What `puffs identify` tells of.
    List<String> features() {
        var names = new ArrayList<String>();
        names.add("compression=" + (zstd ? "zstd" : "zlib"));
        names.add("refcount_bits=" + (1 << refcountOrder));
        if ((compatible & LAZY_REFCOUNTS) != 0) {
            names.add("lazy_refcounts");
        }
        if (isExtended()) {
            names.add("extended_l2");
        }
        if (bitmaps) {
            names.add("bitmaps");
        }
        return names;
    }
}
