// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EOPNOTSUPP;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The features of a file system: three sets of bits, of which an unknown one means nothing (compatible), forbids
/// to write (read-only compatible) or forbids to mount (incompatible). (Kernel:
/// Documentation/filesystems/ext4/super.rst.)
record Features(int compat, int incompat, int roCompat) {
    static final int HAS_JOURNAL = 0x4;
    static final int EXT_ATTR = 0x8;
    static final int RESIZE_INODE = 0x10;
    static final int DIR_INDEX = 0x20;
    static final int SPARSE_SUPER2 = 0x200;
    static final int ORPHAN_FILE = 0x1000;

    static final int FILETYPE = 0x2;
    static final int NEEDS_RECOVERY = 0x4;
    static final int JOURNAL_DEV = 0x8;
    static final int META_BG = 0x10;
    static final int EXTENTS = 0x40;
    static final int BIT64 = 0x80;
    static final int MMP = 0x100;
    static final int FLEX_BG = 0x200;
    static final int EA_INODE = 0x400;
    static final int CSUM_SEED = 0x2000;
    static final int LARGE_DIR = 0x4000;
    static final int INLINE_DATA = 0x8000;
    static final int ENCRYPT = 0x10000;
    static final int CASEFOLD = 0x20000;

    static final int SPARSE_SUPER = 0x1;
    static final int LARGE_FILE = 0x2;
    static final int HUGE_FILE = 0x8;
    static final int GDT_CSUM = 0x10;
    static final int DIR_NLINK = 0x20;
    static final int EXTRA_ISIZE = 0x40;
    static final int BIGALLOC = 0x200;
    static final int METADATA_CSUM = 0x400;
    static final int PROJECT = 0x2000;
    static final int ORPHAN_PRESENT = 0x10000;

    /// What can be read. External journals and compression cannot.
    private static final int READABLE = FILETYPE
            | NEEDS_RECOVERY
            | META_BG
            | EXTENTS
            | BIT64
            | MMP
            | FLEX_BG
            | EA_INODE
            | CSUM_SEED
            | LARGE_DIR
            | INLINE_DATA
            | ENCRYPT
            | CASEFOLD;

    /// What can be read but not written: other hosts would have to be kept off, values in inodes counted, names
    /// folded or encrypted.
    private static final int INCOMPAT_READ_ONLY = MMP | EA_INODE | ENCRYPT | CASEFOLD;

    private static final int WRITABLE = SPARSE_SUPER
            | LARGE_FILE
            | HUGE_FILE
            | GDT_CSUM
            | DIR_NLINK
            | EXTRA_ISIZE
            | METADATA_CSUM
            | PROJECT
            | ORPHAN_PRESENT;

    private static final String[] COMPAT_NAMES = {
        "dir_prealloc",
        "imagic_inodes",
        "has_journal",
        "ext_attr",
        "resize_inode",
        "dir_index",
        "lazy_bg",
        null,
        "snapshot_bitmap",
        "sparse_super2",
        "fast_commit",
        "stable_inodes",
        "orphan_file"
    };
    private static final String[] INCOMPAT_NAMES = {
        "compression",
        "filetype",
        "needs_recovery",
        "journal_dev",
        "meta_bg",
        null,
        "extent",
        "64bit",
        "mmp",
        "flex_bg",
        "ea_inode",
        null,
        "dirdata",
        "metadata_csum_seed",
        "large_dir",
        "inline_data",
        "encrypt",
        "casefold"
    };
    private static final String[] RO_COMPAT_NAMES = {
        "sparse_super",
        "large_file",
        null,
        "huge_file",
        "uninit_bg",
        "dir_nlink",
        "extra_isize",
        "snapshot",
        "quota",
        "bigalloc",
        "metadata_csum",
        "replica",
        "read-only",
        "project",
        "shared_blocks",
        "verity",
        "orphan_present"
    };

    boolean compat(int bit) {
        return (compat & bit) != 0;
    }

    boolean incompat(int bit) {
        return (incompat & bit) != 0;
    }

    boolean roCompat(int bit) {
        return (roCompat & bit) != 0;
    }

    /// The feature of that name alone, or null if none is known by it.
    static @Nullable Features named(String name) {
        for (int bit = 0; bit < 32; bit++) {
            int mask = 1 << bit;
            if (names(mask, COMPAT_NAMES, 'C').contains(name)) {
                return new Features(mask, 0, 0);
            }
            if (names(mask, INCOMPAT_NAMES, 'I').contains(name)) {
                return new Features(0, mask, 0);
            }
            if (names(mask, RO_COMPAT_NAMES, 'R').contains(name)) {
                return new Features(0, 0, mask);
            }
        }
        return null;
    }

    /// Checks that a file system with these features can be mounted.
    ///
    /// @throws ErrnoException EOPNOTSUPP with the names of what is not supported
    void requireReadable() throws ErrnoException {
        if ((incompat & ~READABLE) != 0) {
            throw EOPNOTSUPP.error(
                    "features not supported: %s", String.join(" ", names(incompat & ~READABLE, INCOMPAT_NAMES, 'I')));
        }
    }

    /// The names of the features that keep it from being written; empty if it can be.
    List<String> readOnlyReasons() {
        List<String> reasons = names(incompat & INCOMPAT_READ_ONLY, INCOMPAT_NAMES, 'I');
        reasons.addAll(names(roCompat & ~WRITABLE, RO_COMPAT_NAMES, 'R'));
        return reasons;
    }

    /// All names, as dumpe2fs(8) prints them.
    List<String> names() {
        List<String> all = names(compat, COMPAT_NAMES, 'C');
        all.addAll(names(incompat, INCOMPAT_NAMES, 'I'));
        all.addAll(names(roCompat, RO_COMPAT_NAMES, 'R'));
        return all;
    }

    private static List<String> names(int bits, String[] table, char set) {
        var names = new ArrayList<String>();
        for (int bit = 0; bit < 32; bit++) {
            if ((bits >>> bit & 1) != 0) {
                boolean known = bit < table.length && table[bit] != null;
                names.add(known ? table[bit] : "FEATURE_" + set + bit);
            }
        }
        return names;
    }
}
