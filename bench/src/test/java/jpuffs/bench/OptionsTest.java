// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    private final Workload stat = Fixture.workload("stat", Goal.passthroughLl(1.0));

    @Test
    void aWholeRunIsWrittenDown() throws Options.Bad {
        var options = Options.parse();
        assertThat(options.rounds()).isGreaterThanOrEqualTo(5);
        assertThat(Path.of(options.out()).getParent()).isEqualTo(Path.of("docs/bench"));
        assertThat(options.runs(stat)).isTrue();
        assertThat(options.runsLight()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--quick", "--only=tree", "--with=ll", "--requests"})
    void aPartIsNotWrittenDownUnlessAFolderIsNamed(String option) throws Options.Bad {
        assertThat(Options.parse(option.split("=", -1)).out()).isEmpty();
        String[] both = (option + "=--out=x").split("=", -1);
        assertThat(Options.parse(both).out()).isEqualTo("x");
    }

    @Test
    void onlyNamesWorkloadsOrGroups() throws Options.Bad {
        assertThat(Options.parse("--only", "tree,stat").runs(stat)).isTrue();
        assertThat(Options.parse("--only", "metadata").runs(stat)).isTrue();
        assertThat(Options.parse("--only", "tree").runs(stat)).isFalse();
        assertThat(Options.parse("--only", "tree").runsLight()).isFalse();
        assertThat(Options.parse("--only", "light").runsLight()).isTrue();
    }

    @Test
    void withNamesContenders() throws Exception {
        List<Contender> all = List.of(Fixture.LL, Fixture.LL_S);
        assertThat(Options.parse().contenders(all)).isEqualTo(all);
        assertThat(Options.parse("--with", "ll -s").contenders(all)).containsExactly(Fixture.LL_S);
        assertThatThrownBy(() -> Options.parse("--with", "ll,none").contenders(all))
                .isInstanceOf(IOException.class)
                .hasMessage("no contender is called none here; there are: ll, ll -s");
    }

    @Test
    void quickRunsFewerRoundsUnlessTold() throws Options.Bad {
        assertThat(Options.parse("--quick").rounds()).isLessThan(5);
        assertThat(Options.parse("--quick", "--rounds", "9").rounds()).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--jmh", "--requests"})
    void imagesRefuseWhatTheyDoNotDo(String option) throws Options.Bad {
        Options options = Options.parse(option);
        assertThatThrownBy(options::ofImages).isInstanceOf(Options.Bad.class).hasMessageContaining(option);
        assertThat(Options.parse("--quick").ofImages().src()).isEqualTo("/var/tmp");
        assertThat(Options.parse("--src", "/mnt").ofImages().src()).isEqualTo("/mnt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds 0", "--rounds x", "--rounds", "--fast", "--fast 1", "stat"})
    void refusesWhatItDoesNotKnow(String line) {
        assertThatThrownBy(() -> Options.parse(line.split(" ", -1))).isInstanceOf(Options.Bad.class);
    }
}
