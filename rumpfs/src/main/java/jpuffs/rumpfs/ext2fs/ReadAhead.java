// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import jpuffs.core.ErrnoException;

/// Sees when a file is read from one end to the other, and then has the disk bring what comes next while the reader
/// still has to do with what came.
final class ReadAhead {
    /// How far it goes, in bytes.
    private static final long WINDOW = 8 << 20;

    /// Reads of fewer bytes are not worth it.
    static final int LARGE = 64 << 10;

    /// Requests of one reader may change places by that many bytes.
    private static final long SLACK = 2 << 20;

    private long next; // where the reader goes on
    private long asked; // up to where the disk was asked

    /// A read from `off` on is about to begin. Adds to it what the disk is to bring.
    ///
    /// @param size of the file
    void plan(DataTransfer transfer, long off, long size, BlockMap map) throws IOException {
        long end = off + transfer.count();
        boolean goesOn = Math.abs(off - next) <= SLACK;
        next = end;
        if (!goesOn || asked > end + WINDOW) {
            asked = end;
        }
        long to = Math.min(end + WINDOW, size);
        long from = Math.max(asked, end);
        if (!goesOn || to - from < WINDOW / 2 && to < size || from >= to) {
            return;
        }
        asked = to;
        try {
            transfer.addAhead(from, to, map);
        } catch (ErrnoException e) {
            Ext2Fs.LOG.log(System.Logger.Level.DEBUG, "who reads that is told", e);
        }
    }
}
