// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(10)
class SimilarTest {
    private static final List<String> NAMES =
            List.of("allow_other", "ro", "rw", "noexec", "attr_timeout", "uid", "gid");

    @ParameterizedTest
    @CsvSource({
        "allow_others, allow_other",
        "allowother, allow_other",
        "allow-other, allow_other",
        "noexce, noexec",
        "attrtimeout, attr_timeout",
        "or, ro",
        "r, ro",
        "uidd, uid",
        "ud, uid",
    })
    void findsWhatWasMeant(String typed, String meant) {
        assertThat(Similar.to(typed, NAMES)).isEqualTo(meant);
        assertThat(Similar.hint(typed, NAMES)).isEqualTo(" (did you mean " + meant + "?)");
    }

    @Test
    void farAwayIsNothing() {
        assertThat(Similar.to("passphrase", NAMES)).isNull();
        assertThat(Similar.to("x", List.of("sync"))).isNull();
        assertThat(Similar.hint("passphrase", NAMES)).isEmpty();
        assertThat(Similar.to("a".repeat(100_000), NAMES)).isNull();
    }
}
