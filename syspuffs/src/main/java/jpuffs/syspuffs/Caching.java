// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

/// What a kernel half keeps of the content of files.
///
/// @param bytes at most, of all files; 0: nothing, each read and write is a request
/// @param readahead how much more is read where reading goes on, in bytes
/// @param writeBack whether writes are sent later and in larger pieces: before anything else is asked about the
///     file, at the latest when it is closed, whose result then tells if that failed. Else they are sent at once
public record Caching(long bytes, int readahead, boolean writeBack) {
    /// Nothing is kept.
    public static final Caching NONE = new Caching(0, 0, false);

    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException for a negative number
    public Caching {
        if (bytes < 0 || readahead < 0) {
            throw new IllegalArgumentException("a cache of " + bytes + " bytes, " + readahead + " ahead");
        }
    }
}
