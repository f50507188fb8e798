// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.P2k;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;
import org.jspecify.annotations.Nullable;

/// A file system of the rump kernel, on an image file if it lies on a disk. After each case the image is checked:
/// by the type's own checker, and by a program if there is one for it.
public final class RumpVolume implements Volume {
    private static final long USUAL_SIZE = 64 << 20;

    private final RumpFsType type;
    private final Maker maker;
    private final List<String> checker;
    private final long overhead;
    private FsOptions options;
    private long usualSize = USUAL_SIZE;
    private @Nullable Path image;
    private @Nullable P2k mounted;

    /// Makes a file system on an image file that has its size already.
    @FunctionalInterface
    public interface Maker {
        void newfs(Path image) throws Exception;
    }

    private RumpVolume(RumpFsType type, FsOptions options, Maker maker, List<String> checker, long overhead) {
        this.type = type;
        this.options = options;
        this.maker = maker;
        this.checker = checker;
        this.overhead = overhead;
    }

    private static RumpFsType type(String name) {
        return requireNonNull(RumpFsTypes.named(name), name);
    }

    /// A type that lives in memory, with these options of mount.
    public static RumpVolume inMemory(String type, String options) {
        return new RumpVolume(type(type), FsOptions.of(options), image -> {}, List.of(), 0);
    }

    /// A type on a disk, made by its own newfs.
    ///
    /// @param options of newfs
    /// @param checker the program and arguments that get the image's name; empty for none. It must end with 0
    public static RumpVolume onDisk(String type, String options, List<String> checker) {
        RumpFsType rumpType = type(type);
        FsOptions all = FsOptions.of(options);
        FsOptions values = rumpType.name().equals(type) ? all : all.with("version", type);
        Maker maker = image -> {
            try (BlockDevice disk = FileDisk.open(image, false)) {
                rumpType.newfs(disk, values, Rumpuser.HOST);
            }
        };
        return new RumpVolume(rumpType, FsOptions.NONE, maker, checker, 0);
    }

    /// A type on a disk, made by a program.
    ///
    /// @param maker the program and arguments that get the image's name
    /// @param checker as in [#onDisk]
    /// @param overhead bytes the file system takes for itself, by which an image of given size is larger
    public static RumpVolume madeBy(List<String> maker, String type, List<String> checker, long overhead) {
        return new RumpVolume(type(type), FsOptions.NONE, image -> run(maker, image), checker, overhead);
    }

    /// Makes the image this large where a case does not say how large: 64 MiB if not told. For cases that fill it.
    public RumpVolume ofSize(long size) {
        usualSize = size;
        return this;
    }

    /// Adds options of mount.
    public RumpVolume mountedWith(String words) {
        options = FsOptions.of(words);
        return this;
    }

    private static void run(List<String> words, Path image) throws Exception {
        var command = new ArrayList<>(words);
        command.add(image.toString());
        Path log = Files.createTempFile("jpuffs", ".log");
        try {
            int status = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new AssertionError(command + " ended with " + status + ":\n" + Files.readString(log));
            }
        } finally {
            Files.delete(log);
        }
    }

    @Override
    public void newfs(long size) throws Exception {
        remove();
        if (!type.usesDevice()) {
            options = size == 0 ? options : options.with("size", String.valueOf(size));
            return;
        }
        Path file = Files.createTempFile("jpuffs", ".img");
        image = file;
        FileDisk.create(file, size == 0 ? usualSize : size + overhead).close();
        maker.newfs(file);
    }

    @Override
    public FileSystem open() throws IOException {
        BlockDevice disk = type.usesDevice() ? FileDisk.open(image(), false) : MemoryDisk.ofSize(0);
        P2k p2k = P2k.mount(type, disk, options, Rumpuser.HOST);
        mounted = p2k;
        return p2k;
    }

    @Override
    public String folder() {
        return type.usesDevice() ? "cases" : "";
    }

    private Path image() {
        return requireNonNull(image, "not made");
    }

    @Override
    public void unmounted() throws IOException {
        if (mounted != null) {
            mounted.close();
            mounted = null;
        }
    }

    @Override
    public void fsck() throws Exception {
        if (!type.usesDevice()) {
            return;
        }
        if (!checker.isEmpty()) {
            run(checker, image());
        }
        ownCheck();
    }

    private void ownCheck() throws IOException {
        var findings = new ArrayList<String>();
        try (BlockDevice disk = FileDisk.open(image(), true)) {
            FsckResult result = type.fsck(disk, false, findings::add, Rumpuser.HOST);
            if (result != FsckResult.CLEAN) {
                throw new AssertionError("fsck: " + result + "\n" + String.join("\n", findings));
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EOPNOTSUPP) { // the type has no checker
                throw e;
            }
        }
    }

    @Override
    public void remove() throws IOException {
        unmounted();
        if (image != null) {
            Files.deleteIfExists(image);
            image = null;
        }
    }
}
