// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.nullfs.NullFs;
import jpuffs.syspuffs.Caching;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on file servers in a rump kernel, over the FUSE wire, with no FUSE in the host.
class SyspuffsTest {
    private static Env env(String name, Set<Feature> missing, Volume volume) {
        missing.add(Feature.COLLAPSE_RANGE);
        missing.add(Feature.BTIME); // STATX is not asked for
        return new RumpEnv(name + " by syspuffs", missing, new SyspuffsVolume(volume));
    }

    /// The wire does not carry supplementary groups, and the server finds no process of the host to ask for them.
    static Stream<DynamicTest> withoutGroups(Stream<DynamicTest> tests) {
        return tests.filter(test -> !test.getDisplayName().startsWith("setgidIsDroppedFromNewProgramOfForeignGroup["));
    }

    private static Stream<DynamicTest> quick(Supplier<Env> envs) {
        return withoutGroups(Matrix.quick(envs));
    }

    /// How the kernel half is used.
    interface Way {
        Env env(String name, Set<Feature> missing, Volume volume);
    }

    static Env dtfs(Way way) {
        return way.env("dtfs", EnumSet.noneOf(Feature.class), new DtfsVolume(Tmpfs.Options.DEFAULT));
    }

    static Env dtfsWithLocks(Way way) {
        var volume = new DtfsVolume(Tmpfs.Options.DEFAULT.with("locks", ""));
        return way.env("dtfs with locks", EnumSet.noneOf(Feature.class), volume);
    }

    /// Over a directory of the host, of which users and devices need root.
    static Env nullOverHost(Way way) {
        Set<Feature> missing = DirectoryEnv.missingHere();
        missing.add(Feature.SIZE_LIMIT);
        return way.env("null over the host", missing, new NullVolume(NullFs.Options.defaults(), false));
    }

    @TestFactory
    Stream<DynamicTest> onDtfs() {
        return quick(() -> dtfs(SyspuffsTest::env));
    }

    private static Env dtfsByCalls() {
        Set<Feature> missing = EnumSet.of(Feature.COLLAPSE_RANGE, Feature.BTIME);
        var volume = SyspuffsVolume.local(new DtfsVolume(Tmpfs.Options.DEFAULT));
        return new RumpEnv("dtfs by calls of syspuffs", missing, volume);
    }

    /// A small cache, so that files lose their pages.
    private static Env dtfsWithPages(boolean writeBack) {
        Set<Feature> missing = EnumSet.of(Feature.COLLAPSE_RANGE, Feature.BTIME);
        if (writeBack) {
            missing.add(Feature.WRITE_ERRORS);
            missing.add(Feature.SIZE_LIMIT); // it is full when files are closed
        }
        var caching = new Caching(256 << 10, 32 << 10, writeBack);
        var volume = new SyspuffsVolume(new DtfsVolume(Tmpfs.Options.DEFAULT), caching);
        return new RumpEnv("dtfs by syspuffs with pages" + (writeBack ? ", write-back" : ""), missing, volume);
    }

    @TestFactory
    @Tag("long")
    Stream<DynamicTest> onDtfsWithPages() {
        return quick(() -> dtfsWithPages(false));
    }

    @TestFactory
    Stream<DynamicTest> onDtfsWithPagesAndWriteBack() {
        return quick(() -> dtfsWithPages(true));
    }

    /// Groups are known here: the caller is.
    @TestFactory
    Stream<DynamicTest> onDtfsByCalls() {
        return Matrix.quick(SyspuffsTest::dtfsByCalls);
    }

    @TestFactory
    Stream<DynamicTest> locksOnDtfsThatKeepsThem() {
        return Matrix.quick(() -> dtfsWithLocks(SyspuffsTest::env), LockCases.class);
    }

    @TestFactory
    Stream<DynamicTest> onNullOverHost() {
        return quick(() -> nullOverHost(SyspuffsTest::env));
    }
}
