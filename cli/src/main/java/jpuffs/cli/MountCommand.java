// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import jpuffs.core.FileSystem;
import jpuffs.puffs.FileServer;
import jpuffs.puffs.MountOptions;
import jpuffs.rump.disk.DiskName;
import jpuffs.rumpfs.P2k;
import jpuffs.servers.niofs.NioFs;
import jpuffs.sys.Sys;

/// `puffs mount`: mounts, tells whoever waits for it that the mount answers, and serves until it is unmounted.
///
/// Each mount passes here, so nothing here takes long at start: no picocli, no format strings, no streams
/// (docs/notes/008-cli.md).
final class MountCommand {
    private final MountArgs args;
    private final FileServerType type;
    private final boolean root;
    private final Ready ready;
    private final PrintStream err;

    private MountCommand(MountArgs args, FileServerType type, boolean root, Ready ready, PrintStream err) {
        this.args = args;
        this.type = type;
        this.root = root;
        this.ready = ready;
        this.err = err;
    }

    /// @param words what follows `mount`
    static void run(List<String> words, Ready ready, PrintStream err)
            throws Failure, IOException, InterruptedException {
        MountArgs args = MountArgs.parse(words);
        run(args, type(args), ready, err);
    }

    /// The type that a command line names.
    static FileServerType type(MountArgs args) throws Failure {
        return args.type().equals(RumpType.AUTO) ? RumpType.on(args.source()) : Types.get(args.type());
    }

    /// As [#run(List, Ready, PrintStream)], of a type that need not be in [Types].
    static void run(MountArgs args, FileServerType type, Ready ready, PrintStream err)
            throws Failure, IOException, InterruptedException {
        boolean root = Sys.geteuid() == 0;
        if (args.options().contains(new Opt("remount", null))) {
            Remount.run(args, type, root);
            ready.ok();
        } else {
            new MountCommand(args, type, root, ready, err).run();
        }
    }

    private void run() throws Failure, IOException, InterruptedException {
        MountSettings settings = MountSettings.of(type, args.options(), root);
        String source = source(args, type);
        Dir dir = dir();
        MountOptions options = settings.options(source);
        FileSystem fileSystem = open(source, dir, settings);
        try (FileServer server = mount(dir, fileSystem, options)) {
            if (root && settings.hasMoreFlags()) {
                Remount.set(dir, settings.flags());
            }
            Probe.run(server, dir);
            if (args.verbose()) {
                String what = source + " on " + dir + " type fuse." + options.subtype();
                err.println("puffs: mounted " + what + ", by " + server.transport());
            }
            Log.start(ready.isAwaited(), args.verbose());
            try (var _ = new Stopper(server, dir, hangUp());
                    var _ = fileSystem instanceof P2k p2k ? new SyncDaemon(server, p2k) : null) {
                ready.ok();
                server.await();
            }
        } finally {
            close(fileSystem);
        }
    }

    /// Ends a file system that must be told. Nobody uses it any more.
    static void close(FileSystem fileSystem) throws IOException {
        if (fileSystem instanceof P2k p2k) {
            p2k.close();
        } else if (fileSystem instanceof NioFs nio) {
            nio.close();
        }
    }

    private Stopper.HangUp hangUp() {
        if (!ready.isAwaited()) {
            return Stopper.HangUp.STOPS;
        }
        return type.takesHangUp() ? Stopper.HangUp.LEFT : Stopper.HangUp.IGNORED;
    }

    /// What to serve: a real path for those types that serve one; else what will be shown.
    static String source(MountArgs args, FileServerType type) throws Failure {
        String source = args.source();
        if (type.source() == FileServerType.Source.NONE) {
            return Objects.requireNonNullElse(source, type.name());
        }
        if (source == null) {
            throw Failure.usage("type " + type.name() + " needs a SOURCE: " + HelpText.usage(type));
        }
        if (type.source() == FileServerType.Source.NAME) {
            return source;
        }
        try {
            if (type.source() == FileServerType.Source.DISK) {
                DiskName name = DiskName.parse(source);
                return new DiskName(name.image().toRealPath(), name.snapshot(), name.partition()).toString();
            }
            Path path = Path.of(source).toRealPath();
            if (source.isEmpty() || !Files.isDirectory(path)) {
                throw new Failure(ExitCode.MOUNT, "cannot mount " + source + ": it is not a directory");
            }
            return path.toString();
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "cannot mount " + source + ": " + Reason.of(e));
        }
    }

    private Dir dir() throws Failure {
        Dir dir = Dir.of(args.dir(), "mount on");
        if (dir.mount() != null && dir.isPuffs()) {
            String there = new PuffsMount(dir.mount()).type();
            throw new Failure(
                    ExitCode.MOUNT,
                    "cannot mount on " + dir + ": " + there + " is mounted there already (puffs umount " + dir + ")");
        }
        return dir;
    }

    private FileSystem open(String source, Dir dir, MountSettings settings) throws Failure {
        try {
            return type.open(source, dir.path(), settings.typeOptions());
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "cannot open " + source + " as " + type.name() + ": " + Reason.of(e));
        }
    }

    private FileServer mount(Dir dir, FileSystem fileSystem, MountOptions options) throws Failure {
        try {
            return FileServer.mount(dir.path(), fileSystem, options);
        } catch (IOException e) {
            throw MountFailure.of(dir.path(), e, root);
        }
    }
}
