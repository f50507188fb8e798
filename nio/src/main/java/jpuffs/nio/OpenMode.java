// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import jpuffs.core.OpenFlags;

/// How a channel is opened: the options of the JDK as flags of open(2).
///
/// @param flags with O_NONBLOCK, which nothing but a fifo heeds: opening one must not wait for ever
record OpenMode(int flags, boolean deleteOnClose) {
    /// @throws IllegalArgumentException for options that do not go together
    /// @throws UnsupportedOperationException for one that is not known
    static OpenMode of(Set<? extends OpenOption> options) {
        for (OpenOption option : options) {
            if (!(option instanceof StandardOpenOption) && option != LinkOption.NOFOLLOW_LINKS) {
                throw new UnsupportedOperationException(option + " is not known");
            }
        }
        boolean append = options.contains(StandardOpenOption.APPEND);
        boolean write = append || options.contains(StandardOpenOption.WRITE);
        boolean read = options.contains(StandardOpenOption.READ) || !write;
        boolean truncate = options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (append && (read || truncate)) {
            throw new IllegalArgumentException((read ? "READ" : "TRUNCATE_EXISTING") + " with APPEND");
        }
        int flags = OpenFlags.O_NONBLOCK | (write && read ? OpenFlags.O_RDWR : write ? OpenFlags.O_WRONLY : 0);
        flags |= append ? OpenFlags.O_APPEND : 0;
        flags |= options.contains(LinkOption.NOFOLLOW_LINKS) ? OpenFlags.O_NOFOLLOW : 0;
        flags |= options.contains(StandardOpenOption.DSYNC) ? OpenFlags.O_DSYNC : 0;
        flags |= options.contains(StandardOpenOption.SYNC) ? OpenFlags.O_SYNC : 0;
        flags |= write ? making(options) | (truncate ? OpenFlags.O_TRUNC : 0) : 0;
        return new OpenMode(flags, options.contains(StandardOpenOption.DELETE_ON_CLOSE));
    }

    private static int making(Set<? extends OpenOption> options) {
        if (options.contains(StandardOpenOption.CREATE_NEW)) {
            return OpenFlags.O_CREAT | OpenFlags.O_EXCL;
        }
        return options.contains(StandardOpenOption.CREATE) ? OpenFlags.O_CREAT : 0;
    }

    boolean makes() {
        return (flags & OpenFlags.O_CREAT) != 0;
    }
}
