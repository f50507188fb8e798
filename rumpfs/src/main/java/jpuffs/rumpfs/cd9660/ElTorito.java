// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jpuffs.rumpfs.io.Le;

/// The boot catalog (El Torito 1.0): images that firmware starts, which need not be files of the tree.
final class ElTorito {
    private static final int ENTRY = 32;
    private static final int VALIDATION = 1;
    private static final int BOOTABLE = 0x88;
    private static final int NOT_BOOTABLE = 0;
    private static final int SECTION = 0x90;
    private static final int LAST_SECTION = 0x91;
    private static final int MORE_OF_ENTRY = 0x44;
    private static final int VIRTUAL_SECTOR = 512;

    private static final String[] MEDIA = {"none", "1.2M", "1.44M", "2.88M", "disk"};
    private static final int[] FLOPPY_SECTORS = {0, 2400, 2880, 5760};

    private final Disc disc;
    private final long volumeEnd;
    private final List<Image> images = new ArrayList<>();

    /// A boot image.
    ///
    /// @param name `1-bios-none.img`: its number, what starts it, and what medium it is to stand for
    /// @param offset on the disc
    /// @param length in bytes: of the medium it stands for; of one that stands for none as much as is loaded
    record Image(String name, long offset, long length) {}

    private ElTorito(Disc disc, long volumeEnd) {
        this.disc = disc;
        this.volumeEnd = Math.min(volumeEnd, disc.size());
    }

    /// The images of the catalog at `off`.
    ///
    /// @param volumeEnd where the volume ends
    /// @throws IOException EUCLEAN
    static List<Image> read(Disc disc, long off, long volumeEnd) throws IOException {
        MemorySegment catalog = disc.meta(off, Disc.SECTOR, "the boot catalog");
        if (Le.u8(catalog, 0) != VALIDATION || Le.u8(catalog, 30) != 0x55 || Le.u8(catalog, 31) != 0xaa) {
            throw EUCLEAN.error("the boot catalog at %d is damaged", off);
        }
        var all = new ElTorito(disc, volumeEnd);
        int platform = Le.u8(catalog, 1);
        for (int at = ENTRY; at + ENTRY <= Disc.SECTOR; at += ENTRY) {
            int kind = Le.u8(catalog, at);
            if (kind == SECTION || kind == LAST_SECTION) {
                platform = Le.u8(catalog, at + 1);
            } else if (kind == BOOTABLE || kind == NOT_BOOTABLE && Le.u32(catalog, at + 8) != 0) {
                all.add(catalog.asSlice(at, ENTRY), platform);
            } else if (kind != MORE_OF_ENTRY) {
                break;
            }
        }
        return all.images;
    }

    private void add(MemorySegment entry, int platform) throws IOException {
        int medium = Le.u8(entry, 1) & 0xf;
        long off = Le.u32(entry, 8) * Disc.SECTOR;
        if (medium >= MEDIA.length || off >= volumeEnd) {
            return;
        }
        long length = length(medium, off, Le.u16(entry, 6));
        String name = "%d-%s-%s.img".formatted(images.size() + 1, platform(platform), MEDIA[medium]);
        images.add(new Image(name, off, Math.min(length, volumeEnd - off)));
    }

    private static String platform(int id) {
        return switch (id) {
            case 0 -> "bios";
            case 1 -> "ppc";
            case 2 -> "mac";
            case 0xef -> "efi";
            default -> String.format(Locale.ROOT, "%02x", id);
        };
    }

    /// A count of 0 or 1 is for firmware that finds the end by itself (UEFI 13.3.2.1).
    private long length(int medium, long off, int count) throws IOException {
        if (medium == 0) {
            return count > 1 ? (long) count * VIRTUAL_SECTOR : volumeEnd - off;
        }
        if (medium < FLOPPY_SECTORS.length) {
            return (long) FLOPPY_SECTORS[medium] * VIRTUAL_SECTOR;
        }
        disc.check(off, VIRTUAL_SECTOR, "a boot image");
        MemorySegment mbr = disc.meta(off, VIRTUAL_SECTOR, "a boot image"); // its one partition tells
        return Math.max(VIRTUAL_SECTOR, (Le.u32(mbr, 0x1be + 8) + Le.u32(mbr, 0x1be + 12)) * VIRTUAL_SECTOR);
    }
}
