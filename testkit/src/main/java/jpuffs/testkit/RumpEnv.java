// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.EnumSet;
import java.util.Set;
import jpuffs.core.Cred;
import jpuffs.rump.Kernel;
import org.jspecify.annotations.Nullable;

/// A file system as the root of a rump kernel: no mount, no privilege, no native code but that of the file system.
public final class RumpEnv extends Env {
    private final Volume volume;
    private @Nullable Kernel kernel;

    /// @param name of the file system
    /// @param missing what it has not; what the way in-process has not need not be named
    public RumpEnv(String name, Set<Feature> missing, Volume volume) {
        super(name + ", in-process", features(missing));
        this.volume = volume;
    }

    private static Set<Feature> features(Set<Feature> missing) {
        var features = EnumSet.complementOf(
                EnumSet.of(Feature.MMAP, Feature.MAP_TIMES, Feature.EXEC, Feature.HOST_PATH, Feature.FILE_HANDLES));
        features.removeAll(missing);
        return features;
    }

    @Override
    protected void newfs(long size) throws Exception {
        volume.newfs(size);
    }

    @Override
    protected void mount() throws Exception {
        kernel = new Kernel(volume.open());
    }

    @Override
    protected void remount(boolean readOnly) throws Exception {
        try (var process = kernel().newProcess(Cred.ROOT)) {
            process.remount("/".getBytes(UTF_8), readOnly ? Kernel.MS_RDONLY : 0);
        }
    }

    @Override
    protected void unmount() throws Exception {
        kernel().unmountAll();
        kernel = null;
        volume.unmounted();
    }

    @Override
    protected void fsck() throws Exception {
        volume.fsck();
    }

    @Override
    Calls process(Cred cred) {
        return new RumpCalls(kernel().newProcess(cred));
    }

    @Override
    protected String rootPath() {
        return "/";
    }

    private Kernel kernel() {
        return requireNonNull(kernel, "not mounted");
    }

    /// Nothing: a thread that hangs in a rump kernel holds its lock.
    @Override
    protected void abort() {
        kernel = null;
    }

    @Override
    protected void cleanUp() throws Exception {
        if (kernel != null) {
            kernel.close();
        }
        volume.remove();
    }
}
