// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import org.jspecify.annotations.Nullable;

/// The operations of the FUSE protocol (`include/uapi/linux/fuse.h`, enum fuse_opcode): one row each.
public enum Opcode {
    LOOKUP(1, 0),
    FORGET(2, 8),
    GETATTR(3, 16),
    SETATTR(4, 88),
    READLINK(5, 0),
    SYMLINK(6, 0),
    MKNOD(8, 16),
    MKDIR(9, 8),
    UNLINK(10, 0),
    RMDIR(11, 0),
    RENAME(12, 8),
    LINK(13, 8),
    OPEN(14, 8),
    READ(15, 40),
    WRITE(16, 40),
    STATFS(17, 0),
    RELEASE(18, 24),
    FSYNC(20, 16),
    SETXATTR(21, 8),
    GETXATTR(22, 8),
    LISTXATTR(23, 8),
    REMOVEXATTR(24, 0),
    FLUSH(25, 24),
    INIT(26, 16),
    OPENDIR(27, 8),
    READDIR(28, 40),
    RELEASEDIR(29, 24),
    FSYNCDIR(30, 16),
    GETLK(31, 48),
    SETLK(32, 48),
    SETLKW(33, 48),
    ACCESS(34, 8),
    CREATE(35, 16),
    INTERRUPT(36, 8),
    BMAP(37, 16),
    DESTROY(38, 0),
    IOCTL(39, 32),
    POLL(40, 24),
    NOTIFY_REPLY(41, 40),
    BATCH_FORGET(42, 8),
    FALLOCATE(43, 32),
    READDIRPLUS(44, 40),
    RENAME2(45, 16),
    LSEEK(46, 24),
    COPY_FILE_RANGE(47, 56),
    SETUPMAPPING(48, 40),
    REMOVEMAPPING(49, 4),
    SYNCFS(50, 8),
    TMPFILE(51, 16),
    STATX(52, 24),
    COPY_FILE_RANGE_64(53, 56),
    CUSE_INIT(4096, 16);

    private static final @Nullable Opcode[] BY_NUMBER = byNumber();

    private final int number;
    private final int argSize;

    Opcode(int number, int argSize) {
        this.number = number;
        this.argSize = argSize;
    }

    private static @Nullable Opcode[] byNumber() {
        var table = new @Nullable Opcode[64];
        for (Opcode op : values()) {
            if (op != CUSE_INIT) { // far from the others
                table[op.number] = op;
            }
        }
        return table;
    }

    /// The number on the wire.
    public int number() {
        return number;
    }

    /// The smallest size in bytes of the argument structure that follows the header.
    int argSize() {
        return argSize;
    }

    /// Whether the kernel waits for a reply.
    public boolean isAnswered() {
        return this != FORGET && this != BATCH_FORGET && this != INTERRUPT && this != NOTIFY_REPLY;
    }

    /// The operation `number`, or null if it is none we know.
    public static @Nullable Opcode of(int number) {
        if (number == CUSE_INIT.number) {
            return CUSE_INIT;
        }
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }
}
