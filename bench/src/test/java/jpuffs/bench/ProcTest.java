// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void givesWhatACommandPrints() throws IOException {
        assertThat(Proc.run(LONG, List.of("sh", "-c", "echo one; echo two >&2")))
                .isEqualTo("one\n");
    }

    @Test
    void saysTheFirstAndTheLastLineOfAFailure() {
        assertThatThrownBy(() -> Proc.run(LONG, List.of("sh", "-c", "echo first >&2; echo last >&2; exit 3")))
                .hasMessage("sh ended with status 3: first; last");
    }

    @Test
    void endsWhatDoesNotEndByItself() {
        assertThatThrownBy(() -> Proc.run(Duration.ofMillis(200), List.of("sh", "-c", "sleep 600; true")))
                .isInstanceOf(Proc.TimedOut.class);
    }

    @Test
    void findsPrograms() {
        assertThat(Proc.find("sh")).endsWith("/sh");
        assertThat(Proc.find("no-such-program-here")).isEmpty();
    }
}
