// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

/// How servers are mounted; all contenders of a mode are mounted at the same time.
enum Mode {
    /// No attribute, entry or negative entry is trusted for any time, and file data is not cached.
    UNCACHED,
    /// The kernel reads and writes the source's files by itself, where the server can let it.
    PASSTHROUGH,
    /// What each server does when told nothing.
    DEFAULT,
    /// A disk image of its own for each: see [ImageRun].
    IMAGE
}
