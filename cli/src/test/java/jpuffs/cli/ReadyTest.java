// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the script hears of a mount that fails; that of one that works is heard by the tests that mount.
@Timeout(10)
class ReadyTest {
    @AfterEach
    void foreground() {
        System.clearProperty("puffs.readyFd");
    }

    @Test
    void inTheForegroundNobodyWaits() throws Exception {
        Ready ready = Ready.fromProperty();
        assertThat(ready.isAwaited()).isFalse();
        ready.fail(32);
    }

    @Test
    void aFailureIsOneLine() throws Exception {
        try (Socket.Pair pipe = Fd.pipe(0)) {
            System.setProperty("puffs.readyFd", Integer.toString(pipe.second().release()));
            Ready ready = Ready.fromProperty();
            assertThat(ready.isAwaited()).isTrue();
            ready.fail(32);
            ready.fail(1);
            assertThat(readAll(pipe.first())).isEqualTo("fail 32\n");
        }
    }

    @Test
    void aCommandThatFailsTellsItsStatus() throws Exception {
        try (Socket.Pair pipe = Fd.pipe(0)) {
            System.setProperty("puffs.readyFd", Integer.toString(pipe.second().release()));
            var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
            assertThat(Main.run(new String[] {"mount", "xyzzy", "/mnt"}, nowhere, nowhere))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(readAll(pipe.first())).isEqualTo("fail 1\n");
        }
    }

    @Test
    void systemdThatIsGoneIsNoFailure() throws Exception {
        Ready.tellSystemd(null);
        Ready.tellSystemd("");
        Ready.tellSystemd("/nowhere/notify");
        Ready.tellSystemd("@nobody-listens-here");
    }

    private static String readAll(Fd fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(100);
            long count = fd.readFully(buffer);
            return new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), UTF_8);
        }
    }
}
