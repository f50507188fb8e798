// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.EnumSet;
import java.util.Set;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import org.jspecify.annotations.Nullable;

/// A file system as the root of a rump kernel: no mount, no privilege, no native code but that of the file system.
@SuppressWarnings("JavaLangClash") // Process
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
        kernel = new Kernel(volume.open(), has(Feature.WRITABLE) ? 0 : Kernel.MS_RDONLY, Rumpuser.HOST);
        if (!volume.folder().isEmpty()) {
            try (var process = kernel().newProcess(Cred.ROOT)) {
                makeFolder(process);
            }
        }
    }

    private void makeFolder(Process process) throws ErrnoException {
        try {
            process.mkdirat(Process.AT_FDCWD, rootPath().getBytes(UTF_8), 0755);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
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
    Calls process(Cred cred) throws ErrnoException {
        Process process = kernel().newProcess(cred);
        process.chdir(rootPath().getBytes(UTF_8));
        return new RumpCalls(process);
    }

    @Override
    protected String rootPath() {
        return "/" + volume.folder();
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
