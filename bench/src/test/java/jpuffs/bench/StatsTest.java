// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatsTest {
    @Test
    void theMedianIsTheMiddleValue() {
        assertThat(Stats.median(List.of(5.0, 1.0, 100.0))).isEqualTo(5);
        assertThat(Stats.median(List.of(7.0))).isEqualTo(7);
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetween() {
        assertThat(Stats.median(List.of(4.0, 1.0, 2.0, 100.0))).isEqualTo(3);
    }

    @Test
    void thereIsNoMedianOfNothing() {
        assertThatThrownBy(() -> Stats.median(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void quantilesAreInterpolated() {
        var values = List.of(10.0, 20.0, 30.0, 40.0, 50.0);
        assertThat(Stats.quantile(values, 0)).isEqualTo(10);
        assertThat(Stats.quantile(values, 1)).isEqualTo(50);
        assertThat(Stats.quantile(values, 0.9)).isCloseTo(46, within(1e-9));
    }

    @Test
    void theSpreadIsThatOfTheQuartiles() {
        assertThat(Stats.spread(List.of(8.0, 9.0, 10.0, 11.0, 12.0))).isCloseTo(0.2, within(1e-9));
        assertThat(Stats.spread(List.of(3.0, 3.0, 3.0))).isZero();
    }
}
