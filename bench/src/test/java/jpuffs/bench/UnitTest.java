// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitTest {
    @ParameterizedTest
    @CsvSource({
        "MICROS, 34567, 34.6",
        "MICROS, 1234, 1.23",
        "MILLIS, 1234567890, 1235",
        "THOUSANDS_A_SECOND, 20000, 50.0",
        "MIB_A_SECOND, 400000, 2500"
    })
    void showsThreeDigits(Unit unit, double nanosPerOp, String expected) {
        assertThat(unit.format(nanosPerOp)).isEqualTo(expected);
    }
}
