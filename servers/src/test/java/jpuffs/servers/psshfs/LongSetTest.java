// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LongSetTest {
    /// Their last bits are the same, as a server could choose names: with those for a place, each would be looked for
    /// among all.
    @Test
    @Timeout(60)
    void chosenNumbersAreSpread() {
        var set = new LongSet();
        for (long i = 1; i <= Listing.MAX; i++) {
            set.add(i << 24);
        }
        for (long i = 1; i <= Listing.MAX; i++) {
            assertThat(set.contains(i << 24)).isTrue();
            set.remove(i << 24);
        }
        assertThat(set.contains(1 << 24)).isFalse();
    }

    /// Beside a HashSet, with numbers many of which want the same slot.
    @Test
    void itIsASet() {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        IO.println("seed " + seed);
        var random = new Random(seed);
        var set = new LongSet();
        Set<Long> model = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            boolean grows = i / 10_000 % 2 == 0;
            long number = 1 + random.nextInt(3000) + ((long) random.nextInt(4) << 40);
            if (random.nextInt(10) < (grows ? 8 : 2)) {
                set.add(number);
                model.add(number);
            } else {
                set.remove(number);
                model.remove(number);
            }
            long other = 1 + random.nextInt(3000) + ((long) random.nextInt(4) << 40);
            assertThat(set.contains(other)).isEqualTo(model.contains(other));
            assertThat(set.contains(number)).isEqualTo(model.contains(number));
        }
    }
}
