// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.Time;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Ukfs;
import jpuffs.rumpfs.fat.FatTime;
import jpuffs.rumpfs.fat.Names;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Names, their short forms, and times.
@Timeout(60)
class NamesTest {
    private static final ZoneId ZONE = ZoneId.systemDefault();

    private static Ukfs fresh() throws IOException {
        var disk = MemoryDisk.ofSize(8 << 20);
        new MsdosType().newfs(disk, FsOptions.NONE, Rumpuser.HOST);
        return Ukfs.mount(new MsdosType(), disk, FsOptions.NONE, Rumpuser.HOST);
    }

    @ParameterizedTest
    @CsvSource({
        "README.TXT, README  TXT",
        "readme.txt, README  TXT",
        "A, A          ",
        "a.b.c, AB~1    C  ",
        ".profile, PROFIL~1   ",
        "long file name.html, LONGFI~1HTM",
        "x+y=z.txt, X_Y_Z~1 TXT",
        "ünï, _N_~1      ",
        "name., NAME       "
    })
    void aliases(String name, String alias) throws ErrnoException {
        String text = Names.toCreate(Name.of(name));
        assertThat(new String(ShortName.alias(text, _ -> false, 1), US_ASCII))
                .isEqualTo((alias + " ".repeat(11)).substring(0, 11));
    }

    @Test
    void aliasesDoNotCollide() throws ErrnoException {
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            byte[] alias = ShortName.alias("a file with number " + i + ".text", taken::contains, 1);
            assertThat(taken.add(ShortName.key(alias))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a*", "<", "a|b", "tab\there", "blank ", "back\\slash", "quote\""})
    void namesThatCannotBe(String name) throws IOException {
        try (Ukfs fs = fresh()) {
            assertThat(fs.exists("/" + name)).isFalse();
            assertThatThrownBy(() -> fs.mkdir("/" + name))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }

    @Test
    void lettersDoNotMatterAndAreKept() throws IOException {
        try (Ukfs fs = fresh()) {
            fs.write("/Grüße An Alle.TXT", "x".getBytes(UTF_8));
            assertThat(fs.exists("/grüSSe an alle.txt")).isFalse();
            assertThat(fs.read("/GRÜßE AN ALLE.txt")).isEqualTo("x".getBytes(UTF_8));
            assertThat(fs.list("/")).containsExactly("Grüße An Alle.TXT");
            fs.write("/grüße an alle.txt", "y".getBytes(UTF_8));
            assertThat(fs.list("/")).containsExactly("Grüße An Alle.TXT");
            assertThat(fs.exists("/GR__EA~1.TXT")).isTrue();
            fs.rename("/GR__EA~1.TXT", "/other");
            assertThat(fs.exists("/Grüße An Alle.TXT")).isFalse();
            fs.write("/GRÜSSE.txt", new byte[0]);
            assertThat(fs.list("/")).containsExactlyInAnyOrder("other", "GRÜSSE.txt");
        }
    }

    @Test
    void theLongestNames() throws IOException {
        try (Ukfs fs = fresh()) {
            String longest = "x".repeat(255);
            fs.write("/" + longest, new byte[3]);
            fs.write("/" + "日".repeat(85), new byte[4]);
            assertThat(fs.stat("/" + longest.toUpperCase(java.util.Locale.ROOT)).size())
                    .isEqualTo(3);
            assertThat(fs.list("/")).containsExactlyInAnyOrder(longest, "日".repeat(85));
        }
    }

    @Test
    void aRemovedNameComesAgain() throws IOException {
        try (Ukfs fs = fresh()) {
            for (int i = 0; i < 50; i++) {
                fs.mkdirs("/some directory/another one");
                fs.write("/some directory/file " + i, new byte[1000]);
                fs.removeTree("/Some Directory");
                assertThat(fs.list("/")).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 315532800", "1000000001, 1000000000", "5000000000, 4354819198", "1600000000, 1600000000"})
    void times(long seconds, long kept) {
        long offset = java.time.ZoneId.systemDefault()
                .getRules()
                .getOffset(java.time.Instant.ofEpochSecond(kept))
                .getTotalSeconds();
        boolean bound = kept == 315532800 || kept == 4354819198L; // local time
        Time time = FatTime.time(FatTime.of(new Time(seconds, 999), ZONE), 0, ZONE);
        assertThat(time.seconds()).isEqualTo(bound ? kept - offset : kept);
    }

    @Test
    void hundredthsOfBirth() {
        var time = new Time(1_000_000_001, 230_000_000);
        assertThat(FatTime.hundredths(time, ZONE)).isEqualTo(123);
        assertThat(FatTime.time(FatTime.of(time, ZONE), 123, ZONE)).isEqualTo(time);
        assertThat(FatTime.time(0, 0, ZONE)).isEqualTo(Time.EPOCH);
        assertThat(FatTime.time(-1, 0, ZONE)).isEqualTo(Time.EPOCH);
    }
}
