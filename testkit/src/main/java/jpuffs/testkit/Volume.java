// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import jpuffs.core.FileSystem;

/// Where a file system under test keeps its files, and how one is had that uses them. One volume serves one
/// environment.
public interface Volume {
    /// Makes it empty.
    ///
    /// @param size in bytes, 0 for the usual; else where there is [Feature#SIZE_LIMIT] only
    void newfs(long size) throws Exception;

    /// The file system, to be mounted; again after it was unmounted.
    FileSystem open() throws Exception;

    /// The directory below the root that cases work in, made when it is first mounted: the root may have files of
    /// its own, as `lost+found`. Default: the root itself, empty text.
    default String folder() {
        return "";
    }

    /// What [#open] has answered was unmounted.
    default void unmounted() throws Exception {}

    /// Fails if the unmounted file system is not consistent. Default: nothing to look at.
    default void fsck() throws Exception {}

    /// Removes all of it; it may be mounted still, if unmounting failed.
    void remove() throws Exception;
}
