// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import jpuffs.core.BlockDevice;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;
import jpuffs.rumpfs.Ukfs;

/// A file system under the contract: a type, how an empty one is made in memory, and what it does not have. One
/// more is one more line.
enum Subject {
    TMPFS("tmpfs", 0),
    EXT2("ext2", 8 << 20, Lacks.NANOSECONDS),
    EXT4("ext4", 8 << 20),
    FAT16("fat16", 8 << 20, Lacks.POSIX, Lacks.LINKS, Lacks.XATTRS, Lacks.NANOSECONDS, Lacks.CASE),
    FAT32("fat32", 40 << 20, Lacks.POSIX, Lacks.LINKS, Lacks.XATTRS, Lacks.NANOSECONDS, Lacks.CASE),
    EXFAT("exfat", 8 << 20, Lacks.POSIX, Lacks.LINKS, Lacks.XATTRS, Lacks.NANOSECONDS, Lacks.CASE);

    /// What a file system may lack.
    enum Lacks {
        /// Owners, permissions, links of both kinds: what a Unix file system has.
        POSIX,
        LINKS,
        XATTRS,
        NANOSECONDS,
        /// Names that differ in capital and small letters.
        CASE
    }

    private final String type;
    private final long size;

    @SuppressWarnings("ImmutableEnumChecker") // nobody else has it
    private final Set<Lacks> lacks;

    Subject(String type, long size, Lacks... lacks) {
        this.type = type;
        this.size = size;
        this.lacks = EnumSet.noneOf(Lacks.class);
        this.lacks.addAll(List.of(lacks));
    }

    boolean has(Lacks feature) {
        return !lacks.contains(feature);
    }

    private RumpFsType type() {
        return requireNonNull(RumpFsTypes.named(type), type);
    }

    /// An empty file system in memory.
    BlockDevice newfs() throws IOException {
        BlockDevice disk = MemoryDisk.ofSize(size);
        if (type().usesDevice()) {
            FsOptions options = type().name().equals(type) ? FsOptions.NONE : FsOptions.NONE.with("version", type);
            type().newfs(disk, options, Rumpuser.HOST);
        }
        return disk;
    }

    /// What is on the disk.
    FileSystem mount(BlockDevice disk, String options) throws IOException {
        return RumpFileSystemProvider.over(Ukfs.mount(type(), disk, FsOptions.of(options), Rumpuser.HOST), "contract");
    }

    /// Fails if the disk is not clean.
    void fsck(BlockDevice disk) throws IOException {
        if (type().usesDevice()) {
            var findings = new ArrayList<String>();
            FsckResult result = type().fsck(disk, false, findings::add, Rumpuser.HOST);
            if (result != FsckResult.CLEAN) {
                throw new AssertionError(this + ": " + findings);
            }
        }
    }
}
