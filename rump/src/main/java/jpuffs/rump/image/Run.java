// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

/// A stretch of a disk that lies in one piece.
///
/// @param at where: an offset in the file, or what the kind says
/// @param length in bytes
record Run(Kind kind, long at, long length) {
    enum Kind {
        /// In the file, at `at`.
        DATA,
        /// Nowhere.
        ZERO,
        /// In the file below, if there is one.
        BACKING,
        /// In the file, in a form that `at` tells of; not joined with others.
        COMPRESSED
    }

    /// Whether `next`, which follows on the disk, follows in the file as well.
    boolean goesOnWith(Run next) {
        return kind == next.kind && kind != Kind.COMPRESSED && (kind != Kind.DATA || at + length == next.at);
    }

    Run withLength(long bytes) {
        return new Run(kind, at, bytes);
    }
}
