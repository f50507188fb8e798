// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import jpuffs.core.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The log in the foreground: what others write by System.Logger reaches standard error.
@Timeout(10)
class LogTest {
    private final PrintStream realErr = System.err;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final System.Logger logger = System.getLogger("jpuffs.test");

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(err, true, UTF_8));
    }

    @AfterEach
    void restore() throws Exception {
        System.setErr(realErr);
        Log.start(false, false);
    }

    private String logged() {
        String text = err.toString(UTF_8);
        err.reset();
        return text;
    }

    @Test
    void levels() throws Exception {
        Log.start(false, false);
        logger.log(Level.ERROR, "one");
        logger.log(Level.WARNING, "two");
        logger.log(Level.INFO, () -> "three");
        logger.log(Level.DEBUG, "four");
        assertThat(logged()).isEqualTo("puffs: error: one\npuffs: warning: two\npuffs: three\n");
        Log.start(false, true);
        logger.log(Level.DEBUG, "four");
        assertThat(logged()).isEqualTo("puffs: four\n");
    }

    @Test
    void theJdkOnlyComplains() throws Exception {
        Log.start(false, true);
        System.Logger jdk = System.getLogger("java.lang.Runtime");
        jdk.log(Level.INFO, "exit");
        assertThat(jdk.isLoggable(Level.INFO)).isFalse();
        jdk.log(Level.WARNING, "trouble");
        assertThat(logged()).isEqualTo("puffs: warning: trouble\n");
    }

    @Test
    void parameters() throws Exception {
        Log.start(false, false);
        logger.log(Level.INFO, "{0} of {1}", 5, "six");
        logger.log(Level.INFO, "no {0} here, it's plain");
        assertThat(logged()).isEqualTo("puffs: 5 of six\npuffs: no {0} here, it's plain\n");
    }

    @Test
    void failures() throws Exception {
        Log.start(false, false);
        logger.log(Level.WARNING, "close", Errno.EIO.error("disk 5"));
        assertThat(logged()).isEqualTo("puffs: warning: close: EIO: disk 5\n");
        logger.log(Level.ERROR, "bug", new IllegalStateException("odd"));
        assertThat(logged())
                .startsWith("puffs: error: bug: java.lang.IllegalStateException: odd\n\tat jpuffs.")
                .hasSizeLessThan(4200);
    }

    @Test
    void oneMessageIsBounded() throws Exception {
        Log.start(false, false);
        logger.log(Level.INFO, "x".repeat(100_000));
        assertThat(logged()).hasSizeLessThan(4200);
    }
}
