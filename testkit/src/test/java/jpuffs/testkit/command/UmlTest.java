// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the kernel below us does not have, in user-mode Linux: see `tests/uml-run`.
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class UmlTest {
    private static void run(String guest) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/linux.uml")), "user-mode-linux is not installed");
        Shell.run(PuffsMount.home(), Duration.ofMinutes(4), "./puffs help > /dev/null; tests/uml-run tests/" + guest)
                .ok();
    }

    @Test
    void characterDevicesByCuse() throws IOException {
        run("uml-cuse-guest");
    }

    @Test
    void terminalIoctlsOfARemoteSerialLine() throws IOException {
        run("uml-serial-guest");
    }

    @Tag("long")
    @Test
    void theKernelsIso9660Driver() throws IOException {
        run("uml-iso-guest");
    }

    @Tag("long")
    @Test
    void theKernelsVfatDriverAndExfatFuse() throws IOException {
        run("uml-fat-guest");
    }

    @Test
    void theKernelsNbdDriver() throws IOException {
        run("uml-nbd-guest");
    }
}
