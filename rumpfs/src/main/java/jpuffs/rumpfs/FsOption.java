// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

/// An option of a type, for helps and manuals.
///
/// @param name as it is written
/// @param value what stands after `=`, as in `SIZE`, or empty for an option without value
/// @param help one line
public record FsOption(String name, String value, String help) {}
