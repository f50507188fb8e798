// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import jpuffs.cli.HostImages;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.Partitions;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.P2k;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;
import jpuffs.rumpfs.Ukfs;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// The images, the file servers and the host that one run of a tool uses, each opened when it is first needed.
/// [#close()] writes all back: its failure means that something may not be on the disk.
final class Volumes implements AutoCloseable {
    /// More than directories can lie in one another, each of which has one ([OpenDirectory]).
    private static final int DESCRIPTORS = 8192;

    private final int umask = umask();

    private final Servers servers;
    private final Set<Path> written = new HashSet<>();
    private final Map<String, BlockDevice> disks = new LinkedHashMap<>();
    private final SequencedMap<String, AutoCloseable> images = new LinkedHashMap<>();
    private final Map<String, Volume> volumes = new HashMap<>();
    private @Nullable Volume host;

    Volumes(Servers servers) {
        this.servers = servers;
    }

    /// This user's: Linux tells it only to who sets it.
    private static int umask() {
        int mask = Sys.umask(0);
        int _ = Sys.umask(mask);
        return mask;
    }

    /// Says that the tool will write what `operand` names.
    void willWrite(Operand operand) throws IOException {
        if (operand.image() != null) {
            written.add(real(operand.image()));
        }
    }

    private static Path real(DiskName name) throws IOException {
        return name.image().toRealPath();
    }

    /// What an operand names, as it is written.
    Place place(Operand operand) throws IOException {
        String server = operand.server();
        Volume volume = server != null ? server(server) : operand.image() == null ? host() : image(operand.image());
        return new Place(volume, operand.prefix(), operand.path().getBytes(UTF_8));
    }

    /// The files of a file server, one for all operands with the same command line.
    private Volume server(String command) throws IOException {
        String key = "syspuffs:" + command;
        Volume known = volumes.get(key);
        if (known != null) {
            return known;
        }
        P2k served = servers.open(Words.split(command));
        int _ = Sys.umask(umask); // a mirror of the host sets it to 0
        images.put(key, served);
        var kernel = new Kernel(served);
        images.putFirst(key + " kernel", kernel); // which is closed before the server
        var volume = volume(kernel.newProcess(Cred.ROOT), "syspuffs");
        volumes.put(key, volume);
        return volume;
    }

    private Volume image(DiskName name) throws IOException {
        Path file = real(name);
        String key = new DiskName(file, name.snapshot(), name.partition()).toString();
        Volume known = volumes.get(key);
        return known != null ? known : open(key, file, name);
    }

    private Volume open(String key, Path file, DiskName name) throws IOException {
        boolean readOnly = !written.contains(file);
        String wholeKey = new DiskName(file, name.snapshot(), "").toString();
        BlockDevice whole = disks.get(wholeKey);
        if (whole == null) {
            whole = HostImages.whole(name, readOnly);
            disks.put(wholeKey, whole);
        }
        BlockDevice disk = name.partition().isEmpty() ? whole : partition(name, whole);
        RumpFsType type = RumpFsTypes.of(disk);
        if (type == null) {
            throw EINVAL.error("%s", noFileSystem(name, whole));
        }
        Ukfs ukfs = Ukfs.mount(type, disk, FsOptions.of(readOnly ? "ro" : ""), Rumpuser.HOST);
        images.put(key, ukfs);
        var volume = volume(ukfs.process(), type.name());
        volumes.put(key, volume);
        return volume;
    }

    private static BlockDevice partition(DiskName name, BlockDevice whole) throws IOException {
        Partitions table = Partitions.read(whole);
        try {
            return table.find(name.partition()).of(whole);
        } catch (ErrnoException e) {
            throw e.errno().error("%s: %s", name.withPartition(""), FsCommand.reason(e));
        }
    }

    private static String noFileSystem(DiskName name, BlockDevice whole) throws IOException {
        String text = name + ": no known file system";
        if (!name.partition().isEmpty()) {
            return text;
        }
        Partitions table = Partitions.read(whole);
        return table.entries().isEmpty()
                ? text
                : text + " but partitions: say " + name + "@"
                        + table.entries().getFirst().id() + ":/";
    }

    private Volume volume(Process process, String type) throws ErrnoException {
        int _ = process.umask(umask);
        process.setNofile(DESCRIPTORS);
        return new Volume(process, type, umask);
    }

    private Volume host() {
        if (host == null) {
            host = new Volume(new HostCalls(), "", umask);
        }
        return host;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (AutoCloseable each : List.copyOf(images.values())) {
            failure = close(each, failure);
        }
        for (AutoCloseable each : disks.values()) {
            failure = close(each, failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable IOException close(AutoCloseable each, @Nullable IOException before) {
        try {
            each.close();
        } catch (IOException e) {
            return before == null ? e : before;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return before;
    }
}
