// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.P2k;
import jpuffs.rumpfs.RumpFsTypes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The cases of read-only file systems on a disc that xorriso has made, in process and mounted.
class Cd9660Test {
    private static final Path XORRISO = Path.of("/usr/bin/xorriso");
    private static final Set<Feature> MISSING = EnumSet.of(Feature.WRITABLE, Feature.REMOUNT, Feature.XATTRS);

    /// A disc image.
    private static final class Disc implements Volume {
        private @Nullable Path folder;
        private @Nullable P2k mounted;

        @Override
        public void newfs(long size) throws Exception {
            Path top = Files.createTempDirectory("jpuffs-disc");
            folder = top;
            Shell.run(top, """
                    mkdir t t/d; printf text >t/f; ln -s f t/l; mkfifo t/p; chmod 666 t/f t/p
                    xorriso -as mkisofs -quiet -R -o image t
                    """);
        }

        @Override
        public FileSystem open() throws IOException {
            var disk = FileDisk.open(requireNonNull(folder).resolve("image"), true);
            mounted = P2k.mount(requireNonNull(RumpFsTypes.named("cd9660")), disk, FsOptions.NONE, Rumpuser.HOST);
            return mounted;
        }

        @Override
        public void unmounted() throws IOException {
            if (mounted != null) {
                mounted.close();
                mounted = null;
            }
        }

        @Override
        public void remove() throws Exception {
            unmounted();
            if (folder != null) {
                Shell.run(folder, "rm -r t image");
                Files.delete(folder);
            }
        }
    }

    /// Runs a script that must succeed.
    private static final class Shell {
        private static void run(Path folder, String script) throws Exception {
            Process process = new ProcessBuilder("bash", "-euc", script)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new AssertionError(script + " ended with " + process.exitValue());
            }
        }
    }

    private static void requireXorriso() {
        boolean here = Files.isExecutable(XORRISO);
        if (!here && Boolean.getBoolean("jpuffs.ci")) {
            throw new AssertionError("no " + XORRISO);
        }
        Assumptions.assumeTrue(here, "no " + XORRISO);
    }

    @TestFactory
    Stream<DynamicTest> inProcess() {
        requireXorriso();
        return Matrix.readOnly(() -> new RumpEnv("cd9660", MISSING, new Disc()));
    }

    @Tag("mounted")
    @Tag("root")
    @TestFactory
    Stream<DynamicTest> mounted() {
        requireXorriso();
        MountOptions options = MountOptions.defaults().withReadOnly(true);
        return Matrix.readOnly(() -> new MountedEnv("cd9660", MISSING, new Disc(), options));
    }
}
