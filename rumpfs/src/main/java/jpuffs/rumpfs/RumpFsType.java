// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import org.jspecify.annotations.Nullable;

/// A type of file system: a service, found by [RumpFsTypes]. Without state.
///
/// The device is the caller's: no method closes it, and it outlives the mounted file system. Its content is not
/// trusted: any damage is an [jpuffs.core.ErrnoException], EUCLEAN where it was not foreseen by the format, found
/// in bounded time and memory.
public interface RumpFsType {
    /// The name of the type, as in `fuse.puffs|p2k|NAME`: NetBSD's name where it has one.
    String name();

    /// Other names of it for commands, as in `ext4`. Who says one of them gives it to [#newfs] as the option
    /// `version`. Default: none.
    default List<String> aliases() {
        return List.of();
    }

    /// What it is, in one line without a full stop.
    String summary();

    /// Whether it is on a device: if not, [#mount] is called with one of size 0. Default: true.
    default boolean usesDevice() {
        return true;
    }

    /// Whether names that differ in small and capital letters are different names: else a driver must not remember
    /// what look-ups found. Default: true.
    default boolean isCaseSensitive() {
        return true;
    }

    /// Whether it is mounted read-only, whatever the options say. Default: false.
    default boolean isReadOnly() {
        return false;
    }

    /// Whether others are asked first what a device holds: for a format whose signature may be left over from an
    /// earlier use of the device. Default: false.
    default boolean isProbedLast() {
        return false;
    }

    /// The options [#mount] knows beside `ro`; for helps and manuals. Default: none.
    default List<FsOption> mountOptions() {
        return List.of();
    }

    /// The options [#newfs] knows. Default: none.
    default List<FsOption> newfsOptions() {
        return List.of();
    }

    /// What is on the device if it is a file system of this type, also one that [#mount] would refuse; null if not.
    /// Reads a few blocks and believes nothing else. Default: null.
    ///
    /// @throws IOException the device's
    default @Nullable FsIdentity probe(BlockDevice device) throws IOException {
        return null;
    }

    /// Brings the file system into use: replays a journal, says on the device that it is in use.
    /// [FileSystem#unmount] ends that; without it (a crash) the next mount or fsck repairs. Read-only if the option
    /// `ro` is given or the device is read-only: then nothing is written, and it is mounted so in the kernel as
    /// well.
    ///
    /// @param options `ro` and those of [#mountOptions()]; all others are refused with EINVAL
    /// @param host clock, randomness, threads
    /// @throws IOException EINVAL for what is not of this type, EUCLEAN for damage, EOPNOTSUPP, with its name,
    ///     for a feature that is not known
    FileSystem mount(BlockDevice device, FsOptions options, Rumpuser host) throws IOException;

    /// Makes an empty file system that fills the device. Default: EOPNOTSUPP.
    ///
    /// @param options those of [#newfsOptions()], and `version`, one of [#aliases()]
    /// @throws IOException EINVAL for an option that makes no sense, ENOSPC for too small a device
    default void newfs(BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        throw EOPNOTSUPP.error("%s: cannot be made", name());
    }

    /// Checks the file system, and repairs it where it can. Default: EOPNOTSUPP.
    ///
    /// @param repair whether the device may be written
    /// @param report gets a line for each finding, and a last one that sums up
    /// @throws IOException only where it could not be checked: EINVAL for what is not of this type, and the
    ///     device's
    default FsckResult fsck(BlockDevice device, boolean repair, Consumer<String> report, Rumpuser host)
            throws IOException {
        throw EOPNOTSUPP.error("%s: cannot be checked", name());
    }
}
