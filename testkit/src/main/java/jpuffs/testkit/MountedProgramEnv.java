// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jpuffs.sys.Mounts;
import org.jspecify.annotations.Nullable;

/// A file server of others, mounted by itself with the kernel's FUSE and used by real system calls: what the kernel
/// half of syspuffs is compared with.
public final class MountedProgramEnv extends HostEnv {
    private static final long START_NANOS = 20_000_000_000L;
    private static final long LOOK_NANOS = 2_000_000;
    private static final long END_SECONDS = 20;

    private final ServerCommandLine command;
    private @Nullable Process process;

    /// How the server is started.
    @FunctionalInterface
    public interface ServerCommandLine {
        /// Its words; it stays in the foreground.
        ///
        /// @param source the directory it serves
        /// @param directory where it mounts
        List<String> words(Path source, Path directory);
    }

    private @Nullable Path source;

    public MountedProgramEnv(String name, Set<Feature> missing, ServerCommandLine command) {
        super(name + ", mounted", missing);
        this.command = command;
    }

    @Override
    public @Nullable String unavailable() {
        return whyNoFuse();
    }

    @Override
    protected void newfs(long size) throws Exception {
        removeSource();
        source = newDirectory();
        if (directory == null) {
            directory = newDirectory();
        }
    }

    @Override
    protected void mount() throws Exception {
        var words = new ArrayList<>(command.words(requireNonNull(source, "not made"), directory()));
        Process started = new ProcessBuilder(words)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        process = started;
        long end = System.nanoTime() + START_NANOS;
        while (Mounts.find(name(directory())) == null) {
            if (!started.isAlive() || System.nanoTime() > end) {
                throw new AssertionError(words + " does not mount");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    protected void remount(boolean readOnly) throws Exception {
        remountFuse(readOnly);
    }

    @Override
    protected void unmount() throws Exception {
        unmount(() -> Mounts.umount(name(directory()), 0));
        if (!requireNonNull(process, "not mounted").waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the server does not end");
        }
        process = null;
    }

    @Override
    protected void fsck() {}

    @Override
    protected void abort() throws Exception {
        detach(directory());
    }

    private void removeSource() throws Exception {
        if (source != null) {
            removeTree(source);
            source = null;
        }
    }

    @Override
    protected void cleanUp() throws Exception {
        if (process != null) {
            process.destroyForcibly();
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        }
        if (directory != null) {
            detach(directory);
            Files.deleteIfExists(directory);
        }
        removeSource();
    }
}
