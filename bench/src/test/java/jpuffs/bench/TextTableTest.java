// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    private final TextTable table = new TextTable(List.of("a", "value"));

    @Test
    void alignsTheFirstColumnLeftAndOthersRight() {
        table.add(List.of("long name", "1"));
        table.add(List.of("b", "1234567"));
        assertThat(table.text()).isEqualTo("""
                        a            value
                        long name        1
                        b          1234567
                        """);
    }

    @Test
    void escapesWhatMarkdownTakesForABorder() {
        table.add(List.of("x|y", "1"));
        assertThat(table.markdown()).isEqualTo("| a | value |\n| --- | ---: |\n| x\\|y | 1 |\n");
    }

    @Test
    void refusesRowsOfAnotherWidth() {
        assertThatThrownBy(() -> table.add(List.of("alone"))).isInstanceOf(IllegalArgumentException.class);
    }
}
