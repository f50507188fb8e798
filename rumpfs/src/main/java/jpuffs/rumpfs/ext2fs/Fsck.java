// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.ENOMEM;

import java.io.IOException;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.io.ByteDisk;

/// Checks a file system, and repairs what a crash of this package can leave: an unreplayed journal, orphans and a
/// torn superblock; without a journal also bitmaps and counts, counts of links, blocks of entries and attributes of
/// which only some sectors were written, entries of files that do not exist, directories with two names, a wrong
/// `..` or a wrong index, and files without a name, which go to lost+found. What needs more is left to e2fsck(8).
///
/// First inodes ([FsckInodes]), then names ([FsckNames]), then what counts them.
final class Fsck {
    private final Ext2Fs fs;
    private final FsckState state;

    private Fsck(FsckState state) {
        this.fs = state.fs;
        this.state = state;
    }

    /// See [jpuffs.rumpfs.RumpFsType#fsck].
    static FsckResult check(BlockDevice device, boolean repair, Consumer<String> report, Rumpuser host)
            throws IOException {
        Superblock sb = Superblock.readUnsealed(device);
        requireMemory(sb.inodes, sb.blocks, Runtime.getRuntime().maxMemory());
        boolean torn = !sb.isSealed();
        boolean replay = sb.features.incompat(Features.NEEDS_RECOVERY);
        boolean writes =
                repair && !device.isReadOnly() && sb.features.readOnlyReasons().isEmpty();
        if (torn) {
            report.accept("the superblock has a wrong checksum");
            if (!writes) {
                return FsckResult.DAMAGED;
            }
            seal(sb, device);
        }
        if (replay) {
            report.accept(repair ? "replaying the journal" : "the journal must be replayed");
        }
        Ext2Fs fs = Ext2Fs.mount(device, MountOptions.of(FsOptions.of(writes ? "" : "ro")), host);
        try {
            var state = new FsckState(fs, writes, report);
            if (replay || torn) {
                state.counted(writes);
            }
            return new Fsck(state).run();
        } finally {
            fs.unmount(true);
        }
    }

    /// What a check has to remember is 9 bytes for each inode and 3 bits, and a bit for each block.
    ///
    /// @throws ErrnoException ENOMEM
    static void requireMemory(long inodes, long blocks, long memory) throws ErrnoException {
        long needed = inodes * 10 + blocks / 8;
        boolean countable = inodes < Integer.MAX_VALUE - 8 && blocks <= Integer.MAX_VALUE;
        if (!countable || needed > memory / 4 * 3) {
            throw ENOMEM.error(
                    "a check of %d inodes and %d blocks takes %d MiB of memory, and there are %d MiB",
                    inodes, blocks, needed >> 20, memory >> 20);
        }
    }

    /// It lies in two sectors. If only one of them was written before a crash, there are fields of two good ones in
    /// it: a replay brings the newer whole, and what it counts is counted anew.
    private static void seal(Superblock sb, BlockDevice device) throws IOException {
        sb.seal();
        try (var disk = new ByteDisk(device)) {
            disk.write(sb.raw, Superblock.OFFSET);
            disk.flush();
        }
    }

    private FsckResult run() throws IOException {
        new FsckInodes(state).run();
        var names = new FsckNames(state);
        names.scan();
        if (state.sb.clusterRatio == 1) { // else a bit is several blocks, which several files may have
            checkGroups("blocks", this::checkBlocks); // the rest may need new ones
        }
        names.check();
        checkGroups("inodes", this::checkInodes);
        checkErrorFlag();
        if (state.repair && state.isMended()) {
            fs.commit();
        }
        FsckResult result = state.result();
        state.sumUp(result);
        return result;
    }

    /// A driver met damage, and said so in the superblock.
    private void checkErrorFlag() {
        if (state.sb.hasErrors() && state.finding(state.isMended(), "a driver met damage since the last check")) {
            state.sb.clearErrors();
        }
    }

    private void checkGroups(String what, FsckState.Work work) throws IOException {
        if (state.isUnknown()) {
            state.tell("the bitmaps of %s are not checked: what is in use is not known", what);
            return;
        }
        for (int group = 0; group < state.sb.groups; group++) {
            work.run(group);
        }
    }

    private void checkBlocks(int group) throws IOException {
        if (!fs.blocks().agrees(group, state.usedBlocks)
                && state.finding(true, "group %d: the bitmap of blocks or their count is wrong", group)) {
            fs.blocks().rebuild(group, state.usedBlocks);
        }
    }

    private void checkInodes(int group) throws IOException {
        if (!fs.inodeAllocator().agrees(group, state.usedInodes, state.directories)
                && state.finding(true, "group %d: the bitmap of inodes or their count is wrong", group)) {
            fs.inodeAllocator().rebuild(group, state.usedInodes, state.directories);
        }
    }
}
