// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.stream.Stream;
import jpuffs.puffs.MountOptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on `java.nio.file`, in process and mounted.
class NiofsTest {
    private static Env inProcess() {
        return new RumpEnv("nio", NioVolume.missing(), new NioVolume());
    }

    private static Env mounted() {
        return new MountedEnv("nio", NioVolume.missing(), new NioVolume(), MountOptions.defaults());
    }

    @TestFactory
    Stream<DynamicTest> onNio() {
        return Matrix.quick(NiofsTest::inProcess);
    }

    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> onNioMounted() {
        return Matrix.quick(NiofsTest::mounted);
    }
}
