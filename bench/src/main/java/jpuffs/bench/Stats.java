// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Arrays;
import java.util.Collection;

/// Medians: what a noisy machine leaves standing.
final class Stats {
    private Stats() {}

    /// The middle value, or the mean of the two middle ones.
    ///
    /// @throws IllegalArgumentException for no values
    static double median(Collection<Double> values) {
        return quantile(values, 0.5);
    }

    /// How far apart the quartiles are, as a part of the median: 0.1 means that half of the values lie within 10 %.
    static double spread(Collection<Double> values) {
        return (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
    }

    /// The value below which the part `q` of the values lies, by linear interpolation.
    static double quantile(Collection<Double> values, double q) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        double at = q * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
