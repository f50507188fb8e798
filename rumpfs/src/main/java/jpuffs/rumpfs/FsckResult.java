// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

/// How a check ended.
public enum FsckResult {
    /// Nothing is wrong.
    CLEAN(0),
    /// Something was wrong and is repaired.
    REPAIRED(1),
    /// Something is wrong still.
    DAMAGED(4);

    private final int exitCode;

    FsckResult(int exitCode) {
        this.exitCode = exitCode;
    }

    /// The exit code of fsck(8).
    public int exitCode() {
        return exitCode;
    }
}
