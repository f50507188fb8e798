// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on file systems of the host: the kernel is right, so this tests the cases.
class NativeTest {
    private static Env host() {
        return new DirectoryEnv("the host", DirectoryEnv.missingHere());
    }

    private static Env tmpfs() {
        return new TmpfsEnv(EnumSet.noneOf(Feature.class));
    }

    @TestFactory
    Stream<DynamicTest> onTheHost() {
        return Matrix.quick(NativeTest::host);
    }

    @Tag("root")
    @TestFactory
    Stream<DynamicTest> onTmpfs() {
        return Matrix.quick(NativeTest::tmpfs);
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> slowOnTmpfs() {
        return Matrix.slow(NativeTest::tmpfs);
    }
}
