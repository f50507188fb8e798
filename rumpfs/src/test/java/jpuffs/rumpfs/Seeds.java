// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

/// The seed of random tests: `-Djpuffs.seed=N`, else a new one each time, which is logged.
public final class Seeds {
    private static final System.Logger LOG = System.getLogger("jpuffs.rumpfs");

    private Seeds() {}

    public static long of(String test) {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        LOG.log(System.Logger.Level.INFO, test + ": -Djpuffs.seed=" + seed);
        return seed;
    }
}
