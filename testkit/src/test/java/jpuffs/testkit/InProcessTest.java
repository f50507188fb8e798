// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.nullfs.NullFs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on file systems in a rump kernel.
class InProcessTest {
    private static Env dtfs() {
        return new RumpEnv("dtfs", EnumSet.of(Feature.COLLAPSE_RANGE), new DtfsVolume(Tmpfs.Options.DEFAULT));
    }

    private static Env dtfsWithLocks() {
        var options = Tmpfs.Options.DEFAULT.with("locks", "");
        return new RumpEnv("dtfs with locks", EnumSet.of(Feature.COLLAPSE_RANGE), new DtfsVolume(options));
    }

    private static Env tmpfs() {
        Set<Feature> missing = EnumSet.of(Feature.COLLAPSE_RANGE, Feature.PERSISTENT);
        return new RumpEnv("tmpfs", missing, RumpVolume.inMemory("tmpfs", "mode=755"));
    }

    /// Over a directory of the host, of which users and devices need root.
    private static Env nullOverHost() {
        Set<Feature> missing = DirectoryEnv.missingHere();
        missing.add(Feature.SIZE_LIMIT);
        return new RumpEnv("null over the host", missing, new NullVolume(NullFs.Options.defaults(), false));
    }

    @TestFactory
    Stream<DynamicTest> onDtfs() {
        return Matrix.quick(InProcessTest::dtfs);
    }

    @TestFactory
    Stream<DynamicTest> locksOnDtfsThatKeepsThem() {
        return Matrix.quick(InProcessTest::dtfsWithLocks, LockCases.class);
    }

    @TestFactory
    Stream<DynamicTest> onTmpfs() {
        return Matrix.quick(InProcessTest::tmpfs);
    }

    @TestFactory
    Stream<DynamicTest> onNullOverHost() {
        return Matrix.quick(InProcessTest::nullOverHost);
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> slowOnDtfs() {
        return Matrix.slow(InProcessTest::dtfs);
    }
}
