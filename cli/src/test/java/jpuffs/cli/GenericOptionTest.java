// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import jpuffs.cli.GenericOption.Effect;
import jpuffs.sys.Mounts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class GenericOptionTest {
    @Test
    void namesAreUniqueAndFound() {
        var names = new HashSet<String>();
        for (GenericOption option : GenericOption.values()) {
            assertThat(names.add(option.optionName())).as(option.optionName()).isTrue();
            assertThat(GenericOption.of(option.optionName())).isSameAs(option);
        }
    }

    @Test
    void commentsOfOthersAreIgnored() {
        assertThat(GenericOption.of("x-systemd.automount")).isSameAs(GenericOption.COMMENT);
        assertThat(GenericOption.of("X-mount.mkdir")).isSameAs(GenericOption.COMMENT);
        assertThat(GenericOption.of("xother")).isNull();
        assertThat(GenericOption.of("")).isNull();
    }

    @Test
    void oppositesStandBehindWhatTheyUndo() {
        GenericOption[] all = GenericOption.values();
        for (int i = 0; i < all.length; i++) {
            boolean isOpposite = all[i].help().equals(GenericOption.Help.OPPOSITE);
            if (all[i].effect() == Effect.CLEAR) {
                assertThat(isOpposite).as(all[i].optionName()).isTrue();
                assertThat(all[i].apply(all[i - 1].apply(0))).isZero();
            } else if (isOpposite) {
                assertThat(all[i].optionName()).endsWith(all[i - 1].optionName());
            }
        }
    }

    @Test
    void eachHasHelpButThoseIgnored() {
        for (GenericOption option : GenericOption.values()) {
            assertThat(option.help().isEmpty()).as(option.optionName()).isEqualTo(option.effect() == Effect.IGNORED);
        }
    }

    @Test
    void ofTheWaysToKeepAccessTimesTheLastWins() {
        long flags = GenericOption.RELATIME.apply(GenericOption.NOATIME.apply(Mounts.MS_NODEV));
        assertThat(flags).isEqualTo(Mounts.MS_NODEV | Mounts.MS_RELATIME);
        flags = GenericOption.STRICTATIME.apply(flags);
        assertThat(flags).isEqualTo(Mounts.MS_NODEV | Mounts.MS_STRICTATIME);
        flags = GenericOption.NOATIME.apply(flags);
        assertThat(flags).isEqualTo(Mounts.MS_NODEV | Mounts.MS_NOATIME);
        assertThat(GenericOption.ATIME.apply(flags)).isEqualTo(Mounts.MS_NODEV);
        assertThat(GenericOption.NODIRATIME.apply(flags)).isEqualTo(flags | Mounts.MS_NODIRATIME);
    }
}
