// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.util.BitSet;
import java.util.function.Consumer;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.io.FsckReport;

/// What a check has learnt of a file system, and what it found wrong.
final class FsckState {
    final Ext2Fs fs;
    final Superblock sb;
    final boolean repair;
    final BitSet usedBlocks = new BitSet();
    final BitSet usedInodes = new BitSet();
    final BitSet directories = new BitSet(); // inodes
    final byte[] types; // by inode: as entries have them
    private final FsckReport report;
    private boolean unknown; // what blocks and inodes are in use
    private int found;
    private int left;

    FsckState(Ext2Fs fs, boolean repair, Consumer<String> report) {
        this.fs = fs;
        this.sb = fs.sb();
        this.repair = repair;
        this.report = new FsckReport(report);
        this.types = new byte[(int) Math.min(sb.inodes + 1, Integer.MAX_VALUE - 8)];
    }

    void tell(String format, Object... args) {
        report.tell(format, args);
    }

    /// What is told from now on, up to [#endDirectory] or the next, is about one directory.
    void beginDirectory() {
        report.beginDirectory();
    }

    void endDirectory() {
        report.endDirectory();
    }

    /// Tells the last line.
    void sumUp(FsckResult result) {
        String state = result == FsckResult.DAMAGED ? "damaged" : result == FsckResult.REPAIRED ? "repaired" : "clean";
        report.end(state + ": " + usedInodes.cardinality() + " files, " + usedBlocks.cardinality() + " of " + sb.blocks
                + " blocks in use");
    }

    /// Tells a finding, and answers whether it is to be repaired.
    boolean finding(boolean canRepair, String format, Object... args) {
        boolean repairs = canRepair && repair;
        counted(repairs);
        tell(format, args);
        return repairs;
    }

    /// Something was wrong.
    void counted(boolean repaired) {
        found++;
        left += repaired ? 0 : 1;
    }

    /// What was to be repaired could not be.
    void failed(String format, Object... args) {
        left++;
        tell(format, args);
    }

    /// It cannot be known any more which blocks and inodes are in use.
    void setUnknown() {
        unknown = true;
    }

    boolean isUnknown() {
        return unknown;
    }

    /// Whether nothing that was found is left.
    boolean isMended() {
        return left == 0;
    }

    FsckResult result() {
        return left > 0 ? FsckResult.DAMAGED : found > 0 ? FsckResult.REPAIRED : FsckResult.CLEAN;
    }

    /// Something done with an inode, or a group.
    @FunctionalInterface
    interface Work {
        void run(int number) throws IOException;
    }

    /// Does it, and makes a finding of what fails for damage.
    void guarded(int ino, Work work) throws IOException {
        try {
            work.run(ino);
        } catch (ErrnoException e) {
            finding(false, "inode %d: %s", ino, e.getMessage());
            unknown = true;
        }
    }

    void forEach(BitSet inodes, Work work) throws IOException {
        for (int ino = inodes.nextSetBit(0); ino >= 0; ino = inodes.nextSetBit(ino + 1)) {
            guarded(ino, work);
        }
    }

    /// Whether files have that number.
    boolean isInode(long number) {
        return number > 0 && number < types.length;
    }
}
