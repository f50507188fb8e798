// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LongSetTest {
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
