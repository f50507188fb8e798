// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is mounted, and the command that reaches it.
class RemoteTest {
    @Test
    void formsOfTheCommandLine() {
        assertThat(Remote.parse("host")).isEqualTo(new Remote(null, "host", ""));
        assertThat(Remote.parse("host:")).isEqualTo(new Remote(null, "host", ""));
        assertThat(Remote.parse("me@host:a:b c/")).isEqualTo(new Remote("me", "host", "a:b c/"));
        assertThat(Remote.parse("me@realm@host:/")).isEqualTo(new Remote("me@realm", "host", "/"));
        assertThat(Remote.parse("me@[fe80::1%eth0]:x")).isEqualTo(new Remote("me", "fe80::1%eth0", "x"));
        assertThat(Remote.parse("[::1]")).isEqualTo(new Remote(null, "::1", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", "@host:", "-oProxyCommand=x:", "me@-x:", "-me@host:", "ho st:", "a/b:", "[::1:", "me@:"
            })
    void whatCouldBeTakenForSomethingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Remote.parse(text));
    }

    @Test
    void mountShowsTheHostInBracketsIfItHasColons() {
        assertThat(Remote.parse("me@[::1]:/a")).hasToString("me@[::1]:/a");
        assertThat(Remote.parse("host")).hasToString("host:");
    }

    @Test
    void sshIsAskedForTheSubsystemAndForwardsNothing() throws Exception {
        Options options = Options.NONE.with("port", "22").with("IdentityFile", "~/k");
        var transport = new Transport(Remote.parse("me@host:x"), options);
        assertThat(transport.command(false))
                .containsExactly(
                        "ssh",
                        "-x",
                        "-a",
                        "-oClearAllForwardings=yes",
                        "-p",
                        "22",
                        "-oIdentityFile=~/k",
                        "-l",
                        "me",
                        "-s",
                        "--",
                        "host",
                        "sftp");
        assertThat(transport.command(true)).contains("-oBatchMode=yes");
    }

    @Test
    void aServerWithASlashIsAProgram() throws Exception {
        var transport = new Transport(Remote.parse("host"), Options.NONE.with("sftp_server", "/opt/sftp-server"));
        assertThat(transport.command(false))
                .endsWith("--", "host", "/opt/sftp-server")
                .doesNotContain("-s");
    }

    @Test
    void anotherProgramGetsNothingOfSsh() throws Exception {
        var transport = new Transport(Remote.parse("me@host"), Options.NONE.with("command", "run  it now"));
        assertThat(transport.command(true)).isEqualTo(List.of("run", "it", "now"));
    }
}
