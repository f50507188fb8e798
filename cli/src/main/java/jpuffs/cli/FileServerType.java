// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import org.jspecify.annotations.Nullable;

/// A type of file server, as `puffs mount TYPE` names it. [Types] lists all.
///
/// An implementation has no state and does nothing when it is made: each `puffs mount` makes the one it needs.
interface FileServerType {
    /// Its name: one short word, which mount(8) shows as `fuse.puffs|NAME`.
    String name();

    /// Other names it answers to.
    default List<String> aliases() {
        return List.of();
    }

    /// What mount(8) shows behind `fuse.puffs|`. Default: the name.
    default String subtype() {
        return name();
    }

    /// What it does, in one line without a full stop.
    String summary();

    /// What stands for SOURCE on the command line.
    Source source();

    /// The options that only this type has. None has the name of a [GenericOption].
    default List<TypeOption> options() {
        return List.of();
    }

    /// The options of `puffs newfs`, for a type that lies on disks.
    default List<TypeOption> newfsOptions() {
        return List.of();
    }

    /// Whether it takes an option that is not in [#options()] because it belongs to a program it starts; such an
    /// option has a value. Default: no.
    default boolean passesOn(String option) {
        return false;
    }

    /// Whether SIGHUP to a daemon is its own affair; else it is ignored. Default: no.
    default boolean takesHangUp() {
        return false;
    }

    /// For files that nobody else changes: what the kernel knows it need not ask again.
    static MountOptions cachedForEver(MountOptions base) {
        Duration year = Duration.ofDays(365);
        return base.withAttrTtl(year).withEntryTtl(year).withNegativeTtl(year).withAutoCache(false);
    }

    /// How it is mounted unless options say otherwise. Default: `base`.
    default MountOptions defaults(MountOptions base) {
        return base;
    }

    /// Whether it is mounted read-only, whatever the options say. Default: no.
    default boolean isReadOnly() {
        return false;
    }

    /// Opens what will be mounted. Nothing is mounted yet, and may never be.
    ///
    /// @param source the path or name as [#source()] has it
    /// @param dir where it will be mounted
    /// @throws Failure if an option has a bad value, or it cannot be mounted there
    /// @throws IOException if the source cannot be used
    FileSystem open(String source, Path dir, TypeOptions options) throws IOException, Failure;

    /// What SOURCE is.
    enum Source {
        /// Nothing: if it is given all the same, it is only shown.
        NONE,
        /// A directory that exists; the type gets its absolute path without symbolic links.
        DIRECTORY,
        /// A file or block device that exists, or a partition of it, as in `disk.img@p2`; the type gets it with the
        /// absolute path without symbolic links.
        DISK,
        /// A name that only the type understands; it gets it as it was typed.
        NAME
    }

    /// An option of one type.
    ///
    /// @param name what is written in `-o`
    /// @param param what its value is, for the help; null for a flag, which the same name behind a `no` turns
    ///     off
    /// @param help one line, with the default
    record TypeOption(String name, @Nullable String param, String help) {}
}
