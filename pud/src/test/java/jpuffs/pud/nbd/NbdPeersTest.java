// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.pud.Peer;
import jpuffs.pud.block.FileDevice;
import jpuffs.pud.block.RamDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The server with the clients that people use.
@Timeout(value = 150, unit = TimeUnit.SECONDS)
class NbdPeersTest {
    private static final long SIZE = 48 << 20;

    @TempDir
    Path folder;

    private BlockDevice device(String kind) throws IOException {
        if (kind.equals("ram")) {
            return new RamDevice(SIZE);
        }
        Path image = folder.resolve("image");
        Peer.bash("truncate -s " + SIZE + " " + image).ok();
        return FileDevice.open(image, false);
    }

    /// A file with data and holes.
    private Path source() {
        Path source = folder.resolve("source");
        Peer.bash("truncate -s %d %s; for at in 0 3 17 40; do head -c 3000000 /dev/urandom".formatted(SIZE, source)
                        + " | dd of=" + source + " bs=1M seek=$at conv=notrunc status=none; done")
                .ok();
        return source;
    }

    @Test
    void nbdinfoSeesWhatThereIs() throws IOException {
        Peer.require("nbdinfo");
        try (BlockDevice device = device("ram");
                NbdFixture fixture = NbdFixture.of(device)) {
            String info = Peer.bash("nbdinfo " + fixture.uri()).ok().output();
            assertThat(info).contains("export-size: " + SIZE, "base:allocation", "can_multi_conn: true");
            assertThat(info).contains("can_fua: true", "can_trim: true", "can_zero: true", "is_read_only: false");
            assertThat(info).contains("block_size_minimum: 512", "block_size_maximum: 33554432");
            Peer.bash("nbdinfo --list " + fixture.uri()).ok();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ram", "file"})
    void nbdcopyThereAndBack(String kind) throws IOException {
        Peer.require("nbdcopy", "nbdinfo", "qemu-img");
        Path source = source();
        Path back = folder.resolve("back");
        try (BlockDevice device = device(kind);
                NbdFixture fixture = NbdFixture.of(device)) {
            Peer.bash("nbdcopy --flush %s %s".formatted(source, fixture.uri())).ok();
            Peer.bash("nbdcopy %s %s && cmp %s %s".formatted(fixture.uri(), back, source, back))
                    .ok();
            Peer.bash("qemu-img compare -f raw -F raw %s %s".formatted(source, fixture.uri()))
                    .ok();
            String map = Peer.bash("nbdinfo --map " + fixture.uri()).ok().output();
            assertThat(map).contains("hole,zero").contains("data");
            if (kind.equals("file")) {
                assertThat(Files.mismatch(source, folder.resolve("image"))).isEqualTo(-1);
            }
        }
    }

    /// Its plugin `nbd`, which passes on what others ask it.
    @ParameterizedTest
    @ValueSource(strings = {"ram", "file"})
    void nbdkitAsAClient(String kind) throws IOException {
        Peer.require("nbdkit", "nbdcopy");
        Path source = source();
        Path back = folder.resolve("back");
        try (BlockDevice device = device(kind);
                NbdFixture fixture = NbdFixture.of(device)) {
            String script = "nbdcopy --flush %s \"$uri\" && nbdcopy \"$uri\" %s".formatted(source, back);
            Peer.bash("nbdkit -U - nbd uri=%s --run '%s'".formatted(fixture.uri(), script))
                    .ok();
            assertThat(Files.mismatch(source, back)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ram", "file"})
    void qemuIoReadsWritesZeroesAndDiscards(String kind) throws IOException {
        Peer.require("qemu-io");
        try (BlockDevice device = device(kind);
                NbdFixture fixture = NbdFixture.of(device)) {
            String commands = String.join(
                    " -c ",
                    "",
                    "'write -P 0xab 1M 3M'",
                    "'read -P 0xab 1M 3M'",
                    "'write -f -P 0xcd 512 512'",
                    "'read -P 0xcd 512 512'",
                    "'write -z -u 2M 1M'",
                    "'read -P 0 2M 1M'",
                    "'read -P 0xab 3M 1M'",
                    "'discard 1M 1M'",
                    "'aio_write -P 1 8M 1M'",
                    "'aio_write -P 2 9M 1M'",
                    "aio_flush",
                    "'read -P 1 8M 1M'",
                    "'read -P 2 9M 1M'",
                    "flush");
            String output = Peer.bash("qemu-io -f raw" + commands + " " + fixture.uri())
                    .ok()
                    .output();
            assertThat(output).doesNotContainIgnoringCase("failed");
        }
    }

    @Test
    void fioVerifiesWhatItWrote() throws IOException {
        Peer.require("fio");
        assumeTrue(Peer.bash("fio --enghelp=nbd").status() == 0, "this fio has no NBD engine");
        try (BlockDevice device = device("file");
                NbdFixture fixture = NbdFixture.of(device)) {
            Peer.bash(
                            ("cd %s && fio --name=v --ioengine=nbd --uri=%s --rw=randrw --bsrange=512-256k --size=%d --verify=crc32c"
                                            + " --iodepth=16 --randseed=7 --io_size=32M --bs_unaligned=0")
                                    .formatted(folder, fixture.uri(), SIZE))
                    .ok();
        }
    }
}
