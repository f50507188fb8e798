// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.stream.Stream;
import jpuffs.puffs.MountOptions;
import jpuffs.servers.psshfs.Options;
import jpuffs.servers.psshfs.Psshfs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases on psshfs, mounted, with OpenSSH's sftp-server.
@Tag("mounted")
@Tag("root")
class PsshfsMountedTest {
    private static Env psshfs() {
        var volume = new PsshfsVolume(Options.NONE.with("no_contain_symlinks", ""));
        return new MountedEnv("psshfs", PsshfsVolume.missing(), volume, Psshfs.mountOptions(MountOptions.defaults()));
    }

    @TestFactory
    Stream<DynamicTest> onPsshfs() {
        return Matrix.quick(PsshfsMountedTest::psshfs);
    }

    @Tag("long") // four minutes, most of them for 200,000 entries
    @TestFactory
    Stream<DynamicTest> slowOnPsshfs() {
        return Matrix.slow(PsshfsMountedTest::psshfs);
    }
}
