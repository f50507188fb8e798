// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import jpuffs.puffs.MountOptions;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.nullfs.NullFs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on file systems mounted by a file server of this program.
@Tag("mounted")
@Tag("root")
class MountedTest {
    private static Env dtfs() {
        var volume = new DtfsVolume(Tmpfs.Options.DEFAULT);
        return new MountedEnv("dtfs", EnumSet.noneOf(Feature.class), volume, MountOptions.defaults());
    }

    private static Env dtfsWithLocks() {
        var volume = new DtfsVolume(Tmpfs.Options.DEFAULT.with("locks", ""));
        return new MountedEnv("dtfs with locks", EnumSet.noneOf(Feature.class), volume, MountOptions.defaults());
    }

    private static Env tmpfs() {
        var volume = RumpVolume.inMemory("tmpfs", "mode=755");
        return new MountedEnv("tmpfs", EnumSet.of(Feature.PERSISTENT), volume, MountOptions.defaults());
    }

    private static Env nullOverHost() {
        Set<Feature> missing = DirectoryEnv.missingHere();
        missing.addAll(Set.of(Feature.SIZE_LIMIT, Feature.MAP_TIMES));
        var volume = new NullVolume(NullFs.Options.defaults(), false);
        return new MountedEnv("null over the host", missing, volume, MountOptions.defaults());
    }

    private static Env nullOverTmpfs() {
        var volume = new NullVolume(NullFs.Options.defaults(), true);
        return new MountedEnv(
                "null over tmpfs", EnumSet.of(Feature.ZERO_RANGE, Feature.MAP_TIMES), volume, MountOptions.defaults());
    }

    private static Env nullWithoutPassthrough() {
        var volume = new NullVolume(new NullFs.Options(false), true);
        Set<Feature> missing = EnumSet.of(Feature.ZERO_RANGE);
        return new MountedEnv("null over tmpfs, no passthrough", missing, volume, MountOptions.defaults());
    }

    @TestFactory
    Stream<DynamicTest> onDtfs() {
        return Matrix.quick(MountedTest::dtfs);
    }

    @TestFactory
    Stream<DynamicTest> locksOnDtfsThatKeepsThem() {
        return Matrix.quick(MountedTest::dtfsWithLocks, LockCases.class);
    }

    @TestFactory
    Stream<DynamicTest> onTmpfs() {
        return Matrix.quick(MountedTest::tmpfs);
    }

    @TestFactory
    Stream<DynamicTest> onNullOverHost() {
        return Matrix.quick(MountedTest::nullOverHost);
    }

    @TestFactory
    Stream<DynamicTest> onNullOverTmpfs() {
        return Matrix.quick(MountedTest::nullOverTmpfs);
    }

    @TestFactory
    Stream<DynamicTest> dataOnNullWithoutPassthrough() {
        return Matrix.quick(MountedTest::nullWithoutPassthrough, IoCases.class, SpaceCases.class, HostCases.class);
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> slowOnDtfs() {
        return Matrix.slow(MountedTest::dtfs);
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> slowOnNullOverHost() {
        return Matrix.slow(MountedTest::nullOverHost);
    }
}
