// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;
import static jpuffs.rump.Process.AT_REMOVEDIR;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FaultDisk;
import jpuffs.rumpfs.FsOptions;

/// A workload on a disk that remembers its writes, some files being made durable by fsync; and what must be there
/// when the power was cut.
final class CrashWork {
    private final FaultDisk disk;
    private final SplittableRandom random;
    private final List<Durable> durable = new ArrayList<>();

    /// A file that was fsynced when the disk had seen so many events, and not touched any more.
    @SuppressWarnings("ArrayRecordComponent") // nobody changes them
    private record Durable(String path, byte[] bytes, int events) {}

    CrashWork(BlockDevice image, long seed) {
        this.disk = new FaultDisk(image);
        this.random = new SplittableRandom(seed);
    }

    FaultDisk disk() {
        return disk;
    }

    static Ext2Fs mount(BlockDevice device) throws IOException {
        return Ext2Fs.mount(device, MountOptions.of(FsOptions.NONE), Rumpuser.HOST);
    }

    /// Runs `rounds` of ten random operations and a durable file each, and ends without unmounting.
    void run(int rounds, boolean extents) throws IOException {
        var kernel = new Kernel(mount(disk));
        Process process = kernel.newProcess(Cred.ROOT);
        var others = new Workload(process, random.nextLong(), extents);
        process.mkdirat(AT_FDCWD, Workload.path("/kept"), 0755);
        for (int i = 0; i < rounds; i++) {
            others.run(10);
            keep(process, "/kept/file" + i);
            if (i % 4 == 3) {
                process.sync();
            }
        }
        process.close();
    }

    /// Makes directories and symbolic links, removes them and makes a durable file in their blocks. Ends with or
    /// without unmounting.
    void reuse(int count, boolean unmounting) throws IOException {
        var kernel = new Kernel(mount(disk));
        try (Process process = kernel.newProcess(Cred.ROOT)) {
            process.mkdirat(AT_FDCWD, Workload.path("/all"), 0755);
            for (int i = 0; i < count; i++) {
                process.mkdirat(AT_FDCWD, Workload.path("/all/directory" + i), 0755);
                process.symlinkat(Workload.path("x".repeat(200)), AT_FDCWD, Workload.path("/all/link" + i));
            }
            process.sync();
            for (int i = 0; i < count; i++) {
                process.unlinkat(AT_FDCWD, Workload.path("/all/directory" + i), AT_REMOVEDIR);
                process.unlinkat(AT_FDCWD, Workload.path("/all/link" + i), 0);
            }
            process.sync();
            for (int i = 0; i < count; i++) {
                keep(process, "/all/file" + i);
            }
        }
        if (unmounting) {
            kernel.unmountAll();
        }
    }

    private void keep(Process process, String path) throws ErrnoException {
        var bytes = new byte[1 + random.nextInt(20_000)];
        random.nextBytes(bytes);
        int fd = process.openat(AT_FDCWD, Workload.path(path), O_CREAT | O_EXCL | O_RDWR, 0600);
        process.write(fd, MemorySegment.ofArray(bytes));
        process.fsync(fd);
        process.close(fd);
        durable.add(new Durable(path, bytes, disk.events()));
    }

    /// Fails if something is missing on a disk that saw only the first `events`.
    void check(BlockDevice crashed, int events) throws IOException {
        Ext2Fs fs = mount(crashed);
        var kernel = new Kernel(fs);
        try (Process process = kernel.newProcess(Cred.ROOT)) {
            for (Durable file : durable) {
                if (file.events <= events) {
                    check(process, file);
                }
            }
        }
        kernel.unmountAll();
    }

    private static void check(Process process, Durable file) throws ErrnoException {
        int fd = process.openat(AT_FDCWD, Workload.path(file.path), O_RDONLY, 0);
        var bytes = new byte[file.bytes.length + 1];
        int count = process.read(fd, MemorySegment.ofArray(bytes));
        process.close(fd);
        if (!Arrays.equals(file.bytes, 0, file.bytes.length, bytes, 0, count)) {
            throw new AssertionError(file.path + " was fsynced and is not what it was");
        }
    }
}
