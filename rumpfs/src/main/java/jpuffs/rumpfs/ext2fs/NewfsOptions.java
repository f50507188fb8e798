// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;

import java.nio.charset.StandardCharsets;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import org.jspecify.annotations.Nullable;

/// What a new file system is to be like; what is not said follows from the size, as with mke2fs(8).
///
/// @param ratio bytes for each inode
/// @param journal bytes of the journal, 0 for none
record NewfsOptions(Features features, int blockSize, int inodeSize, long ratio, long journal, String label) {
    static final List<FsOption> KNOWN = List.of(
            new FsOption("version", "2|3|4", "ext2, ext3 or ext4, default 4"),
            new FsOption("block", "SIZE", "size of a block: 1K, 2K or 4K"),
            new FsOption("inode", "SIZE", "size of an inode: 128, or 256 and more"),
            new FsOption("ratio", "BYTES", "bytes for each inode"),
            new FsOption("journal", "SIZE", "size of the journal"),
            new FsOption("features", "NAME:^NAME", "features to have, or with ^ not to have"),
            new FsOption("label", "TEXT", "name of the volume, up to 16 bytes"));

    private static final List<String> NAMES =
            List.of("version", "block", "inode", "ratio", "journal", "features", "label");

    private static final long SMALL = 512L << 20;
    private static final int EXT2_COMPAT = Features.EXT_ATTR | Features.DIR_INDEX;
    private static final int EXT4_INCOMPAT = Features.EXTENTS | Features.BIT64 | Features.FLEX_BG;
    private static final int EXT2_RO = Features.SPARSE_SUPER | Features.LARGE_FILE;
    private static final int EXT4_RO =
            Features.HUGE_FILE | Features.DIR_NLINK | Features.EXTRA_ISIZE | Features.METADATA_CSUM;

    /// What may be chosen.
    private static final Features CHOICE = new Features(
            EXT2_COMPAT | Features.HAS_JOURNAL,
            EXT4_INCOMPAT | Features.INLINE_DATA | Features.LARGE_DIR | Features.CSUM_SEED,
            EXT2_RO | EXT4_RO | Features.GDT_CSUM | Features.PROJECT);

    /// `4`, or `ext4` as an alias of the type gives it.
    private static int version(FsOptions options) throws ErrnoException {
        String name = options.text("version");
        return name == null || !name.startsWith("ext")
                ? (int) options.number("version", 4, 2, 4)
                : (int) FsOptions.NONE.with("version", name.substring(3)).number("version", 4, 2, 4);
    }

    static NewfsOptions of(FsOptions options, long size) throws ErrnoException {
        options.requireKnown(NAMES);
        int version = version(options);
        boolean small = size < SMALL;
        int blockSize = (int) options.size("block", small ? 1024 : 4096, 1024, 4096);
        int inodeSize = (int) options.size("inode", 256, 128, blockSize);
        if (Integer.bitCount(blockSize) != 1 || Integer.bitCount(inodeSize) != 1) {
            throw EINVAL.error("the sizes of blocks and inodes must be powers of two");
        }
        Features features = features(version, options.text("features"));
        if (inodeSize < 256 && (features.incompat(Features.INLINE_DATA) || features.roCompat(Features.PROJECT))) {
            throw EINVAL.error("inline_data and project need inodes of 256 bytes");
        }
        long journal = options.size("journal", journalSize(size / blockSize) * blockSize, 1024L * blockSize, 1L << 33);
        String text = options.text("label");
        String label = text == null ? "" : text;
        if (label.getBytes(StandardCharsets.UTF_8).length > 16) {
            throw EINVAL.error("label %s: more than 16 bytes", label);
        }
        long ratio = options.size("ratio", small ? 4096 : 16384, blockSize, 1 << 26);
        boolean journaled = features.compat(Features.HAS_JOURNAL) && journal > 0;
        return new NewfsOptions(features, blockSize, inodeSize, ratio, journaled ? journal : 0, label);
    }

    /// The blocks of a journal that suit the size.
    private static long journalSize(long blocks) {
        if (blocks < 2048) {
            return 0;
        }
        if (blocks < 32768) {
            return 1024;
        }
        return blocks < 256 << 10 ? 4096 : blocks < 512 << 10 ? 8192 : blocks < 4096 << 10 ? 16384 : 32768;
    }

    private static Features features(int version, @Nullable String wanted) throws ErrnoException {
        boolean four = version == 4;
        int compat = EXT2_COMPAT | (version > 2 ? Features.HAS_JOURNAL : 0);
        int incompat = Features.FILETYPE | (four ? EXT4_INCOMPAT : 0);
        int roCompat = EXT2_RO | (four ? EXT4_RO : 0);
        for (String name : (wanted == null ? "" : wanted).split(":", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            boolean off = name.startsWith("^");
            Features one = Features.named(off ? name.substring(1) : name);
            if (one == null
                    || (one.compat() & ~CHOICE.compat()) != 0
                    || (one.incompat() & ~CHOICE.incompat()) != 0
                    || (one.roCompat() & ~CHOICE.roCompat()) != 0) {
                throw EINVAL.error("feature %s: cannot be chosen; there are %s", name, CHOICE.names());
            }
            compat = off ? compat & ~one.compat() : compat | one.compat();
            incompat = off ? incompat & ~one.incompat() : incompat | one.incompat();
            roCompat = off ? roCompat & ~one.roCompat() : roCompat | one.roCompat();
        }
        if ((incompat & Features.CSUM_SEED) != 0 && (roCompat & Features.METADATA_CSUM) == 0) {
            throw EINVAL.error("metadata_csum_seed needs metadata_csum");
        }
        return new Features(compat, incompat, roCompat);
    }
}
