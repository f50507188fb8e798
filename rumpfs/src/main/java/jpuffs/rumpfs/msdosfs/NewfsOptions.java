// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.EINVAL;

import java.util.List;
import java.util.Locale;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import org.jspecify.annotations.Nullable;

/// What a new file system is to be like; what is not said follows from the size, as with mkfs.fat(8).
///
/// @param cluster bytes of a cluster, 0 for what suits
/// @param id of the volume, 0 for a random one
record NewfsOptions(FatKind kind, int sector, int cluster, int fats, String label, long id) {
    static final List<FsOption> KNOWN = List.of(
            new FsOption("version", "12|16|32", "FAT12, FAT16 or FAT32; default: by the size"),
            new FsOption("sector", "SIZE", "size of a sector: 512 to 4K, default 512"),
            new FsOption("cluster", "SIZE", "size of a cluster, a power of two of sectors"),
            new FsOption("fats", "N", "copies of the table: 1 or 2, default 2"),
            new FsOption("label", "TEXT", "name of the volume, up to 11 letters"),
            new FsOption("id", "HEX", "number of the volume, default a random one"));

    private static final List<String> NAMES = List.of("version", "sector", "cluster", "fats", "label", "id");
    private static final long LARGE = 512L << 20;
    private static final long SMALL = 8 << 20;

    static NewfsOptions of(FsOptions options, BlockDevice device) throws ErrnoException {
        options.requireKnown(NAMES);
        int sector = (int) options.size("sector", Math.max(512, device.blockSize()), device.blockSize(), 4096);
        int cluster = (int) options.size("cluster", 0, sector, 128L * sector);
        if (Integer.bitCount(sector) != 1 || Integer.bitCount(cluster) > 1) {
            throw EINVAL.error("the sizes of sectors and clusters must be powers of two");
        }
        String label = label(options.text("label"));
        return new NewfsOptions(
                kind(options.text("version"), device.size()),
                sector,
                cluster,
                (int) options.number("fats", 2, 1, 2),
                label,
                id(options.text("id")));
    }

    /// `32`, or `fat32` as an alias of the type gives it; `vfat` says nothing.
    private static FatKind kind(@Nullable String version, long size) throws ErrnoException {
        String digits = version == null || version.equals("vfat") ? "" : version.replaceFirst("^fat", "");
        return switch (digits) {
            case "12" -> FatKind.FAT12;
            case "16" -> FatKind.FAT16;
            case "32" -> FatKind.FAT32;
            case "" -> size >= LARGE ? FatKind.FAT32 : size >= SMALL ? FatKind.FAT16 : FatKind.FAT12;
            default -> throw EINVAL.error("option version=%s: must be 12, 16 or 32", digits);
        };
    }

    private static String label(@Nullable String text) throws ErrnoException {
        String label = text == null ? "" : text.toUpperCase(Locale.ROOT);
        if (!label.matches("[A-Z0-9$%'@~`!(){}^#&_ -]{0,11}")) {
            throw EINVAL.error("label %s: must be up to 11 letters, digits and a few signs", label);
        }
        return label;
    }

    private static long id(@Nullable String text) throws ErrnoException {
        if (text == null) {
            return 0;
        }
        if (!text.matches("[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}")) {
            throw EINVAL.error("option id=%s: must be eight digits as in 1234-ABCD", text);
        }
        return Long.parseLong(text.replace("-", ""), 16);
    }
}
