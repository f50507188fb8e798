// SPDX-License-Identifier: BSD-2-Clause
/// Decompression of Zstandard (RFC 8878), without dictionaries: nothing but Java with its bounds checks, since what
/// it reads comes from anywhere.
///
/// What is damaged is EUCLEAN. Memory: the window, 128 MiB at most, and a quarter of a megabyte.
@NullMarked
package jpuffs.rump.zstd;

import org.jspecify.annotations.NullMarked;
