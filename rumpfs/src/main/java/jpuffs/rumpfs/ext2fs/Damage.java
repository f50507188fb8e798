// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.ext2fs.MountOptions.OnError;
import jpuffs.rumpfs.io.ByteDisk;
import org.jspecify.annotations.Nullable;

/// What is done when something on the disk makes no sense: what the mount wants, else the superblock (tune2fs(8),
/// option `-e`).
final class Damage {
    private final Superblock sb;
    private final @Nullable OnError wanted;
    private boolean told = true; // the disk has what the superblock says of damage
    private boolean stopped;

    Damage(Superblock sb, @Nullable OnError wanted) {
        this.sb = sb;
        this.wanted = wanted;
    }

    /// Counts damage that was met.
    ///
    /// @return whether nothing may be written from now on
    boolean met(ErrnoException damage, long seconds) {
        System.Logger.Level level = told ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG;
        Ext2Fs.LOG.log(level, "damage (more of it is not told before the next commit): {0}", damage.getMessage());
        sb.countError(seconds);
        told = false;
        OnError onError = onError();
        stopped |= onError == OnError.PANIC;
        return onError != OnError.CONTINUE;
    }

    private OnError onError() {
        if (wanted != null) {
            return wanted;
        }
        return switch (sb.errors()) {
            case 2 -> OnError.REMOUNT_RO;
            case 3 -> OnError.PANIC;
            default -> OnError.CONTINUE;
        };
    }

    /// Whether nothing may be read any more either.
    boolean isStopped() {
        return stopped;
    }

    /// Whether the disk knows.
    boolean isTold() {
        return told;
    }

    /// The superblock is part of the transaction that is committed.
    void setTold() {
        told = true;
    }

    /// Writes the superblock of the last commit, with the damage. A replay of the journal may write over it, so
    /// that tells too.
    void tell(BlockDevice device, ByteDisk disk, @Nullable Journal journal) {
        try {
            if (journal != null) {
                journal.tellDamage();
            }
            Superblock old = Superblock.read(device);
            old.copyErrors(sb);
            old.seal();
            disk.write(old.raw, Superblock.OFFSET);
            disk.flush();
        } catch (IOException e) {
            Ext2Fs.LOG.log(System.Logger.Level.ERROR, "the superblock cannot be written", e);
        }
    }
}
