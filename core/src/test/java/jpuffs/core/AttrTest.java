// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AttrTest {
    @Test
    void factoriesGiveWhatAFileOfThatTypeHas() {
        assertThat(Attr.directory(0755).nlink()).isEqualTo(2);
        assertThat(Attr.directory(0755).isDirectory()).isTrue();
        assertThat(Attr.symlink(7).mode()).isEqualTo(Mode.S_IFLNK | 0777);
        assertThat(Attr.symlink(7).isSymlink()).isTrue();
        Attr file = Attr.file(0640, 513);
        assertThat(file.isRegular()).isTrue();
        assertThat(file.nlink()).isEqualTo(1);
        assertThat(file.size()).isEqualTo(513);
        assertThat(file.blocks()).isEqualTo(2);
    }

    @Test
    void eachWithChangesItsFieldOnly() {
        Time now = new Time(5, 6);
        Attr attr = Attr.of(Mode.S_IFCHR | 0600)
                .withIno(9)
                .withMode(Mode.S_IFBLK | 0606)
                .withNlink(3)
                .withOwner(1, 2)
                .withRdev(Dev.make(8, 1))
                .withSize(4096, 0)
                .withBlksize(512)
                .withTimes(now)
                .withTimes(new Time(1, 0), new Time(2, 0), new Time(3, 0));
        assertThat(attr)
                .isEqualTo(new Attr(
                        9,
                        Mode.S_IFBLK | 0606,
                        3,
                        1,
                        2,
                        Dev.make(8, 1),
                        4096,
                        0,
                        512,
                        new Time(1, 0),
                        new Time(2, 0),
                        new Time(3, 0),
                        now));
    }

    @Test
    void modeKnowsTheTypes() {
        for (int type : new int[] {
            Mode.S_IFSOCK, Mode.S_IFLNK, Mode.S_IFREG, Mode.S_IFBLK, Mode.S_IFDIR, Mode.S_IFCHR, Mode.S_IFIFO
        }) {
            assertThat(Mode.isValidType(type | 07777)).isTrue();
            assertThat(Mode.isDevice(type)).isEqualTo(type == Mode.S_IFBLK || type == Mode.S_IFCHR);
        }
        assertThat(Mode.isValidType(0644)).isFalse();
        assertThat(Mode.isValidType(0170000)).isFalse();
    }

    @Test
    void suidGoesAndSgidOfProgramsToo() {
        assertThat(Mode.withoutSuid(Mode.S_IFREG | 06755)).isEqualTo(Mode.S_IFREG | 0755);
        assertThat(Mode.withoutSuid(Mode.S_IFREG | 06745)).isEqualTo(Mode.S_IFREG | 02745);
        assertThat(Mode.withoutSuid(Mode.S_IFREG | 01644)).isEqualTo(Mode.S_IFREG | 01644);
    }

    @Test
    void deviceNumbersAreTheKernels() {
        assertThat(Dev.make(8, 1)).isEqualTo(0x801);
        assertThat(Dev.make(0xfff, 0xfffff)).isEqualTo(-1);
        for (int major : new int[] {0, 1, 255, 256, 0xfff}) {
            for (int minor : new int[] {0, 1, 255, 256, 0xfffff}) {
                assertThat(Dev.major(Dev.make(major, minor))).isEqualTo(major);
                assertThat(Dev.minor(Dev.make(major, minor))).isEqualTo(minor);
            }
        }
    }

    @Test
    void timesReachBeyondInstants() {
        assertThat(Time.of(Instant.parse("1969-12-31T23:59:59.25Z"))).isEqualTo(new Time(-1, 250_000_000));
        assertThat(new Time(-1, 250_000_000).toInstant()).isEqualTo(Instant.parse("1969-12-31T23:59:59.25Z"));
        assertThat(new Time(Long.MAX_VALUE, 0).toInstant()).isEqualTo(Instant.MAX);
        assertThat(new Time(Long.MIN_VALUE, 0).toInstant()).isEqualTo(Instant.MIN);
        assertThat(new Time(1, 5)).isLessThan(new Time(1, 6)).isLessThan(new Time(2, 0));
        assertThatThrownBy(() -> new Time(0, 1_000_000_000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Time(0, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void permissionsAsJavaHasThem() {
        assertThat(Mode.permissions(Mode.S_IFREG | 04750)).isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(Mode.of(PosixFilePermissions.fromString("rw-r----x"))).isEqualTo(0641);
    }

    @Test
    void theLargestFileHasBlocks() {
        assertThat(Attr.file(0644, Long.MAX_VALUE).blocks()).isEqualTo(1L << 54);
    }
}
