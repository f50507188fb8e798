// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static jpuffs.core.Errno.EINVAL;

import java.util.List;
import java.util.UUID;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import org.jspecify.annotations.Nullable;

/// What a new file system is to be like; what is not said follows from the size, as with mkfs.exfat(8).
///
/// @param cluster bytes of a cluster
/// @param serial number of the volume, 0 for a random one
/// @param guid of the volume, null for none
record NewfsOptions(
        int sector,
        int cluster,
        String label,
        long serial,
        @Nullable UUID guid) {
    static final List<FsOption> KNOWN = List.of(
            new FsOption("sector", "SIZE", "size of a sector: 512 to 4K, default 512"),
            new FsOption("cluster", "SIZE", "size of a cluster, a power of two from a sector to 32M"),
            new FsOption("label", "TEXT", "name of the volume, up to 11 letters"),
            new FsOption("id", "HEX", "serial number of the volume, default a random one"),
            new FsOption("guid", "UUID", "GUID of the volume, default none"));

    private static final List<String> NAMES = List.of("sector", "cluster", "label", "id", "guid");
    private static final int MAX_LABEL = 11;
    private static final long SMALL = 256L << 20;
    private static final long LARGE = 32L << 30;

    static NewfsOptions of(FsOptions options, BlockDevice device) throws ErrnoException {
        options.requireKnown(NAMES);
        int sector = (int) options.size("sector", Math.max(512, device.blockSize()), device.blockSize(), 4096);
        int usual = device.size() <= SMALL ? 4096 : device.size() <= LARGE ? 32 << 10 : 128 << 10;
        int cluster = (int) options.size("cluster", usual, sector, 32 << 20);
        if (Integer.bitCount(sector) != 1 || Integer.bitCount(cluster) != 1) {
            throw EINVAL.error("the sizes of sectors and clusters must be powers of two");
        }
        String label = options.text("label");
        if (label != null && label.length() > MAX_LABEL) {
            throw EINVAL.error("label %s: must be up to %d letters", label, MAX_LABEL);
        }
        return new NewfsOptions(
                sector, cluster, label == null ? "" : label, serial(options.text("id")), guid(options.text("guid")));
    }

    private static long serial(@Nullable String text) throws ErrnoException {
        if (text == null) {
            return 0;
        }
        if (!text.matches("[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}")) {
            throw EINVAL.error("option id=%s: must be eight digits as in 1234-ABCD", text);
        }
        return Long.parseLong(text.replace("-", ""), 16);
    }

    private static @Nullable UUID guid(@Nullable String text) throws ErrnoException {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw EINVAL.error("option guid=%s: must be a UUID", text);
        }
    }
}
