// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// A volume descriptor (ECMA-119 8.4 to 8.6, and Joliet): one way to see what is in a session.
///
/// @param kind of its names
/// @param blockSize a logical block in bytes: 512, 1024 or 2048
/// @param blocks of the session, from its own begin
/// @param label the volume's name
/// @param uuid the time it was made or changed, by which others tell discs apart
/// @param root the record of the root directory
record VolumeDescriptor(Kind kind, int blockSize, long blocks, String label, String uuid, DirRec root) {
    /// The way of names.
    enum Kind {
        PRIMARY,
        /// ISO 9660:1999: up to 207 bytes, as they are.
        ENHANCED,
        /// UTF-16.
        JOLIET
    }

    /// The descriptors of one session.
    ///
    /// @param all the primary one first
    /// @param bootCatalog its sector, or -1
    record Set(List<VolumeDescriptor> all, long bootCatalog) {}

    private static final int FIRST = 16;
    private static final int MOST = 84; // Linux looks no further
    private static final byte[] ID = "CD001".getBytes(US_ASCII);
    private static final byte[] EL_TORITO = "EL TORITO SPECIFICATION".getBytes(US_ASCII);
    private static final int BOOT = 0;
    private static final int TYPE_PRIMARY = 1;
    private static final int SUPPLEMENTARY = 2;
    private static final int TERMINATOR = 255;
    private static final int BOOT_CATALOG = 0x47;
    private static final int VERSION = 6;
    private static final int LABEL = 40;
    private static final int LABEL_LENGTH = 32;
    private static final int SPACE = 80;
    private static final int ESCAPES = 88;
    private static final int BLOCK_SIZE = 128;
    private static final int ROOT = 156;
    private static final int ROOT_LENGTH = 34;
    private static final int CREATED = 813;
    private static final int MODIFIED = 830;

    /// Whether a primary volume descriptor lies in that sector.
    static boolean isPrimary(MemorySegment sector) {
        return isDescriptor(sector) && Le.u8(sector, 0) == TYPE_PRIMARY;
    }

    private static boolean isDescriptor(MemorySegment sector) {
        return Arrays.equals(Le.bytes(sector, 1, ID.length), ID);
    }

    /// The descriptors of the session that begins at sector `start`; null if there are none.
    ///
    /// @throws IOException EUCLEAN for damage, EOPNOTSUPP for logical blocks of other sizes
    static Set readAll(Disc disc, long start) throws IOException {
        var all = new ArrayList<VolumeDescriptor>();
        long catalog = -1;
        for (int i = 0; i < MOST; i++) {
            long off = (start + FIRST + i) * Disc.SECTOR;
            if (off > disc.size() - Disc.SECTOR) {
                break;
            }
            MemorySegment sector = disc.meta(off, Disc.SECTOR, "a volume descriptor");
            if (!isDescriptor(sector) || Le.u8(sector, 0) == TERMINATOR) {
                break;
            }
            switch (Le.u8(sector, 0)) {
                case BOOT -> catalog = catalog < 0 ? bootCatalog(sector) : catalog;
                case TYPE_PRIMARY -> {
                    if (all.isEmpty()) {
                        all.add(of(sector, Kind.PRIMARY));
                    }
                }
                case SUPPLEMENTARY -> supplementary(sector, all);
                default -> {} // partitions, and what is not known
            }
        }
        if (all.isEmpty() || all.getFirst().kind != Kind.PRIMARY) {
            throw Errno.EINVAL.error("no primary volume descriptor of ISO 9660 at sector %d", start + FIRST);
        }
        return new Set(all, catalog);
    }

    private static long bootCatalog(MemorySegment sector) {
        byte[] system = Le.bytes(sector, 7, EL_TORITO.length);
        return Arrays.equals(system, EL_TORITO) ? Le.u32(sector, BOOT_CATALOG) : -1;
    }

    private static void supplementary(MemorySegment sector, List<VolumeDescriptor> all) throws ErrnoException {
        if (isJoliet(sector)) {
            all.add(of(sector, Kind.JOLIET));
        } else if (Le.u8(sector, VERSION) == 2) {
            all.add(of(sector, Kind.ENHANCED));
        }
    }

    /// UCS-2 level 1, 2 or 3 (Joliet 4.2).
    private static boolean isJoliet(MemorySegment sector) {
        int level = Le.u8(sector, ESCAPES + 2);
        return Le.u8(sector, ESCAPES) == '%'
                && Le.u8(sector, ESCAPES + 1) == '/'
                && (level == '@' || level == 'C' || level == 'E');
    }

    private static VolumeDescriptor of(MemorySegment sector, Kind kind) throws ErrnoException {
        int blockSize = Le.u16(sector, BLOCK_SIZE);
        if (blockSize != 512 && blockSize != 1024 && blockSize != 2048) {
            boolean foreseen = Integer.bitCount(blockSize) == 1 && blockSize > 2048;
            throw (foreseen ? Errno.EOPNOTSUPP : Errno.EUCLEAN).error("logical blocks of %d bytes", blockSize);
        }
        int used = Le.u8(sector, MODIFIED) == '0' || Le.u8(sector, MODIFIED) == 0 ? CREATED : MODIFIED;
        return new VolumeDescriptor(
                kind,
                blockSize,
                Le.u32(sector, SPACE),
                label(sector, kind),
                uuid(Le.bytes(sector, used, IsoTime.LONG - 1)),
                DirRec.of(sector, ROOT, ROOT + ROOT_LENGTH, -1));
    }

    private static String label(MemorySegment sector, Kind kind) {
        Charset charset = kind == Kind.JOLIET ? UTF_16BE : UTF_8;
        String text = new String(Le.bytes(sector, LABEL, LABEL_LENGTH), charset);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).strip();
    }

    /// As blkid(8) has it: `2024-01-31-12-00-00-00`.
    private static String uuid(byte[] digits) {
        String text = new String(digits, US_ASCII);
        if (!text.matches("[0-9]{16}")) {
            return "";
        }
        var parts = new ArrayList<String>(List.of(text.substring(0, 4)));
        for (int at = 4; at < 16; at += 2) {
            parts.add(text.substring(at, at + 2));
        }
        return String.join("-", parts);
    }

    /// The first of a kind in a set, or null.
    static @Nullable VolumeDescriptor first(Set set, Kind kind) {
        return set.all().stream()
                .filter(descriptor -> descriptor.kind == kind)
                .findFirst()
                .orElse(null);
    }
}
