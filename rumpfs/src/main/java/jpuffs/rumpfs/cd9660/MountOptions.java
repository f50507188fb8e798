// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EINVAL;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import org.jspecify.annotations.Nullable;

/// What a mount is asked for: options of Linux's isofs, with their meaning there.
///
/// @param session the first is 1; 0 is the last
/// @param mapsNames names of plain ISO 9660 are shown in small letters and without version
/// @param uid of all files, or -1: as they are
/// @param gid of all files, or -1
/// @param mode permissions of files that have none, or -1: 0444
/// @param dmode of directories, or -1: 0555
/// @param overridesModes `mode` and `dmode` are those of Rock Ridge's files, too
/// @param nocompress compressed files are shown as they are on the disc
/// @param cacheBytes the most bytes of metadata in memory
record MountOptions(
        boolean norock,
        boolean nojoliet,
        int session,
        boolean mapsNames,
        long uid,
        long gid,
        int mode,
        int dmode,
        boolean overridesModes,
        boolean nocompress,
        long cacheBytes) {
    static final List<FsOption> KNOWN = List.of(
            new FsOption("session", "N", "the session that is shown, the first is 1; default: the last"),
            new FsOption("norock", "", "without the names and attributes of Rock Ridge"),
            new FsOption("nojoliet", "", "without the names of Joliet"),
            new FsOption(
                    "map", "off|normal", "names of plain ISO 9660 as they are, or in small letters; default normal"),
            new FsOption("uid", "N", "all files belong to this user; default: as told, or 0"),
            new FsOption("gid", "N", "all files belong to this group; default: as told, or 0"),
            new FsOption("mode", "OCTAL", "permissions of files without Rock Ridge, default 0444"),
            new FsOption("dmode", "OCTAL", "permissions of directories without Rock Ridge, default 0555"),
            new FsOption("overriderockperm", "", "mode and dmode count for all files"),
            new FsOption("nocompress", "", "compressed files (zisofs) as they are on the disc"),
            new FsOption("cache", "SIZE", "memory for metadata, default 8M"));

    private static final long MAX_ID = 0xffff_fffeL;

    static MountOptions of(FsOptions options) throws ErrnoException {
        var names = new ArrayList<>(KNOWN.stream().map(FsOption::name).toList());
        names.add("ro");
        options.requireKnown(names);
        options.has("ro"); // as it is always
        return new MountOptions(
                options.has("norock"),
                options.has("nojoliet"),
                (int) options.number("session", 0, 1, 99),
                mapsNames(options.text("map")),
                options.number("uid", -1, 0, MAX_ID),
                options.number("gid", -1, 0, MAX_ID),
                permissions(options, "mode"),
                permissions(options, "dmode"),
                options.has("overriderockperm"),
                options.has("nocompress"),
                options.size("cache", 8 << 20, 1 << 20, 1L << 40));
    }

    private static boolean mapsNames(@Nullable String map) throws ErrnoException {
        return switch (map) {
            case null -> true;
            case "n", "normal" -> true;
            case "o", "off" -> false;
            default -> throw EINVAL.error("option map=%s: must be off or normal", map);
        };
    }

    private static int permissions(FsOptions options, String name) throws ErrnoException {
        String text = options.text(name);
        if (text != null && !text.matches("[0-7]{1,4}")) {
            throw EINVAL.error("option %s=%s: must be octal, as in 0444", name, text);
        }
        return text == null ? -1 : Integer.parseInt(text, 8) & 0777;
    }
}
