// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.pud.DeviceServer;
import jpuffs.pud.LoopDevice;
import jpuffs.pud.block.DeviceSpec;
import jpuffs.sys.LoopDev;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import jpuffs.sys.PidFd;
import jpuffs.sys.Poll;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// The devices of this system, by what the kernel knows of them: the mount table, and `/sys/block` for loop
/// devices. No files of state that could be wrong.
final class Devices {
    private static final Path DEV = Path.of("/dev");
    private static final Path RUN = Path.of("/run/puffs");
    private static final Path CUSE = Path.of("/sys/class/cuse");
    private static final Path LOOPS = Path.of("/sys/block");
    private static final String CHARACTER = "chardev";
    private static final String BLOCK = "blockdev";
    private static final int SIGTERM = 15;
    private static final int PR_SET_IO_FLUSHER = 57;
    private static final long END_NANOS = 10_000_000_000L;

    private Devices() {}

    /// Opens a block device.
    ///
    /// @param spec as [DeviceSpec] has it
    /// @param others types that may stand in its place, for who gets it wrong
    static BlockDevice open(String spec, boolean readOnly, List<String> others) throws Failure {
        try {
            return DeviceSpec.open(spec, readOnly, HostImages::device);
        } catch (IOException e) {
            if (Errno.of(e) == Errno.ENOENT) {
                requireKnown(spec.replaceFirst("[,:].*", ""), others);
            }
            int code = Errno.of(e) == Errno.EINVAL ? ExitCode.USAGE : ExitCode.MOUNT;
            throw new Failure(code, "cannot open device " + spec + ": " + Reason.of(e));
        }
    }

    /// Fails for a word that is neither a type of device nor a file.
    static void requireKnown(String word, List<String> others) throws Failure {
        List<String> types =
                Stream.concat(others.stream(), DeviceSpec.TYPES.stream()).toList();
        if (word.matches("[\\w-]+") && !types.contains(word) && !Files.exists(Path.of(word))) {
            throw Failure.usage("there is neither a type of device nor a file called " + word
                    + Similar.hint(word, types) + "; types: " + String.join(", ", types));
        }
    }

    /// Where a character device called `name` is: a path is one, a word is below `/dev`.
    static Path path(String name) {
        return name.contains("/") ? Path.of(name).toAbsolutePath() : DEV.resolve(name);
    }

    /// Serves a block device as `/dev/NAME`, a link to the loop device that is made of its file in `/run/puffs`.
    static Device serve(String name, BlockDevice device, String spec) throws IOException {
        boolean done = false;
        try {
            if (name.contains("/")) {
                throw Errno.EINVAL.error("a block device has a name without /, and is found below /dev");
            }
            Path link = DEV.resolve(name);
            if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                throw Errno.EEXIST.error("%s is there already", link);
            }
            if (Sys.geteuid() != 0) {
                throw Errno.EPERM.error("only root can make block devices (puffs serve nbd needs no root)");
            }
            Files.createDirectories(
                    RUN, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            writeBack();
            Device served = attach(DeviceServer.serve(RUN.resolve(name), device, spec), device, link);
            done = true;
            return served;
        } finally {
            if (!done) {
                device.close();
            }
        }
    }

    /// Tells the kernel that the threads of this process are part of writing back, so that what memory they want
    /// does not wait for that. Where we may not (no CAP_SYS_RESOURCE), a machine short of memory is slower.
    private static void writeBack() {
        try {
            Sys.prctl(PR_SET_IO_FLUSHER, 1);
        } catch (ErrnoException e) {
            Log.log(Level.DEBUG, "PR_SET_IO_FLUSHER: " + e.getMessage());
        }
    }

    private static Device attach(DeviceServer server, BlockDevice device, Path link) throws IOException {
        LoopDevice loop = null;
        boolean done = false;
        try {
            loop = LoopDevice.attach(server, device.isReadOnly(), Math.min(device.blockSize(), 4096));
            Files.createSymbolicLink(link, loop.path());
            done = true;
            return new Device(server, device, loop, link);
        } finally {
            if (!done && loop != null) {
                loop.close();
            }
            if (!done) {
                server.close();
            }
        }
    }

    private static List<PuffsMount> all() throws IOException {
        var devices = new ArrayList<PuffsMount>();
        for (PuffsMount mount : PuffsMount.all()) {
            if (mount.type().equals(CHARACTER) || mount.type().equals(BLOCK)) {
                devices.add(mount);
            }
        }
        return devices;
    }

    /// What there is, one on a line: name, kind, what it is made of, process.
    static String table() throws IOException {
        Servers servers = Servers.find();
        var table = new StringBuilder();
        for (PuffsMount mount : all()) {
            Integer pid = servers.pidOf(mount.info().fuseConnection());
            boolean block = mount.type().equals(BLOCK);
            Path path = Path.of(mount.dir());
            Path name = block ? DEV.resolve(path.getFileName()) : path;
            table.append(String.format(
                    "%-20s %-9s %-6s %s%n",
                    name, block ? "block" : "character", pid == null ? "-" : pid, mount.source()));
        }
        for (String name : cuseNames()) {
            table.append(String.format("%-20s %-9s %-6s %s%n", DEV.resolve(name), "character", "-", "cuse"));
        }
        return table.toString();
    }

    private static List<String> cuseNames() throws IOException {
        if (!Files.isDirectory(CUSE)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(CUSE)) {
            return names.map(name -> name.getFileName().toString()).sorted().toList();
        }
    }

    /// Removes a device, also one whose server is dead.
    ///
    /// @param force also a block device that is in use: its users get errors
    static void remove(String name, boolean force) throws Failure, IOException {
        String word = name.replaceFirst("^/dev/", "");
        if (cuseNames().contains(word)) {
            Files.writeString(CUSE.resolve(word).resolve("abort"), "1");
            return;
        }
        MountInfo mount = find(name);
        Path path = Path.of(mount.mountPoint().toString());
        Integer pid = Servers.find().pidOf(mount.fuseConnection());
        if (pid != null) {
            end(pid, force);
        }
        if (Mounts.find(mount.mountPoint()) == null) {
            return;
        }
        if (pid != null && !force) {
            throw new Failure(
                    ExitCode.MOUNT,
                    "cannot remove " + name + ": it is in use (puffs dev remove -f removes it by force)");
        }
        clear(path, mount);
    }

    private static MountInfo find(String name) throws Failure, IOException {
        Path block = RUN.resolve(name.replaceFirst("^/dev/", ""));
        for (Path path : List.of(path(name), block)) {
            for (PuffsMount mount : all()) {
                if (mount.dir().equals(path.toString())) {
                    return mount.info();
                }
            }
        }
        throw new Failure(ExitCode.MOUNT, "there is no device " + name + " (puffs dev list has them)");
    }

    /// Asks the server to end, and waits for it. One that serves a device in use goes on, unless it is asked twice.
    private static void end(int pid, boolean force) throws IOException {
        try (PidFd server = PidFd.open(pid)) {
            server.kill(SIGTERM);
            if (force) {
                Poll.one(server.fd().number(), Poll.POLLIN, END_NANOS / 10);
                server.kill(SIGTERM);
            }
            Poll.one(server.fd().number(), Poll.POLLIN, force ? END_NANOS : END_NANOS / 5);
        } catch (IOException e) {
            if (Errno.of(e) != Errno.ESRCH) { // it has ended
                throw e;
            }
        }
    }

    /// Takes away what a server left.
    private static void clear(Path path, MountInfo mount) throws IOException {
        Integer loop = loopOf(path);
        if (loop != null) {
            LoopDev.detach(loop);
            Path link = DEV.resolve(path.getFileName());
            if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(Path.of("/dev/loop" + loop))) {
                Files.delete(link);
            }
        }
        Unmount.byForce(new Dir(path, mount), mount);
        if (path.startsWith(RUN)) {
            Files.deleteIfExists(path);
        }
    }

    /// The number of the loop device made of `path`, null if there is none.
    private static @Nullable Integer loopOf(Path path) throws IOException {
        try (DirectoryStream<Path> loops = Files.newDirectoryStream(LOOPS, "loop*")) {
            for (Path loop : loops) {
                Path backing = loop.resolve("loop/backing_file");
                if (Files.exists(backing) && Files.readString(backing).strip().equals(path.toString())) {
                    return Integer.valueOf(loop.getFileName().toString().substring("loop".length()));
                }
            }
        }
        return null;
    }
}
