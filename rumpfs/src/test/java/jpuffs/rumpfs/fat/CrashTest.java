// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FaultDisk;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The power is cut after a write, with and without what the disk had put off: repaired by fsck.fat or fsck.exfat
/// or by our own checker the image is clean, and what was fsynced is there, also if it was then renamed over
/// another.
@Timeout(600)
class CrashTest {
    @TempDir
    private Path directory;

    private static final String REPLACED = "/kept/replaced";
    private static final String SUCCESSOR = "/its successor"; // in another directory: its entry in another sector

    private final List<Durable> durable = new ArrayList<>();
    private final List<Durable> versions = new ArrayList<>(); // of the file that is replaced

    /// A file that was fsynced when the disk had seen so many events, and not touched any more.
    @SuppressWarnings("ArrayRecordComponent") // nobody changes them
    private record Durable(String path, byte[] bytes, int events) {}

    @ParameterizedTest
    @ValueSource(strings = {"mkfs.fat -F 12 -s 1", "mkfs.exfat -c 4096"})
    void atSomeWrites(String command) throws Exception {
        crash(command, 16, (process, random, disk) -> work(process, random, disk, 4));
    }

    /// The old name lies in one sector, in two, and in the next.
    @ParameterizedTest
    @ValueSource(strings = {"mkfs.fat -F 12 -s 1", "mkfs.exfat -c 4096"})
    void renamedFromTwoSectors(String command) throws Exception {
        crash(command, 1, (process, random, disk) -> {
            process.mkdirat(AT_FDCWD, "/kept".getBytes(UTF_8), 0755);
            for (int i = 0; i < 14; i++) {
                process.close(process.openat(AT_FDCWD, ("/P" + i).getBytes(UTF_8), O_CREAT | O_RDWR, 0644));
                if (i > 8) {
                    replace(process, random, disk);
                }
            }
        });
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mkfs.fat -F 12 -s 1",
                "mkfs.fat -F 16 -s 1",
                "mkfs.fat -F 32 -s 1",
                "mkfs.fat -F 16 -s 8",
                "mkfs.fat -F 32 -S 1024 -s 1",
                "mkfs.exfat -c 512",
                "mkfs.exfat -c 4096",
                "mkfs.exfat -c 32K"
            })
    void atEveryWrite(String command) throws Exception {
        crash(command, 1, (process, random, disk) -> work(process, random, disk, 25));
    }

    private static long size(String command) {
        if (command.contains("-F 32")) {
            return command.contains("1024") ? 72 << 20 : 40 << 20;
        }
        return command.contains("-F 16") ? 24 << 20 : command.contains("-F 12") ? 2 << 20 : 8 << 20;
    }

    /// What is done before the power is cut.
    @FunctionalInterface
    private interface Work {
        void run(Process process, SplittableRandom random, FaultDisk disk) throws IOException;
    }

    private void crash(String command, int step, Work work) throws Exception {
        long seed = Seeds.of("CrashTest " + command);
        Path image = directory.resolve("image");
        Kit.mkfs(image, size(command), command);
        Kit kit = Kit.of(command);
        try (var disk = FileDisk.open(image, true)) {
            var faults = new FaultDisk(disk);
            var kernel = new Kernel(kit.mount(faults, "")); // which is not unmounted
            try (Process process = kernel.newProcess(Cred.ROOT)) {
                work.run(process, new SplittableRandom(seed), faults);
            }
            assertThat(faults.events()).isGreaterThan(step);
            for (int n = 0; n <= faults.events(); n += step) {
                check(kit, faults.crash(n), n);
                check(kit, faults.crash(n, seed + n), n);
            }
        }
    }

    /// Random operations, a durable file, and one that is replaced, again and again.
    private void work(Process process, SplittableRandom random, FaultDisk disk, int rounds) throws IOException {
        var others = new Workload(process, random.nextLong());
        process.mkdirat(AT_FDCWD, "/kept".getBytes(UTF_8), 0755);
        for (int i = 0; i < rounds; i++) {
            others.run(10);
            durable.add(keep(process, "/kept/durable file " + i, random, disk));
            replace(process, random, disk);
            if (i % 4 == 3) {
                process.sync();
            }
        }
    }

    /// As editors save.
    private void replace(Process process, SplittableRandom random, FaultDisk disk) throws IOException {
        versions.add(keep(process, SUCCESSOR, random, disk));
        process.renameat2(AT_FDCWD, SUCCESSOR.getBytes(UTF_8), AT_FDCWD, REPLACED.getBytes(UTF_8), 0);
    }

    private static Durable keep(Process process, String path, SplittableRandom random, FaultDisk disk)
            throws ErrnoException {
        var bytes = new byte[1 + random.nextInt(9_000)];
        random.nextBytes(bytes);
        int fd = process.openat(AT_FDCWD, path.getBytes(UTF_8), O_CREAT | O_EXCL | O_RDWR, 0644);
        process.write(fd, MemorySegment.ofArray(bytes));
        process.fsync(fd);
        process.close(fd);
        return new Durable(path, bytes, disk.events());
    }

    private void check(Kit kit, BlockDevice crashed, int events) throws Exception {
        Path image = directory.resolve("crashed");
        copy(crashed, image);
        String told = kit.repair(image);
        kit.requireRepaired(image);
        try (var disk = FileDisk.open(image, false)) {
            requireDurable(kit, disk, events, told);
        }
        var report = new ArrayList<String>();
        FsckResult result = kit.type().fsck(crashed, true, report::add, Rumpuser.HOST);
        assertThat(result).as("event %d: %s", events, report).isNotEqualTo(FsckResult.DAMAGED);
        copy(crashed, image);
        kit.requireClean(image);
        requireDurable(kit, crashed, events, report.toString());
    }

    private void requireDurable(Kit kit, BlockDevice disk, int events, String told) throws IOException {
        var kernel = new Kernel(kit.mount(disk, ""));
        try (Process process = kernel.newProcess(Cred.ROOT)) {
            for (Durable file : durable) {
                if (file.events <= events) {
                    requireDurable(process, file);
                }
            }
            requireVersion(process, events);
        } catch (ErrnoException | AssertionError e) {
            throw new AssertionError("after event " + events + ": " + told, e);
        }
        kernel.unmountAll();
    }

    private static void requireDurable(Process process, Durable file) throws ErrnoException {
        if (!holds(process, file.path, file.bytes)) {
            throw new AssertionError(file.path + " was fsynced and is not what it was");
        }
    }

    private static boolean holds(Process process, String path, byte[] expected) throws ErrnoException {
        int fd = process.openat(AT_FDCWD, path.getBytes(UTF_8), O_RDONLY, 0);
        var bytes = new byte[expected.length + 1];
        int count = process.read(fd, MemorySegment.ofArray(bytes));
        process.close(fd);
        return Arrays.equals(expected, 0, expected.length, bytes, 0, count);
    }

    /// The newest version that was fsynced, or a later one, has one of the two names: between two sectors a rename
    /// may leave it both, and a checker leaves it one.
    private void requireVersion(Process process, int events) throws ErrnoException {
        int count =
                (int) versions.stream().filter(file -> file.events <= events).count();
        for (Durable version : versions.subList(Math.max(0, count - 1), versions.size())) {
            for (String name : List.of(REPLACED, SUCCESSOR)) {
                try {
                    if (holds(process, name, version.bytes)) {
                        return;
                    }
                } catch (ErrnoException e) {
                    assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                }
            }
        }
        assertThat(count).as("versions that were fsynced, and none is there").isZero();
    }

    /// Writes the content of a device into a file.
    private static void copy(BlockDevice device, Path to) throws IOException {
        Files.deleteIfExists(to);
        try (var out = FileDisk.create(to, device.size())) {
            MemorySegment buffer = MemorySegment.ofArray(new byte[1 << 20]);
            MemorySegment zero = MemorySegment.ofArray(new byte[1 << 20]);
            for (long off = 0; off < device.size(); off += buffer.byteSize()) {
                MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), device.size() - off));
                device.read(part, off);
                if (part.mismatch(zero.asSlice(0, part.byteSize())) >= 0) {
                    out.write(part, off);
                }
            }
        }
    }
}
