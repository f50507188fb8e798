// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static jpuffs.bench.Fixture.LL;
import static jpuffs.bench.Fixture.LL_S;
import static jpuffs.bench.Fixture.OURS;
import static jpuffs.bench.Fixture.RING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTest {
    private final Workload stat = Fixture.workload("stat", Goal.passthroughLl(1.0));
    private final Results results = new Results(List.of(LL, LL_S, OURS, RING));

    @Test
    void theRatioIsToTheBestOfThePeers() {
        Fixture.rounds(results, stat, LL, 100, 120, 110);
        Fixture.rounds(results, stat, LL_S, 60, 500, 50);
        Fixture.rounds(results, stat, OURS, 40, 30, 50);
        assertThat(results.ratio(new Results.Cell(stat, OURS))).hasValue(1.5);
        assertThat(results.ratio(new Results.Cell(stat, LL))).hasValue(60.0 / 110);
    }

    @Test
    void aFailedRoundLeavesNoResult() {
        var cell = new Results.Cell(stat, OURS);
        Fixture.rounds(results, stat, LL, 10);
        Fixture.rounds(results, stat, OURS, 10);
        results.fail(cell, "first");
        results.fail(cell, "second");
        assertThat(results.nanosPerOp(cell)).isEmpty();
        assertThat(results.ratio(cell)).isEmpty();
        assertThat(results.failures()).containsEntry(cell, "first");
    }

    @Test
    void withoutPeersThereIsNoRatio() {
        Fixture.rounds(results, stat, OURS, 10);
        assertThat(results.ratio(new Results.Cell(stat, OURS))).isEmpty();
    }

    @Test
    void aGoalMayHoldForRingsOnly() {
        assertThat(Goal.passthroughLlByRings(1.7).holdsFor(OURS)).isFalse();
        assertThat(Goal.passthroughLlByRings(1.7).holdsFor(RING)).isTrue();
        assertThat(Goal.passthroughLl(1).holdsFor(OURS)).isTrue();
    }
}
