// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import org.jspecify.annotations.Nullable;

/// A directory of the kernel below, used by [Task]s: what all environments with real system calls share.
abstract class HostEnv extends Env {
    /// The directory, once there is one.
    @Nullable
    Path directory;

    HostEnv(String name, Set<Feature> missing) {
        super(name, features(missing));
    }

    private static Set<Feature> features(Set<Feature> missing) {
        var features = EnumSet.allOf(Feature.class);
        features.removeAll(missing);
        if (!isSuperuser()) {
            features.removeAll(EnumSet.of(Feature.USERS, Feature.DEVICES, Feature.TRUSTED_XATTRS, Feature.REMOUNT));
        }
        return features;
    }

    final Path directory() {
        return java.util.Objects.requireNonNull(directory, "not made");
    }

    /// A new directory to mount on, or to use.
    static Path newDirectory() throws IOException {
        String parent = System.getProperty("jpuffs.dir", System.getProperty("java.io.tmpdir"));
        Path made = Files.createTempDirectory(Path.of(parent), "jpuffs-testkit");
        made.toFile().setExecutable(true, false);
        return made;
    }

    /// Why nothing can be mounted by FUSE for several users, or null if it can.
    static @Nullable String whyNoFuse() {
        if (!isSuperuser()) {
            return "mounts for other users need root";
        }
        return Files.exists(Path.of("/dev/fuse")) ? null : "no /dev/fuse";
    }

    /// Makes what FUSE has mounted on the directory read-only or writable.
    final void remountFuse(boolean readOnly) throws ErrnoException {
        int flags = Mounts.MS_REMOUNT | (readOnly ? Mounts.MS_RDONLY : 0);
        Mounts.mount(Name.of("testkit"), name(directory()), "fuse", flags, "");
    }

    @Override
    final Calls process(Cred cred) throws Exception {
        var calls = new HostCalls(cred);
        chdir(calls, rootPath());
        return calls;
    }

    @Override
    protected String rootPath() {
        return directory().toString();
    }

    static Name name(Path path) {
        return Name.of(path.toString());
    }

    /// Removes a directory and all below, however deep.
    static void removeTree(Path path) throws Exception {
        Process rm = new ProcessBuilder("rm", "-rf", "--one-file-system", path.toString())
                .inheritIO()
                .start();
        if (!rm.waitFor(60, TimeUnit.SECONDS)) {
            rm.destroyForcibly();
        }
    }

    /// Unmounts, and tries again for a second if it is busy: anybody who looks round keeps it so for a moment.
    static void unmount(Expect.Call call) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try {
                call.run();
                return;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY || attempt == 200) {
                    throw e;
                }
            }
            Thread.sleep(5);
        }
    }

    /// Unmounts by force what may be mounted on `path`, and never waits for it.
    static void detach(Path path) throws Exception {
        MountInfo mount = Mounts.find(name(path));
        if (mount != null) {
            Mounts.takeAway(mount);
        }
    }
}
