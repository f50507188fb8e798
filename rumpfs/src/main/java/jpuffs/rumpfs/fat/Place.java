// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

/// Where the entry of a file is in its directory: the places from `first` to `last`, and what it is found by.
///
/// @param main the place that stands for all
/// @param key its name, made so that names that are one are alike
/// @param alias another one, or the same
public record Place(int first, int last, int main, String key, String alias) {}
