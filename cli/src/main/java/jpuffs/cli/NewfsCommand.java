// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import jpuffs.cli.fs.Tree;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.PartitionEntry;
import jpuffs.rump.disk.Partitions;
import jpuffs.rump.image.ImageDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;
import org.jspecify.annotations.Nullable;

/// `puffs newfs`: makes a file system on an image, a block device or a partition, empty or from a tree.
final class NewfsCommand {
    private static final int BLOCK = 512;

    private final Settings settings;
    private final RumpFsType type;
    private final FsOptions options;
    private final DiskName name;
    private final long bytes;

    /// What the command line says.
    ///
    /// @param size as typed, empty for that of the image
    /// @param force whether a disk with partitions, or a block device, is overwritten
    /// @param from the directory or archive it is made from, empty for none
    /// @param sourceDate of the environment: `SOURCE_DATE_EPOCH`
    record Settings(
            String type,
            String image,
            String size,
            List<Opt> options,
            boolean force,
            String from,
            @Nullable String sourceDate) {}

    private NewfsCommand(Settings settings) throws Failure {
        this.settings = settings;
        type = DiskFs.type(settings.type);
        FsOptions values = DiskFs.options(type, type.newfsOptions(), settings.options);
        options = settings.type.equals(type.name()) ? values : values.with("version", settings.type);
        name = DiskName.parse(settings.image);
        bytes = settings.size.isEmpty() ? 0 : Values.bytes("SIZE", settings.size) / BLOCK * BLOCK;
        if (bytes == 0 && !settings.size.isEmpty()) {
            throw Failure.usage("SIZE " + settings.size + " is less than a block of " + BLOCK + " bytes");
        }
    }

    /// Makes it.
    ///
    /// @return what of the tree the file system cannot have, a line each
    static List<String> run(Settings settings) throws Failure {
        try {
            return new NewfsCommand(settings).run();
        } catch (IOException e) {
            boolean full =
                    !settings.from.isEmpty() && e instanceof ErrnoException errno && errno.errno() == Errno.ENOSPC;
            throw new Failure(
                    ExitCode.USAGE,
                    "cannot make " + settings.type + " on " + settings.image + ": " + Reason.of(e)
                            + (full ? ": it is too small for what is in " + settings.from : ""));
        }
    }

    private List<String> run() throws IOException, Failure {
        requireSize();
        if (settings.from.isEmpty()) {
            if (bytes > 0) {
                makeOfSize();
            } else {
                makeInPlace();
            }
            return List.of();
        }
        if (!Files.exists(name.image())) {
            return replace(name.image(), bytes);
        }
        try (BlockDevice old = HostImages.whole(name, false)) {
            requireHarmless(old);
            boolean isFile = Files.isRegularFile(name.image());
            if (isFile && name.partition().isEmpty() && !(old instanceof ImageDisk)) {
                return replace(name.image().toRealPath(), bytes > 0 ? bytes : old.size());
            }
            try (BlockDevice disk = name.in(old)) {
                requireOutside(name.image());
                if (isFile) {
                    disk.zero(0, disk.size()); // what was there is none of it
                }
                return fill(disk);
            }
        }
    }

    private void makeInPlace() throws IOException, Failure {
        try (BlockDevice whole = HostImages.whole(name, false)) {
            requireHarmless(whole);
            try (BlockDevice disk = name.in(whole)) {
                make(disk);
            }
        }
    }

    /// A file that was there keeps its size unless this succeeds; one that was not there is not left behind.
    private void makeOfSize() throws IOException, Failure {
        Path image = name.image();
        boolean isNew = !Files.exists(image);
        long before = isNew ? 0 : Files.size(image);
        long after = before;
        try {
            try (FileDisk whole = bytes > before ? FileDisk.create(image, bytes) : FileDisk.open(image, false)) {
                requireHarmless(whole);
                make(new PartitionEntry("", 0, bytes, "", "").of(whole));
            }
            after = bytes;
        } finally {
            if (isNew && after == 0) {
                Files.deleteIfExists(image);
            } else if (Files.size(image) != after) {
                FileDisk.create(image, after).close();
            }
        }
    }

    private void make(BlockDevice disk) throws IOException {
        type.newfs(disk, options, Rumpuser.HOST);
        disk.flush();
    }

    /// Whether it is known how large it shall be.
    private void requireSize() throws IOException, Failure {
        Path image = name.image();
        boolean sized = bytes > 0;
        if (!Files.exists(image) && !sized) {
            throw Failure.usage(
                    image + " does not exist: say how large it shall be, as in: puffs newfs TYPE " + image + " 1G");
        }
        if (sized && (!name.partition().isEmpty() || Files.exists(image) && !Files.isRegularFile(image))) {
            throw Failure.usage(name + " has its size; leave SIZE out");
        }
        if (sized && Files.exists(image)) {
            try (BlockDevice old = HostImages.whole(name, true)) {
                if (old instanceof ImageDisk container) {
                    throw Failure.usage(
                            name + " is a " + container.info().format() + " image, which has its size; leave SIZE out");
                }
            }
        }
    }

    /// A partition, or a file that is no whole disk, may be overwritten: that is what newfs is for.
    private void requireHarmless(BlockDevice whole) throws IOException, Failure {
        if (settings.force || !name.partition().isEmpty()) {
            return;
        }
        if (!Files.isRegularFile(name.image())) {
            throw Failure.usage(name + " is a device: -F makes a file system on all of it");
        }
        Partitions table = Partitions.read(whole);
        if (!table.entries().isEmpty()) {
            throw Failure.usage(name + " has partitions (" + table.scheme() + "): say " + name + "@"
                    + table.entries().getFirst().id() + ", or -F to overwrite all of it");
        }
    }

    /// Makes it from the tree in a new file, which takes the place of the image when it is whole.
    private List<String> replace(Path image, long size) throws IOException, Failure {
        Path part = image.resolveSibling(
                image.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        Files.deleteIfExists(part);
        part.toFile().deleteOnExit(); // also when it is interrupted
        try {
            List<String> notes;
            try (BlockDevice disk = FileDisk.create(part, size)) {
                requireOutside(part);
                notes = fill(disk);
            }
            Files.move(part, image, StandardCopyOption.ATOMIC_MOVE);
            return notes;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /// The image would become a part of itself.
    private void requireOutside(Path file) throws IOException, Failure {
        Path tree = Path.of(settings.from);
        if (Files.exists(tree) && file.toRealPath().startsWith(tree.toRealPath())) {
            throw Failure.usage(name + " is in " + settings.from + ", from which it is made: put it elsewhere");
        }
    }

    private List<String> fill(BlockDevice disk) throws IOException {
        try (Tree tree = Tree.open(settings.from, ServerCommand::open, Tree.latest(settings.sourceDate))) {
            Rumpuser host = tree.host(settings.type + " " + disk.size());
            type.newfs(disk, options, host);
            List<String> notes = tree.fill(disk, type, settings.type, host);
            disk.flush();
            return notes;
        }
    }
}
