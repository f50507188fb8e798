// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PaceTest {
    private static final long MILLI = 1_000_000;
    private static final int MIB = 1 << 20;

    private final Pace pace = new Pace();
    private final Pace.Gauge gauge = new Pace.Gauge();

    @Test
    void nothingIsKnownBeforeAFullWindowHasPassed() {
        gauge.at(5 * MIB, 0, pace);
        gauge.at(12 * MIB, 10 * MILLI, pace);
        assertThat(pace.underWay(20 * MILLI)).isZero();
    }

    @Test
    void aLineHoldsWhatItCarriesWhileAnAnswerIsUnderWay() {
        gauge.at(5 * MIB, 7, pace);
        gauge.at(13 * MIB, 7 + 40 * MILLI, pace);
        assertThat(pace.underWay(20 * MILLI)).isEqualTo(4 * MIB);
        assertThat(pace.underWay(MILLI / 10)).isBetween(20L * 1024, 21L * 1024);
    }

    @Test
    void theLastMeasureCounts() {
        gauge.at(0, 0, pace);
        gauge.at(8 * MIB, 40 * MILLI, pace);
        gauge.at(16 * MIB, 840 * MILLI, pace); // slow now
        assertThat(pace.underWay(100 * MILLI)).isEqualTo(MIB);
    }

    @Test
    void noTimeIsNoDivisor() {
        gauge.at(0, 5, pace);
        gauge.at(8 * MIB, 5, pace);
        assertThat(pace.underWay(1)).isEqualTo(8 * MIB);
    }
}
