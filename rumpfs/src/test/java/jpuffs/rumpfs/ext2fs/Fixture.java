// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;

/// What the tests of images have in common.
final class Fixture {
    /// Options of mke2fs(8) with every feature that can be written, in several sets and block sizes.
    static final List<String> WRITABLE = List.of(
            "-t ext2 -b 1024",
            "-t ext2 -b 4096 -O ^dir_index,^resize_inode -I 128",
            "-t ext3 -b 1024",
            "-t ext3 -b 2048 -I 128",
            "-t ext4",
            "-t ext4 -b 1024",
            "-t ext4 -b 2048 -O ^has_journal,meta_bg,^resize_inode",
            "-t ext4 -O ^metadata_csum,uninit_bg,^64bit",
            "-t ext4 -O 64bit,metadata_csum,metadata_csum_seed,large_dir,project -I 512",
            "-t ext4 -O ^flex_bg,sparse_super2,^resize_inode -b 1024",
            "-t ext4 -O inline_data,orphan_file",
            "-t ext4 -b 1024 -O ^extent,^64bit,^metadata_csum");

    private Fixture() {}

    static boolean hasExtents(String options) {
        return options.contains("ext4") && !options.contains("^extent");
    }

    static FileSystem mount(BlockDevice device, String options) throws IOException {
        return Ext2Fs.mount(device, MountOptions.of(FsOptions.of(options)), Rumpuser.HOST);
    }

    /// Something done with a mounted file system.
    @FunctionalInterface
    interface Work {
        void run(Process process) throws Exception;
    }

    /// Mounts an image, works with it, unmounts it and has it checked.
    static void with(Path image, Work work) throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            with(disk, work);
        }
        Tool.requireClean(image);
    }

    static void with(BlockDevice disk, Work work) throws Exception {
        try (var kernel = new Kernel(mount(disk, ""))) {
            try (Process process = kernel.newProcess(Cred.ROOT)) {
                work.run(process);
            }
            kernel.unmountAll();
        }
    }

    /// Writes the content of a device into a file.
    static void copy(BlockDevice device, Path to) throws IOException {
        Files.deleteIfExists(to);
        try (var out = FileDisk.create(to, device.size())) {
            MemorySegment buffer = MemorySegment.ofArray(new byte[1 << 20]);
            for (long off = 0; off < device.size(); off += buffer.byteSize()) {
                MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), device.size() - off));
                device.read(part, off);
                out.write(part, off);
            }
        }
    }
}
