// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackOffTest {
    private final BackOff backOff = new BackOff();

    @Test
    void leavesOutTwiceAsManyAfterEachTryInVain() {
        for (int pause = 1; pause <= 256; pause *= 2) {
            assertThat(untilDue()).isZero();
            backOff.learn(false);
            assertThat(untilDue()).isEqualTo(pause);
        }
        backOff.learn(false);
        assertThat(untilDue()).isEqualTo(256);
    }

    @Test
    void beginsAnewAfterOneThatWasNot() {
        backOff.learn(false);
        backOff.learn(false);
        backOff.learn(true);
        assertThat(untilDue()).isZero();
        backOff.learn(false);
        assertThat(untilDue()).isEqualTo(1);
    }

    private int untilDue() {
        int passed = 0;
        while (!backOff.isDue()) {
            passed++;
        }
        return passed;
    }
}
