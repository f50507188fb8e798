// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.FilterDevice;
import jpuffs.pud.block.DelayDevice;
import jpuffs.pud.block.FileDevice;
import jpuffs.pud.block.RamDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Block devices of ours as loop devices of the kernel, with ext4 on top.
@Tag("mounted")
@Tag("root")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LoopTest {
    private static final long SIZE = 64 << 20;

    @TempDir
    Path folder;

    private Path mnt;

    @BeforeEach
    void require() throws IOException {
        boolean there = "root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/dev/loop-control"));
        assertThat(there || !Boolean.getBoolean("jpuffs.ci")).as("loop devices").isTrue();
        assumeTrue(there, "loop devices need root");
        mnt = Files.createDirectory(folder.resolve("mnt"));
    }

    @AfterEach
    void unmount() {
        if (mnt != null) {
            Peer.bash("timeout 20 umount -l %s 2>/dev/null || true".formatted(mnt));
        }
    }

    private DeviceServer serve(BlockDevice device) throws IOException {
        return DeviceServer.serve(folder.resolve("disk"), device, "test");
    }

    @Test
    void ext4LivesOnADiskInMemory() throws IOException {
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram);
                var loop = LoopDevice.attach(server, false, 512)) {
            String script = """
                    mkfs.ext4 -q %1$s
                    timeout 60 mount %1$s %2$s
                    head -c 9000000 /dev/urandom > %2$s/a
                    cp %2$s/a %2$s/b
                    sync
                    cmp %2$s/a %2$s/b
                    timeout 20 umount %2$s
                    e2fsck -fn %1$s
                    """.formatted(loop.path(), mnt);
            Peer.bash(script).ok();
            assertThat(loop.isInUse()).isFalse();
        }
        assertThat(folder.resolve("disk")).doesNotExist();
    }

    @Test
    void discardsGiveMemoryBack() throws IOException {
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram);
                var loop = LoopDevice.attach(server, false, 4096)) {
            Peer.bash("dd if=/dev/urandom of=%s bs=1M count=8 oflag=direct status=none".formatted(loop.path()))
                    .ok();
            assertThat(ram.extent(0, 8 << 20).isHole()).isFalse();
            Peer.bash("blkdiscard " + loop.path()).ok();
            assertThat(ram.extent(0, SIZE).length()).isEqualTo(SIZE);
            assertThat(ram.extent(0, SIZE).isHole()).isTrue();
        }
    }

    /// A file of the host is passed through where the kernel can; memory never.
    private BlockDevice device(String kind) throws IOException {
        if (kind.equals("ram")) {
            return new RamDevice(SIZE);
        }
        Path image = folder.resolve("image");
        Peer.bash("truncate -s %d %s".formatted(SIZE, image)).ok();
        return FileDevice.open(image, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ram", "file"})
    void fioVerifiesWhatItWrote(String kind) throws IOException {
        Peer.require("fio");
        try (BlockDevice device = device(kind);
                var server = serve(device);
                var loop = LoopDevice.attach(server, false, 512)) {
            String script = """
                    cd %s
                    fio --name=v --filename=%s --ioengine=libaio --direct=1 --rw=randrw --bsrange=512-256k --bs_unaligned=0 \\
                        --size=%d --io_size=16M --iodepth=16 --verify=crc32c --randseed=7 --end_fsync=1
                    """.formatted(folder, loop.path(), SIZE);
            Peer.bash(script).ok();
        }
    }

    @Test
    void aFileOfTheHostHasWhatIsWritten() throws IOException {
        try (BlockDevice device = device("file");
                var server = serve(device);
                var loop = LoopDevice.attach(server, false, 512)) {
            Peer.bash(
                            ("dd if=/bin/bash of=%1$s bs=64k count=8 conv=fsync status=none && cmp -n 524288 /bin/bash %2$s/image && "
                                            + "blkdiscard -o 65536 -l 131072 %1$s && cmp -n 131072 -i 65536:0 %1$s /dev/zero && "
                                            + "cmp -n 131072 -i 65536:0 %2$s/image /dev/zero && cmp -n 65536 %1$s /bin/bash")
                                    .formatted(loop.path(), folder))
                    .ok();
        }
    }

    @Test
    void offsetsBeyond2TiBAreReached() throws IOException {
        try (var ram = new RamDevice(3L << 40);
                var server = serve(ram);
                var loop = LoopDevice.attach(server, false, 512)) {
            String script = """
                    test $(blockdev --getsize64 %1$s) = $((3 << 40))
                    for mib in $((5 << 10)) $((5 << 19)) $(((3 << 20) - 1)); do
                        head -c 1M /dev/urandom > %2$s/data
                        dd if=%2$s/data of=%1$s bs=1M seek=$mib oflag=direct status=none
                        dd if=%1$s bs=1M skip=$mib count=1 iflag=direct status=none | cmp - %2$s/data
                    done
                    """;
            Peer.bash(script.formatted(loop.path(), folder)).ok();
        }
    }

    @Test
    void aSlowDiskIsWaitedFor() throws IOException {
        var pause = Duration.ofMillis(30);
        try (var slow = new DelayDevice(new RamDevice(SIZE), pause, pause);
                var server = serve(slow);
                var loop = LoopDevice.attach(server, false, 4096)) {
            Peer.bash(
                            "head -c 1M /dev/urandom > %2$s/data; dd if=%2$s/data of=%1$s bs=64k conv=fsync status=none; cmp -n 1048576 %1$s %2$s/data"
                                    .formatted(loop.path(), folder))
                    .ok();
        }
    }

    /// A disk that fails from some moment on.
    private static final class Dying extends FilterDevice {
        private volatile boolean dead;

        Dying(BlockDevice base) {
            super(base);
        }

        @Override
        public void read(MemorySegment dst, long off) throws IOException {
            check();
            super.read(dst, off);
        }

        @Override
        public void write(MemorySegment src, long off) throws IOException {
            check();
            super.write(src, off);
        }

        private void check() throws IOException {
            if (dead) {
                throw Errno.EIO.error();
            }
        }
    }

    @Test
    void aDiskThatDiesUnderAMountGivesErrorsAndFsckRepairsIt() throws IOException {
        try (var ram = new RamDevice(SIZE)) {
            var disk = new Dying(ram);
            try (var server = serve(disk);
                    var loop = LoopDevice.attach(server, false, 512)) {
                Peer.bash(
                                "mkfs.ext4 -q %1$s && timeout 60 mount -o errors=remount-ro %1$s %2$s && cp /bin/bash %2$s && sync"
                                        .formatted(loop.path(), mnt))
                        .ok();
                assertThat(loop.isInUse()).isTrue();
                disk.dead = true;
                Peer.Result result =
                        Peer.bash("timeout 60 dd if=/dev/zero of=%s/x bs=1M count=8 conv=fsync 2>&1; echo status $?"
                                .formatted(mnt));
                assertThat(result.output()).doesNotContain("status 0").doesNotContain("status 124");
                Peer.bash("timeout 60 umount %s".formatted(mnt)).ok();
            }
            disk.dead = false;
            try (var server = serve(disk);
                    var loop = LoopDevice.attach(server, false, 512)) {
                int status = Peer.bash("e2fsck -fy " + loop.path()).status();
                assertThat(status).isIn(0, 1);
                Peer.bash("timeout 60 mount %1$s %2$s && cmp /bin/bash %2$s/bash && timeout 20 umount %2$s"
                                .formatted(loop.path(), mnt))
                        .ok();
            }
        }
    }
}
