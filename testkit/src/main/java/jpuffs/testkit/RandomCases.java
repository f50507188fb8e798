// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

/// Random operations compared with a model.
final class RandomCases {
    private RandomCases() {}

    static void fsx(Env env) throws Exception {
        new Fsx(env, Seed.of("fsx")).run(2000);
    }

    @Slow
    static void fsxOf100000Operations(Env env) throws Exception {
        new Fsx(env, Seed.of("fsx")).run(100_000);
    }

    static void randomTree(Env env) throws Exception {
        new RandomTree(env, Seed.of("tree")).run(3000);
    }

    @Slow
    static void randomTreeOf100000Operations(Env env) throws Exception {
        new RandomTree(env, Seed.of("tree")).run(100_000);
    }
}
