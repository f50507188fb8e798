// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "4096, 4096",
        "64k, 65536",
        "64K, 65536",
        "1m, 1048576",
        "2G, 2147483648",
        "1T, 1099511627776",
        "4194303T, 4611684918915760128",
    })
    void bytes(String value, long expected) throws Failure {
        assertThat(Values.bytes("size", value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "+1", "1.5M", "1 M", "1kB", "0x10", "9999999999999999999", "9999999T", "٣"})
    void noBytes(String value) {
        assertThatThrownBy(() -> Values.bytes("size", value))
                .isInstanceOf(Failure.class)
                .hasMessage("option size=" + value + ": size is a number of bytes such as 4096, 64k or 1M");
    }

    @Test
    void bytesWithinLimits() throws Failure {
        assertThat(Values.bytes("max_read", "4k", 4096, 8192)).isEqualTo(4096);
        assertThat(Values.bytes("max_read", "8k", 4096, 8192)).isEqualTo(8192);
        assertThatThrownBy(() -> Values.bytes("max_read", "4095", 4096, 8192))
                .hasMessage("option max_read=4095: max_read is between 4096 and 8192 bytes");
        assertThatThrownBy(() -> Values.bytes("max_read", "8193", 4096, 8192)).isInstanceOf(Failure.class);
        assertThatThrownBy(() -> Values.bytes("max_read", "8T", 4096, 8192)).isInstanceOf(Failure.class);
    }

    @Test
    void ids() throws Failure {
        assertThat(Values.id("uid", "0")).isZero();
        assertThat(Values.id("uid", "65534")).isEqualTo(65534);
        assertThat(Values.id("uid", "4294967294")).isEqualTo(-2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "4294967295", "joe", "1 "})
    void noIds(String value) {
        assertThatThrownBy(() -> Values.id("uid", value))
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("option uid=" + value + ": uid is a number");
    }

    @Test
    void modes() throws Failure {
        assertThat(Values.mode("umask", "022")).isEqualTo(022);
        assertThat(Values.mode("umask", "0")).isZero();
        assertThat(Values.mode("mode", "1777")).isEqualTo(01777);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "099", "10000", "-22", "u=rwx"})
    void noModes(String value) {
        assertThatThrownBy(() -> Values.mode("umask", value))
                .isInstanceOf(Failure.class)
                .hasMessage("option umask=" + value + ": umask is an octal number such as 022");
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "1, PT1S",
        "1.0, PT1S",
        "1., PT1S",
        ".5, PT0.5S",
        "0.25, PT0.25S",
        "1.0000000019, PT1.000000001S",
        "86400, PT24H",
        "00001.5, PT1.5S",
    })
    void seconds(String value, Duration expected) throws Failure {
        assertThat(Values.seconds("attr_timeout", value)).isEqualTo(expected);
    }

    @Test
    void aVeryLongTimeIsForEver() throws Failure {
        assertThat(Values.seconds("attr_timeout", "999999999999999")).isEqualTo(Duration.ofDays(365_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "-1", "1s", "1,5", "1.5.5", "1e3", "NaN", "1.-5"})
    void noSeconds(String value) {
        assertThatThrownBy(() -> Values.seconds("attr_timeout", value))
                .isInstanceOf(Failure.class)
                .hasMessage("option attr_timeout=" + value + ": attr_timeout is a time in seconds such as 1 or 0.5");
    }
}
