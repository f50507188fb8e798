// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jpuffs.cli.ServerCommand;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.syspuffs.SysPuffs;
import jpuffs.testkit.Volume;
import org.jspecify.annotations.Nullable;

/// The files of a server for one case: started when it is mounted, with a tap between it and its kernel half.
final class ServerVolume implements Volume {
    /// In a command, the directory that the server serves.
    static final String SOURCE = "SRC";

    private static final long REMOVE_SECONDS = 60;

    private final List<String> command;
    private final Tap.Work work;
    private @Nullable Path source;
    private ServerCommand.@Nullable Running running;
    private @Nullable SysPuffs half;
    private @Nullable Tap tap;

    ServerVolume(List<String> command, Tap.Work work) {
        this.command = command;
        this.work = work;
    }

    /// Starts the server once and ends it: where that fails, each case would fail for the same reason.
    ///
    /// @throws IOException with that reason
    static void tryOut(Settings settings) throws IOException, InterruptedException {
        var work = new Tap.Work(Faults.NONE, 0, new Counters(), null, settings.timeout());
        var volume = new ServerVolume(settings.command(), work);
        volume.newfs(0);
        try {
            volume.open();
        } catch (ErrnoException e) {
            throw new IOException("the server cannot be started: " + e.reason(), e);
        } finally {
            volume.remove();
        }
    }

    /// Whether a fault has ended the connection.
    boolean isBroken() {
        return tap != null && tap.isBroken();
    }

    @Override
    public void newfs(long size) throws IOException, InterruptedException {
        removeSource();
        source = newSource();
    }

    /// A new, empty directory.
    static Path newSource() throws IOException {
        Path made = Files.createTempDirectory("puffs-lab");
        if (!made.toFile().setExecutable(true, false)) {
            throw new IOException("cannot open " + made + " to others");
        }
        return made;
    }

    /// The words of a command, with `source` where it is meant.
    static List<String> words(List<String> command, Path source) {
        return command.stream()
                .map(word -> word.replace(SOURCE, source.toString()))
                .toList();
    }

    @Override
    public FileSystem open() throws IOException {
        Path served = Objects.requireNonNull(source, "not made");
        ServerCommand.Running started = ServerCommand.start(words(command, served), end -> {
            SysPuffs attached = Tap.between(end, work, made -> tap = made);
            half = attached;
            return attached;
        });
        running = started;
        if (tap != null) {
            tap.onCrash(started.kill());
        }
        return started.files();
    }

    /// Fails if the server has answered what cannot be.
    @Override
    public void unmounted() throws Exception {
        SysPuffs old = half;
        close();
        if (old != null && old.misbehaviours() > 0) {
            throw new AssertionError(old.misbehaviours() + " answers cannot be, see the log");
        }
    }

    private void close() throws IOException {
        ServerCommand.Running old = running;
        running = null;
        if (old != null) {
            old.files().close();
        }
    }

    @Override
    public void remove() throws IOException, InterruptedException {
        close();
        removeSource();
    }

    private void removeSource() throws IOException, InterruptedException {
        if (source != null) {
            removeTree(source);
            source = null;
        }
    }

    static void removeTree(Path folder) throws IOException, InterruptedException {
        String script = "chmod -R u+rwX \"$0\"; exec rm -rf --one-file-system \"$0\""; // cases take permissions away
        Process rm = new ProcessBuilder("sh", "-c", script, folder.toString())
                .inheritIO()
                .start();
        if (!rm.waitFor(REMOVE_SECONDS, TimeUnit.SECONDS)) {
            rm.destroyForcibly();
        }
    }
}
