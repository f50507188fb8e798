// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

/// Clusters that lie side by side.
public record Run(int first, int count) {
    /// The one behind the last.
    public int end() {
        return first + count;
    }
}
