// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class GlobTest {
    @ParameterizedTest
    @CsvSource(
            value = {
                "*; ''; true",
                "*; abc; true",
                "a*c; abc; true",
                "a*c; abcd; false",
                "*a*b*; xxaxxbxx; true",
                "?; ö; true",
                "?; 𝄞; true",
                "??; a; false",
                "[a-c]x; bx; true",
                "[!a-c]x; bx; false",
                "[^a-c]x; dx; true",
                "[]]; ]; true",
                "[!]]; ]; false",
                "[a; [a; true",
                "[a-]; -; true",
                "\\*; *; true",
                "\\*; a; false",
                "a\\[1]; a[1]; true",
                "\\; \\; true"
            },
            delimiter = ';')
    void patterns(String pattern, String name, boolean matches) {
        assertThat(new Glob(pattern).matches(name)).isEqualTo(matches);
    }

    @Test
    void manyStarsTakeNoTime() {
        assertThat(new Glob("*a".repeat(100) + "b").matches("a".repeat(250))).isFalse();
    }
}
