// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.Random;

/// Random numbers of a test that can be had again: `-Djpuffs.seed=`.
final class Seed {
    private Seed() {}

    static Random random() {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        System.out.println("-Djpuffs.seed=" + seed);
        return new Random(seed);
    }
}
