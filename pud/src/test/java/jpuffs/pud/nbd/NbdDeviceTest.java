// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.pud.Peer;
import jpuffs.pud.block.FaultDevice;
import jpuffs.pud.block.RamDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client, against our server and against others.
@Timeout(value = 100, unit = TimeUnit.SECONDS)
class NbdDeviceTest {
    private static final int SIZE = 4 << 20;

    @TempDir
    Path folder;

    private static String uri(NbdFixture fixture) {
        return "nbd+unix:///?socket=" + fixture.address.getPath();
    }

    private static byte[] read(BlockDevice device, long off, int length) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        device.read(bytes, off);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    /// Writes, reads, zeroes and trims.
    private static void exercise(BlockDevice device) throws IOException {
        byte[] data = new byte[700 << 10];
        new SplittableRandom(1).nextBytes(data);
        device.write(MemorySegment.ofArray(data), 512);
        device.flush();
        assertThat(read(device, 512, data.length)).isEqualTo(data);
        device.zero(1024, 512);
        assertThat(read(device, 1024, 512)).containsOnly(0);
        device.trim(0, SIZE);
        device.zero(0, SIZE);
        assertThat(read(device, 0, SIZE)).containsOnly(0);
    }

    @Test
    void ourServer() throws IOException {
        try (var ram = new RamDevice(SIZE);
                var fixture = NbdFixture.of(ram);
                var device = NbdDevice.open(uri(fixture))) {
            assertThat(device.size()).isEqualTo(SIZE);
            assertThat(device.blockSize()).isEqualTo(512);
            assertThat(device.canTrim()).isTrue();
            exercise(device);
        }
    }

    /// A server of somebody else, in the foreground until it is killed.
    private void other(List<String> command) throws Exception {
        Peer.require(command.getFirst());
        Process server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            Path socket = folder.resolve("sock");
            while (!Files.exists(socket)) {
                assertThat(server.isAlive()).as(() -> log()).isTrue();
                Thread.sleep(10);
            }
            try (var device = NbdDevice.open("nbd+unix:///?socket=" + socket)) {
                assertThat(device.size()).isEqualTo(SIZE);
                exercise(device);
            }
        } finally {
            server.destroyForcibly();
            server.waitFor();
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void nbdkit() throws Exception {
        other(List.of("nbdkit", "-f", "-U", folder.resolve("sock").toString(), "memory", "4M"));
    }

    @Test
    void qemuNbd() throws Exception {
        Path image = Files.write(folder.resolve("image"), new byte[SIZE]);
        String socket = folder.resolve("sock").toString();
        other(List.of("qemu-nbd", "-t", "-f", "raw", "--discard=unmap", "-k", socket, image.toString()));
    }

    @Test
    void manyThreadsAtOnce() throws Exception {
        try (var ram = new RamDevice(SIZE);
                var fixture = NbdFixture.of(ram);
                var device = NbdDevice.open(uri(fixture));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Future<?>>();
            for (int i = 0; i < 200; i++) {
                byte[] data = new byte[4096];
                Arrays.fill(data, (byte) i);
                long off = i * 4096L;
                tasks.add(threads.submit(() -> {
                    device.write(MemorySegment.ofArray(data), off);
                    assertThat(read(device, off, 4096)).isEqualTo(data);
                    return null;
                }));
            }
            for (var task : tasks) {
                task.get();
            }
        }
    }

    @Test
    void errorsOfTheServerAreOurs() throws IOException {
        var plan = new FaultDevice.Plan(0, 0, Errno.ENOSPC, false, 1);
        try (var ram = new RamDevice(SIZE);
                var fixture = NbdFixture.of(new FaultDevice(ram, plan));
                var device = NbdDevice.open(uri(fixture))) {
            fails(Errno.ENOSPC, device);
        }
    }

    @Test
    void whenTheServerIsGoneAllRequestsFail() throws IOException {
        try (var ram = new RamDevice(SIZE)) {
            NbdDevice device;
            try (var fixture = NbdFixture.of(ram)) {
                device = NbdDevice.open(uri(fixture));
                fixture.server.close();
                fails(Errno.EIO, device);
                device.close();
            }
            fails(Errno.EIO, device);
        }
    }

    private static void fails(Errno errno, BlockDevice device) {
        assertThatThrownBy(() -> device.write(MemorySegment.ofArray(new byte[512]), 0))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void whatIsNotThereIsToldOfInOneLine() throws IOException {
        try (var ram = new RamDevice(SIZE);
                var fixture = NbdFixture.of(ram)) {
            String socket = "?socket=" + fixture.address.getPath();
            assertThatThrownBy(() -> NbdDevice.open("nbd+unix:///nothing" + socket))
                    .hasMessageContaining("no export called \"nothing\"");
            assertThatThrownBy(() -> NbdDevice.open("nbd+unix:///")).hasMessageContaining("socket=PATH");
            assertThatThrownBy(() -> NbdDevice.open("http://x/")).hasMessageContaining("neither");
            assertThatThrownBy(() -> NbdDevice.open("nbd+unix:///" + socket + "x"))
                    .isInstanceOf(ErrnoException.class);
        }
    }
}
