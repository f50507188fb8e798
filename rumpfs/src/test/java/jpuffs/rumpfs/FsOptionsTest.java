// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class FsOptionsTest {
    private final FsOptions options = FsOptions.of("ro,,cache=8M,n=0x10,cache=9k,label=a=b");

    @Test
    void theLastCounts() throws ErrnoException {
        assertThat(options.has("ro")).isTrue();
        assertThat(options.has("rw")).isFalse();
        assertThat(options.size("cache", 1, 0, 1 << 20)).isEqualTo(9 << 10);
        assertThat(options.number("n", 1, 0, 100)).isEqualTo(16);
        assertThat(options.number("m", 7, 0, 100)).isEqualTo(7);
        assertThat(options.text("label")).isEqualTo("a=b");
        assertThat(options.text("none")).isNull();
        assertThat(options.with("ro", "x").text("ro")).isEqualTo("x");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThatThrownBy(() -> options.has("cache")).hasMessageContaining("cache takes no value");
        assertThatThrownBy(() -> options.size("cache", 1, 0, 100)).hasMessageContaining("from 0 to 100");
        assertThatThrownBy(() -> options.number("label", 1, 0, 100)).hasMessageContaining("label=a=b");
        assertThatThrownBy(() -> FsOptions.of("s=9999999999T").size("s", 1, 0, Long.MAX_VALUE))
                .isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> FsOptions.of("s=").size("s", 1, 0, 9)).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> FsOptions.of("s=K").size("s", 1, 0, 9)).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> options.requireKnown(List.of("ro", "cache", "n")))
                .hasMessageContaining("option label: not known");
    }
}
