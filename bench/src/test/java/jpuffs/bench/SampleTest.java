// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void readsTheLineOfLoad() throws IOException {
        var sample = Sample.parse("ops=4 ns=1000 p50=200 p99=400\n");
        assertThat(sample).isEqualTo(new Sample(4, 1000, 200, 400));
        assertThat(sample.nanosPerOp()).isEqualTo(250);
    }

    @Test
    void saysWhatItCannotRead() {
        assertThatThrownBy(() -> Sample.parse("load: stat: no\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("load: stat: no");
    }
}
