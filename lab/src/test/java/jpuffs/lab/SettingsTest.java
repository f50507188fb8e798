// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.lab.Faults.Fate;
import jpuffs.testkit.Feature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SettingsTest {
    private static Settings parse(String... args) throws Settings.Bad {
        return Settings.parse(List.of(args));
    }

    @Test
    void optionsEndWhereTheServerBegins() throws Exception {
        Settings settings =
                parse("--case", "mkdir.*", "--without", "acls,XATTRS", "--seed", "7", "p", "-o", "source=SRC");
        assertThat(settings.command()).containsExactly("p", "-o", "source=SRC");
        assertThat(settings.cases()).isEqualTo("mkdir.*");
        assertThat(settings.missing()).containsExactlyInAnyOrder(Feature.ACLS, Feature.XATTRS);
        assertThat(settings.seed()).isEqualTo(7);
        assertThat(parse("--", "-odd").command()).containsExactly("-odd");
    }

    @Test
    void aServerWithoutADirectoryForgets() throws Exception {
        assertThat(parse("dtfs").missing()).containsExactly(Feature.PERSISTENT);
        assertThat(parse("null", "SRC").missing()).isEmpty();
    }

    @Test
    void whatCannotBeIsSaid() {
        assertThatThrownBy(() -> parse("--slow")).hasMessage("which file server?");
        assertThatThrownBy(() -> parse("--odd", "p")).hasMessage("unknown option --odd");
        assertThatThrownBy(() -> parse("--seed")).hasMessage("--seed lacks its value");
        assertThatThrownBy(() -> parse("--without", "x", "p")).hasMessageContaining("no feature is called x");
        assertThatThrownBy(() -> parse("--faults", "odd=1", "p")).hasMessageContaining("unknown fault odd");
        assertThatThrownBy(() -> parse("--faults", "lose=2", "p")).hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> parse("--timeout", "0", "p")).hasMessageContaining("at least one");
        assertThatThrownBy(() -> parse("--timeout", "x", "p")).hasMessage("--timeout takes a number, not x");
        assertThatThrownBy(() -> parse("--case", "[", "p"))
                .hasMessage("--case takes a pattern, not [: Unclosed character class");
        assertThatThrownBy(() -> parse("--case", "none", "p")).hasMessage("no case is called none");
        assertThatThrownBy(() -> parse("--text", "/none/x", "p"))
                .hasMessage("cannot write /none/x: there is no such directory");
        assertThatThrownBy(() -> parse("--html", "/", "p")).hasMessage("cannot write /: it is a directory");
    }

    @Test
    void aSeedIsASchedule() {
        Faults faults = Faults.parse("delay=0.2:5,interrupt=0.2,lose=0.1,crash=0.1");
        assertThat(faults.delayMillis()).isEqualTo(5);
        assertThat(faults.areFatal()).isTrue();
        List<Fate> first = schedule(faults, 42);
        assertThat(schedule(faults, 42)).isEqualTo(first);
        assertThat(schedule(faults, 43)).isNotEqualTo(first);
        assertThat(first).contains(Fate.values());
        assertThat(schedule(Faults.NONE, 42)).containsOnly(Fate.NONE);
    }

    private static List<Fate> schedule(Faults faults, long seed) {
        var random = new SplittableRandom(seed);
        var fates = new ArrayList<Fate>();
        for (int i = 0; i < 1000; i++) {
            fates.add(faults.next(random));
        }
        return fates;
    }
}
