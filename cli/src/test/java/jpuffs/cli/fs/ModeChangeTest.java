// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What chmod(1) does with umask 022.
class ModeChangeTest {
    @ParameterizedTest
    @CsvSource(
            value = {
                "644; 100777; 100644",
                "4755; 100000; 104755",
                "0; 42755; 40000",
                "u+x; 100644; 100744",
                "+x; 100644; 100755",
                "+w; 100444; 100644",
                "a+w; 100444; 100666",
                "go-rwx; 100777; 100700",
                "u=rw,go=r; 100777; 100644",
                "a=; 100777; 100000",
                "a+X; 100644; 100644",
                "a+X; 100744; 100755",
                "a+X; 40644; 40755",
                "u+s,g+s,+t; 100755; 107755",
                "ug=rwx-x; 100000; 100660",
                "u-s; 104755; 100755",
                "g=; 42755; 42705"
            },
            delimiter = ';')
    void changes(String text, String before, String after) throws UsageException {
        int mode = ModeChange.parse(text, 022).apply(Integer.parseInt(before, 8));
        assertThat(Integer.toOctalString(mode)).isEqualTo(after);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "rwx", "u+q", "u+x,", "+x,w"})
    void notModes(String text) {
        assertThatThrownBy(() -> ModeChange.parse(text, 022)).hasMessage("invalid mode: '" + text + "'");
    }
}
