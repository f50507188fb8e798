// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The options: what is taken, what is refused and why.
class OptionsTest {
    @ParameterizedTest
    @CsvSource({
        "port, 0",
        "port, 65536",
        "port, x",
        "max_conns, 0",
        "max_conns, 9",
        "idmap, other",
        "timeout, soon",
        "cache, maybe",
        "ssh_protocol, 1",
        "workaround, magic",
        "nosuch, 1",
        "IdentityFile, ''",
    })
    void badValues(String name, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.NONE.with(name, value))
                .withMessageContaining(name);
    }

    @ParameterizedTest
    @CsvSource({
        "password_stdin, SSH_ASKPASS",
        "vsock, command=",
        "delay_connect, automount",
        "sshfs_debug, dump",
    })
    void refusedWithTheReason(String name, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.NONE.with(name, ""))
                .withMessageContaining("cannot be had")
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "rename, true",
        "all, true",
        "all:norename, false",
        "norename:all, true",
        "rename:none, false",
        "truncate:Rename:buflimit, true",
        "renamexdev:nonodelaysrv:nodelay, false",
        "none, false",
    })
    void theLastWordOnRenamingCounts(String list, boolean deleting) {
        assertThat(Options.NONE.with("workaround", list).isDeletingToRename()).isEqualTo(deleting);
    }

    /// sshfs 3.7, `sshfs --help`. What the kernel or every mount has is not of this table.
    @ParameterizedTest
    @CsvSource({
        "reconnect, ''",
        "sshfs_sync, ''",
        "no_readahead, ''",
        "sync_readdir, ''",
        "workaround, all:norename",
        "idmap, user",
        "uidfile, f",
        "gidfile, f",
        "nomap, ignore",
        "ssh_command, ssh -v",
        "ssh_protocol, 2",
        "sftp_server, /s",
        "directport, 2222",
        "passive, ''",
        "slave, ''",
        "disable_hardlink, ''",
        "transform_symlinks, ''",
        "follow_symlinks, ''",
        "contain_symlinks, ''",
        "no_contain_symlinks, ''",
        "no_check_root, ''",
        "dir_cache, yes",
        "cache, no",
        "dcache_max_size, 100",
        "dcache_timeout, 5",
        "dcache_stat_timeout, 5",
        "dcache_link_timeout, 5",
        "dcache_dir_timeout, 5",
        "dcache_clean_interval, 60",
        "dcache_min_clean_interval, 5",
        "max_conns, 3",
        "no_rofd_flush, ''",
        "Compression, yes",
        "port, 22",
    })
    void whatUsersOfSshfsWrite(String name, String value) {
        assertThat(Options.NONE.with(name, value).value(name)).isEqualTo(value);
    }

    @Test
    void keywordsOfSshInAnyCase() {
        Options options =
                Options.NONE.with("identityfile", "k").with("ProxyJump", "j").with("port", "1");
        assertThat(options.ofSsh()).containsExactly("ProxyJump=j", "identityfile=k");
    }

    @Test
    void timesOfCaches() {
        assertThat(Options.NONE.cacheTime("stat")).isEqualTo(Duration.ofSeconds(20));
        Options some = Options.NONE.with("dcache_timeout", "5").with("dcache_dir_timeout", "-1");
        assertThat(some.cacheTime("stat")).isEqualTo(Duration.ofSeconds(5));
        assertThat(some.cacheTime("dir")).isNull();
        assertThat(Options.NONE.with("cache", "no").cacheTime("link")).isZero();
        assertThat(Options.NONE.with("cache_timeout", "0.5").cacheTime("link")).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void linksAreContainedUnlessOneSaysOtherwise() {
        assertThat(Options.NONE.symlinks()).isEqualTo(Symlinks.CONTAIN);
        assertThat(Options.NONE.with("transform_symlinks", "").symlinks()).isEqualTo(Symlinks.CONTAIN);
        assertThat(Options.NONE.with("no_contain_symlinks", "").symlinks()).isEqualTo(Symlinks.AS_IS);
        assertThat(Options.NONE
                        .with("contain_symlinks", "no")
                        .with("transform_symlinks", "")
                        .symlinks())
                .isEqualTo(Symlinks.TRANSFORM);
    }
}
