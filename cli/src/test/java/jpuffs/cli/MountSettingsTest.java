// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jpuffs.cli.GenericOption.Effect;
import jpuffs.puffs.MountOptions;
import jpuffs.puffs.MountOptions.IoUring;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class MountSettingsTest {
    private static MountSettings settings(String list, boolean root) throws Failure {
        return MountSettings.of(new FakeType(), Opt.parse(list), root);
    }

    private static MountOptions root(String list) throws Failure {
        return settings(list, true).options("here");
    }

    /// What differs from the defaults of root.
    private static String changes(MountOptions options) {
        var words = new ArrayList<String>();
        word(words, options.readOnly(), false, "ro");
        word(words, options.noSuid(), true, "suid");
        word(words, options.noDev(), true, "dev");
        word(words, options.noExec(), false, "noexec");
        word(words, options.noAtime(), false, "noatime");
        word(words, options.sync(), false, "sync");
        word(words, options.allowOther(), true, "private");
        word(words, options.defaultPermissions(), true, "server-checks");
        word(words, options.writeback(), false, "writeback");
        word(words, options.kernelCache(), false, "kernel_cache");
        word(words, options.autoCache(), true, "no-auto_cache");
        word(words, options.directIo(), false, "direct_io");
        word(words, options.autoUnmount(), false, "auto_unmount");
        word(words, options.xattr(), true, "noxattr");
        word(words, options.dump(), false, "dump");
        if (options.ioUring() != IoUring.AUTO) {
            words.add("uring-" + options.ioUring());
        }
        number(words, "uid", options.uid(), -1);
        number(words, "gid", options.gid(), -1);
        number(words, "umask", options.umask(), -1);
        number(words, "max_read", options.maxRead(), 0);
        number(words, "max_write", options.maxWrite(), 1 << 20);
        time(words, "attr", options.attrTtl(), Duration.ofSeconds(1));
        time(words, "entry", options.entryTtl(), Duration.ofSeconds(1));
        time(words, "negative", options.negativeTtl(), Duration.ZERO);
        return String.join(" ", words);
    }

    private static void word(List<String> words, boolean value, boolean normal, String word) {
        if (value != normal) {
            words.add(word);
        }
    }

    private static void number(List<String> words, String name, int value, int normal) {
        if (value != normal) {
            words.add(name + "=" + value);
        }
    }

    private static void time(List<String> words, String name, Duration value, Duration normal) {
        if (!value.equals(normal)) {
            words.add(name + "=" + value);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            quoteCharacter = '`',
            value = {
                "`` -> ``",
                "defaults -> ``",
                "ro -> ro",
                "rw -> ``",
                "ro,rw -> ``",
                "rw,ro -> ro",
                "suid -> suid",
                "suid,nosuid -> ``",
                "dev -> dev",
                "dev,suid,exec -> suid dev",
                "noexec -> noexec",
                "noexec,exec -> ``",
                "noatime -> noatime",
                "noatime,atime -> ``",
                "noatime,relatime -> ``",
                "strictatime,noatime -> noatime",
                "sync -> sync",
                "sync,async -> ``",
                "dirsync,lazytime,diratime,nodiratime,relatime,norelatime,nostrictatime,nolazytime -> ``",
                "noallow_other -> private",
                "noallow_other,allow_other -> ``",
                "nodefault_permissions -> server-checks",
                "nodefault_permissions,default_permissions -> ``",
                "kernel_cache -> kernel_cache no-auto_cache",
                "kernel_cache,auto_cache -> ``",
                "direct_io -> no-auto_cache direct_io",
                "direct_io,kernel_cache -> kernel_cache no-auto_cache",
                "kernel_cache,direct_io -> no-auto_cache direct_io",
                "writeback_cache -> writeback",
                "writeback_cache,nowriteback_cache -> ``",
                "auto_unmount -> auto_unmount",
                "noxattr -> noxattr",
                "noxattr,xattr -> ``",
                "dump -> dump",
                "io_uring -> uring-ON",
                "no_io_uring -> uring-OFF",
                "io_uring,no_io_uring -> uring-OFF",
                "uid=1000,gid=100 -> uid=1000 gid=100",
                "uid=1,uid=2 -> uid=2",
                "umask=022 -> umask=18",
                "umask=0 -> umask=0",
                "max_read=128k -> max_read=131072",
                "max_write=65536 -> max_write=65536",
                "attr_timeout=0 -> attr=PT0S",
                "attr_timeout=2.5,entry_timeout=60,negative_timeout=0.1 -> attr=PT2.5S entry=PT1M negative=PT0.1S",
                "auto,noauto,nofail,_netdev,nouser,comment=x,x-systemd.automount,X-mount.mkdir -> ``",
                "noforget,remember=5,ac_attr_timeout=1,silent,loud,nomand -> ``",
                "user -> noexec",
                "user=joe -> noexec",
                "users -> noexec",
                "users,exec -> ``",
                "owner,group -> ``",
                "suid,dev,owner -> ``",
                "suid,dev,user,exec,dev -> dev",
                "sloppy,whatever,other=5,ro -> ro",
                "whatever,sloppy -> ``",
                "speed=3 -> ``",
            })
    void changesTheDefaults(String list, String expected) throws Failure {
        assertThat(changes(root(list))).isEqualTo(expected);
    }

    @Test
    void rootSharesAndUsersDoNot() throws Failure {
        assertThat(root("").allowOther()).isTrue();
        assertThat(settings("", false).options("here").allowOther()).isFalse();
        assertThat(settings("", false).options("here").defaultPermissions()).isTrue();
    }

    @Test
    void namesThatMountShows() throws Failure {
        assertThat(root("").fsname()).isEqualTo("here");
        assertThat(root("").subtype()).isEqualTo("puffs|fake");
        assertThat(root("fsname=a\\,b").fsname()).isEqualTo("a,b");
        assertThat(root("subtype=other").subtype()).isEqualTo("puffs|other");
    }

    @Test
    void flagsForARemount() throws Failure {
        assertThat(settings("noatime", true).hasMoreFlags()).isFalse();
        assertThat(settings("nosymfollow", true).hasMoreFlags()).isTrue();
        assertThat(settings("nodiratime,diratime", true).hasMoreFlags()).isFalse();
    }

    @Test
    void optionsOfTheType() throws Failure {
        TypeOptions options = settings("speed=3,ro,speed=4,nowild", true).typeOptions();
        assertThat(options.value(FakeType.SPEED)).isEqualTo("4");
        assertThat(options.flag(FakeType.WILD, true)).isFalse();
        assertThat(settings("nowild,wild", true).typeOptions().flag(FakeType.WILD, false))
                .isTrue();
        assertThat(settings("", true).typeOptions().flag(FakeType.WILD, true)).isTrue();
        assertThat(settings("", true).typeOptions().value(FakeType.SPEED)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            value = {
                "foo -> unknown option foo; puffs help fake and puffs help mount list them",
                "foo=5 -> unknown option foo; puffs help fake and puffs help mount list them",
                "allow_others -> unknown option allow_others (did you mean allow_other?); puffs help fake",
                "spede=5 -> unknown option spede (did you mean speed?); puffs help fake",
                "ro=1 -> option ro=1: ro takes no value",
                "rw= -> option rw=: rw takes no value",
                "allow_other=1 -> option allow_other=1: allow_other takes no value",
                "uid -> option uid lacks its value: uid=N",
                "uid= -> option uid lacks its value: uid=N",
                "uid=joe -> option uid=joe: uid is a number",
                "umask=9 -> option umask=9: umask is an octal number such as 022",
                "attr_timeout=soon -> option attr_timeout=soon: attr_timeout is a time in seconds",
                "max_write=1 -> option max_write=1: max_write is between 4096 and 1048576 bytes",
                "fsname= -> option fsname lacks its value: fsname=NAME",
                "allow_root -> option allow_root cannot be had: allow_other lets root in, among all others",
                "fd=5 -> option fd cannot be had: puffs sets it itself",
                "rootmode=40000 -> option rootmode cannot be had: puffs sets it itself",
                "speed -> option speed lacks its value: speed=N",
                "wild=1 -> option wild=1: wild takes no value",
                "nowild=1 -> option nowild=1: nowild takes no value",
                "nospeed -> unknown option nospeed (did you mean speed?)",
            })
    void refuses(String list, String message) {
        assertThatThrownBy(() -> settings(list, true))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.USAGE))
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"suid", "dev", "nosymfollow"})
    void someAreForRootAlone(String option) throws Failure {
        settings(option, true);
        assertThatThrownBy(() -> settings(option, false)).hasMessage("option " + option + ": only root may use it");
    }

    /// Each option in the table does what the table says it can do: no row without its case.
    @ParameterizedTest
    @EnumSource
    void eachOptionIsHandled(GenericOption option) throws Failure {
        if (option.effect() == Effect.REFUSED || option == GenericOption.REMOUNT) {
            return; // the one has its test, the other makes it no mount
        }
        String param = option.param();
        String value = switch (param == null ? "" : param) {
            case "" -> "";
            case "NAME" -> "=name";
            case "BYTES" -> "=8192";
            default -> "=1";
        };
        assertThat(settings(option.optionName() + value, true).options("here")).isNotNull();
    }

    @Test
    void theAdministratorLetsUsersShare(@TempDir Path dir) throws IOException {
        Path conf = dir.resolve("fuse.conf");
        assertThat(MountSettings.usersMayAllowOther(conf)).isFalse();
        Files.writeString(conf, "# user_allow_other\nmount_max = 5\n");
        assertThat(MountSettings.usersMayAllowOther(conf)).isFalse();
        Files.writeString(conf, "# text\n user_allow_other \n");
        assertThat(MountSettings.usersMayAllowOther(conf)).isTrue();
    }
}
