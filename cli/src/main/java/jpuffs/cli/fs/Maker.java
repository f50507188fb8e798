// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.core.ErrnoException;

/// Makes what is in an archive, but for the bytes of files. This one does it as the system calls do.
class Maker {
    /// A file is about to be made: what has its name goes.
    void clear(Place target) throws ErrnoException {
        FileCopy.removeIfThere(target);
    }

    void symlink(byte[] to, Place target) throws ErrnoException {
        target.calls().symlinkat(to, target.dir(), target.at());
    }

    /// A device, a fifo or a socket.
    void special(int mode, int rdev, Place target) throws ErrnoException {
        target.calls().mknodat(target.dir(), target.at(), mode, rdev);
    }

    /// One more name for a file.
    void link(Place first, Place target) throws ErrnoException {
        target.calls().linkat(first.dir(), first.at(), target.dir(), target.at(), 0);
    }

    void give(Metadata metadata, Place target) throws ErrnoException {
        metadata.give(target);
    }
}
