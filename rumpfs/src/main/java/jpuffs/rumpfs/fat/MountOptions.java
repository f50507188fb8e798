// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static jpuffs.core.Errno.EINVAL;

import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;

/// What a mount is asked for. FAT knows no owners: all files have one.
///
/// @param umask permissions that nobody has
/// @param cacheBytes the most bytes of metadata in memory
public record MountOptions(boolean readOnly, int uid, int gid, int umask, long cacheBytes) {
    public static final List<FsOption> KNOWN = List.of(
            new FsOption("uid", "N", "all files belong to this user, default 0"),
            new FsOption("gid", "N", "all files belong to this group, default 0"),
            new FsOption("umask", "OCTAL", "permissions that nobody has, default 022"),
            new FsOption("cache", "SIZE", "memory for metadata, default 16M"));

    private static final List<String> NAMES = List.of("ro", "uid", "gid", "umask", "cache");
    private static final long MAX_ID = 0xffff_fffeL;

    /// Reads them.
    ///
    /// @throws ErrnoException EINVAL for an option that is none
    public static MountOptions of(FsOptions options) throws ErrnoException {
        options.requireKnown(NAMES);
        String umask = options.text("umask");
        if (umask != null && !umask.matches("[0-7]{1,4}")) {
            throw EINVAL.error("option umask=%s: must be octal, as in 022", umask);
        }
        return new MountOptions(
                options.has("ro"),
                (int) options.number("uid", 0, 0, MAX_ID),
                (int) options.number("gid", 0, 0, MAX_ID),
                umask == null ? 022 : Integer.parseInt(umask, 8) & 0777,
                options.size("cache", 16 << 20, 1 << 20, 1L << 40));
    }
}
