// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static jpuffs.core.Errno.EINVAL;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.rumpfs.P2k;
import jpuffs.sys.Sys;
import jpuffs.syspuffs.Beginning;
import jpuffs.syspuffs.ChildServer;
import jpuffs.syspuffs.SysPuffs;
import org.jspecify.annotations.Nullable;

/// How a file server would be mounted: what follows `puffs mount` if it begins with one of our types, else a
/// program and its arguments. (An alias, such as `sshfs`, is a program.) The server is run on the kernel half of
/// [SysPuffs] in place of a mount: ours in this process, a program as a child.
public final class ServerCommand {
    /// Programs that take no descriptor for their mount point.
    private static final Set<String> NEED_DIRECTORY = Set.of("bindfs", "fuse2fs");

    private static final String FOREGROUND = "-f";

    private final List<String> words;
    private final @Nullable MountArgs own;
    private final int dirAt;

    private ServerCommand(List<String> words, @Nullable MountArgs own, int dirAt) {
        this.words = words;
        this.own = own;
        this.dirAt = dirAt;
    }

    /// A command line with a directory to mount on. Of a program it is the last word that names one.
    static ServerCommand parse(List<String> words) throws Failure {
        if (words.isEmpty()) {
            throw Failure.usage("which file server? puffs syspuffs -- COMMAND [ARGUMENT]... DIR");
        }
        MountArgs own = own(words);
        if (own != null) {
            return new ServerCommand(words, own, -1);
        }
        for (int i = words.size() - 1; i > 0; i--) {
            if (Files.isDirectory(Path.of(words.get(i)))) {
                return new ServerCommand(words, null, i);
            }
        }
        throw Failure.usage(words.getFirst() + " lacks the DIR to mount on: no word of its command is a directory");
    }

    /// A server that runs.
    ///
    /// @param files what it serves; closing them ends it
    /// @param kill ends it at once, as a crash would
    public record Running(P2k files, Runnable kill) {}

    /// Runs a server for those who want no mount. It was not given a directory to mount on.
    ///
    /// @return closing it ends the server
    /// @throws IOException EINVAL if there is no such type or option; what opening it or exec(2) fails with
    public static P2k open(List<String> words) throws IOException {
        return start(words, SysPuffs::attach).files();
    }

    /// As [#open(List)], where something stands between the server and its kernel half.
    public static Running start(List<String> words, Beginning beginning) throws IOException {
        try {
            if (words.isEmpty()) {
                throw Failure.usage("which file server?");
            }
            var full = new ArrayList<>(words);
            full.add(ChildServer.MOUNT_POINT);
            MountArgs own = own(full);
            return new ServerCommand(full, own, words.size()).start(Path.of("/"), false, beginning);
        } catch (Failure e) {
            throw EINVAL.error("%s", e.text());
        }
    }

    private static @Nullable MountArgs own(List<String> words) throws Failure {
        FileServerType type = Types.find(words.getFirst());
        boolean ours = words.getFirst().equals(RumpType.AUTO)
                || type != null && type.name().equals(words.getFirst());
        return ours ? MountArgs.parse(words) : null;
    }

    /// The directory to mount on.
    String dir() {
        return own == null ? words.get(dirAt) : own.dir();
    }

    /// What mount(8) shows for a source: that of the server, else the first word that may be one, or the program.
    String source() throws Failure {
        if (own != null) {
            return MountCommand.source(own, MountCommand.type(own));
        }
        for (int i = 1; i < words.size(); i++) {
            if (words.get(i).startsWith("-")) {
                i += words.get(i).equals("-o") ? 1 : 0;
            } else if (i != dirAt) {
                return words.get(i);
            }
        }
        return name();
    }

    /// The server's name, as in `psshfs`.
    String name() {
        if (own != null) {
            return own.type();
        }
        Path file = Path.of(words.getFirst()).getFileName();
        return file == null ? words.getFirst() : file.toString();
    }

    /// Runs it.
    ///
    /// @param dir where the result will be mounted
    /// @param needsDirectory see [ChildServer#startInNamespace]; known for some programs
    P2k open(Path dir, boolean needsDirectory, Beginning beginning) throws IOException, Failure {
        return start(dir, needsDirectory, beginning).files();
    }

    private Running start(Path dir, boolean needsDirectory, Beginning beginning) throws IOException, Failure {
        if (own != null) {
            return start(own, dir, beginning);
        }
        var command = new ArrayList<>(words);
        command.set(dirAt, ChildServer.MOUNT_POINT);
        if (!command.contains(FOREGROUND)) {
            command.add(FOREGROUND);
        }
        ChildServer child = needsDirectory || NEED_DIRECTORY.contains(name())
                ? ChildServer.startInNamespace(command, beginning)
                : ChildServer.start(command, beginning);
        return new Running(P2k.of(child.fileSystem(), child::close), child::kill);
    }

    private static Running start(MountArgs args, Path dir, Beginning beginning) throws IOException, Failure {
        FileServerType type = MountCommand.type(args);
        MountSettings settings = MountSettings.of(type, args.options(), Sys.geteuid() == 0);
        String source = MountCommand.source(args, type);
        MountOptions options = settings.options(source);
        FileSystem served = type.open(source, dir, settings.typeOptions());
        boolean done = false;
        try {
            SysPuffs half = SysPuffs.serve(served, options, beginning);
            done = true;
            Closeable below = () -> {
                half.close();
                MountCommand.close(served);
            };
            return new Running(P2k.of(half, below), half::close);
        } finally {
            if (!done) {
                MountCommand.close(served);
            }
        }
    }
}
