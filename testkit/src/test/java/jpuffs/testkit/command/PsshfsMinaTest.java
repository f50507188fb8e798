// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// psshfs of a real sshd, by the ssh in Java.
@Tag("mounted")
@Tag("root")
@Timeout(value = 180, unit = SECONDS)
class PsshfsMinaTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path dir;

    private SshServer server;

    @BeforeEach
    void start() throws Exception {
        PuffsMount.require();
        server = SshServer.start(dir);
    }

    @AfterEach
    void end() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void itWorksAndGoesOnOverANewConnection() throws Exception {
        try (PuffsMount mount = PuffsMount.ofPsshfs(server.options() + ",mina,wait=60")) {
            assertThat(mount.server().descendants().map(PsshfsMinaTest::program))
                    .contains("java");
            Shell.run(mount.directory(), LIMIT, """
                    head -c 20000000 /dev/urandom >a; cp a b; cmp a b; cmp a ../src/b
                    mkdir d; mv a d; ln -s d l; ls -l l/a; [ $(ls d) = a ]""").ok();
            server.cut();
            Shell.run(mount.directory(), LIMIT, "cmp d/a b; echo more >c; [ $(cat ../src/c) = more ]; rm -r d b")
                    .ok();
        }
    }

    @Test
    void anUnknownServerIsRefusedInOneLine() throws Exception {
        String strict = server.options().replace("StrictHostKeyChecking=no", "StrictHostKeyChecking=yes");
        assertThatThrownBy(() -> PuffsMount.ofPsshfs(strict + ",mina").close())
                .hasMessageContaining("the key of 127.0.0.1 is not known");
    }

    /// In a mount namespace in which ssh is no program, with nobody who says `mina`.
    @Test
    void itIsUsedWhereThereIsNoSsh() throws Exception {
        Shell.run(dir, LIMIT, """
                cat >no-ssh <<'END'
                for ssh in $(type -ap ssh); do mount --bind /dev/null "$ssh"; done
                ! command -v ssh
                mkdir src mnt
                "$1" mount psshfs "root@127.0.0.1:$PWD/src" mnt -o "$2"
                trap 'umount -l mnt' EXIT
                seq 100000 >mnt/a
                cmp mnt/a src/a
                mkdir src/d
                [ "$(ls mnt)" = $'a\nd' ]
                END
                unshare -m bash -e no-ssh '%s' '%s'""".formatted(PuffsMount.puffs(), server.options()))
                .ok();
    }

    private static String program(ProcessHandle process) {
        return process.info().command().orElse("").replaceFirst(".*/", "");
    }
}
