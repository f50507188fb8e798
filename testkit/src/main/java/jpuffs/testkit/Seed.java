// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

/// The seed of random tests: `-Djpuffs.seed=N`, else a new one each time; failures tell it.
final class Seed {
    private static final System.Logger LOG = System.getLogger("jpuffs.testkit");

    private Seed() {}

    /// The seed for the test `name`, which is logged.
    static long of(String name) {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        LOG.log(System.Logger.Level.INFO, name + ": -Djpuffs.seed=" + seed);
        return seed;
    }
}
