// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.rumpfs.P2k;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on file servers on the kernel half of syspuffs, which is mounted through p2k: what `puffs syspuffs`
/// makes, with the time to live of all things that it has there.
@Tag("mounted")
@Tag("root")
class SyspuffsMountedTest {
    private static final MountOptions NOTHING_KEPT = MountOptions.defaults()
            .withEntryTtl(Duration.ZERO)
            .withNegativeTtl(Duration.ZERO)
            .withAttrTtl(Duration.ZERO);

    private static Env env(String name, Set<Feature> missing, Volume volume) {
        missing.add(Feature.BTIME); // STATX is not asked for
        missing.add(Feature.FILE_HANDLES); // nor a file by its number
        Volume half = new SyspuffsVolume(volume) {
            @Override
            public FileSystem open() throws Exception {
                return P2k.of(super.open(), () -> {}); // which is asked to unmount, and may have to go on
            }
        };
        return new MountedEnv(name + " by syspuffs", missing, half, NOTHING_KEPT);
    }

    @TestFactory
    Stream<DynamicTest> onDtfs() {
        return SyspuffsTest.withoutGroups(Matrix.quick(() -> SyspuffsTest.dtfs(SyspuffsMountedTest::env)));
    }

    @TestFactory
    Stream<DynamicTest> locksOnDtfsThatKeepsThem() {
        return Matrix.quick(() -> SyspuffsTest.dtfsWithLocks(SyspuffsMountedTest::env), LockCases.class);
    }

    @TestFactory
    Stream<DynamicTest> onNullOverHost() {
        return SyspuffsTest.withoutGroups(Matrix.quick(() -> SyspuffsTest.nullOverHost(SyspuffsMountedTest::env)));
    }
}
