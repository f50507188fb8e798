// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each device against an array of bytes, by random requests; and what each is there for.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DevicesTest {
    private static final int SIZE = 1 << 20;
    private static final int REQUESTS = 3000;

    private final long seed = Long.getLong("jpuffs.seed", System.nanoTime());
    private int openBefore;

    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        openBefore = Fd.openCount();
        for (String name : new String[] {"a", "b", "c"}) {
            Files.write(folder.resolve(name), new byte[SIZE]);
        }
        Files.writeString(folder.resolve("key"), "0123456789abcdef0123456789ABCDEF");
    }

    @AfterEach
    void allIsClosed() {
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    private BlockDevice open(String spec) throws IOException {
        return DeviceSpec.open(spec.replace("@", folder + "/"), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ram,size=1M",
                "@a",
                "file,path=@a",
                "cow:@a",
                "cow:cow:ram,size=1M",
                "cipher,key=@key:ram,size=1M",
                "delay:@a",
                "fault:ram,size=1M",
                "concat:@a+@b",
                "concat:ram,size=300k+@b+ram,size=512",
                "stripe,unit=4k:@a+@b+@c",
                "cow:stripe,unit=512:ram,size=1M+@b"
            })
    void anyDeviceIsAnArrayOfBytes(String spec) throws IOException {
        System.out.println("-Djpuffs.seed=" + seed);
        var random = new SplittableRandom(seed);
        try (BlockDevice device = open(spec)) {
            byte[] model = new byte[(int) device.size()];
            device.zero(0, device.size());
            for (int i = 0; i < REQUESTS; i++) {
                int sectors = 1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 20);
                int length = Math.min(model.length, sectors * 512);
                int off = random.nextInt((model.length - length) / 512 + 1) * 512;
                step(device, model, off, length, random);
            }
            assertThat(read(device, 0, model.length)).as("seed " + seed).isEqualTo(model);
            device.flush();
        }
    }

    private static void step(BlockDevice device, byte[] model, int off, int length, SplittableRandom random)
            throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> {
                device.zero(off, length);
                Arrays.fill(model, off, off + length, (byte) 0);
            }
            case 1 -> checkExtents(device, model, off, length);
            case 2 -> assertThat(read(device, off, length)).isEqualTo(Arrays.copyOfRange(model, off, off + length));
            default -> {
                byte[] data = new byte[length];
                random.nextBytes(data);
                device.write(MemorySegment.ofArray(data), off);
                System.arraycopy(data, 0, model, off, length);
            }
        }
    }

    /// What is called a hole has to be zeros, and every range is told of to its end.
    private static void checkExtents(BlockDevice device, byte[] model, int off, int length) throws IOException {
        for (int at = off; at < off + length; ) {
            Extent extent = device.extent(at, off + length - at);
            assertThat(extent.length()).isPositive().isLessThanOrEqualTo(off + length - at);
            int end = (int) (at + extent.length());
            if (extent.isHole()) {
                assertThat(Arrays.copyOfRange(model, at, end)).containsOnly(0);
            }
            at = end;
        }
    }

    private static byte[] read(BlockDevice device, long off, int length) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        device.read(bytes, off);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void whatWasTrimmedOfMemoryIsAHole() throws IOException {
        try (var ram = new RamDevice(SIZE)) {
            ram.write(MemorySegment.ofArray(new byte[300 << 10]), 0);
            assertThat(ram.extent(0, SIZE)).isEqualTo(Extent.data(320 << 10));
            ram.trim(1000 * 512 % (64 << 10), 200 << 10);
            assertThat(ram.extent(64 << 10, 64 << 10)).isEqualTo(Extent.hole(64 << 10));
        }
    }

    @Test
    void aCopyLeavesTheFileAsItWas() throws IOException {
        byte[] before = Files.readAllBytes(folder.resolve("a"));
        try (BlockDevice device = open("cow:@a")) {
            device.write(MemorySegment.ofArray(new byte[] {1, 2, 3}).asSlice(0, 0), 0);
            byte[] data = new byte[512];
            Arrays.fill(data, (byte) 7);
            device.write(MemorySegment.ofArray(data), 512);
            assertThat(read(device, 512, 512)).isEqualTo(data);
        }
        assertThat(Files.readAllBytes(folder.resolve("a"))).isEqualTo(before);
    }

    @Test
    void faultsComeAsPlanned() throws IOException {
        var plan = new FaultDevice.Plan(10, -1, Errno.EIO, true, 5);
        int failed = 0;
        try (var device = new FaultDevice(new RamDevice(SIZE), plan)) {
            for (int i = 0; i < 1000; i++) {
                try {
                    device.read(MemorySegment.ofArray(new byte[512]), 0);
                } catch (ErrnoException e) {
                    failed++;
                }
            }
            assertThat(device.failed()).isEqualTo(failed);
        }
        assertThat(failed).isBetween(50, 150);
    }

    @Test
    void aTornWriteHasWrittenItsFirstHalf() throws IOException {
        var ram = new RamDevice(SIZE);
        try (var device = new FaultDevice(ram, new FaultDevice.Plan(0, 0, Errno.EIO, true, 1))) {
            byte[] data = new byte[2048];
            Arrays.fill(data, (byte) 1);
            assertThatThrownBy(() -> device.write(MemorySegment.ofArray(data), 0))
                    .isInstanceOf(ErrnoException.class);
            assertThat(read(ram, 0, 2048)).startsWith(Arrays.copyOf(data, 1024)).endsWith(new byte[1024]);
        }
    }

    @Test
    void aFileOfAnOddSizeEndsInZeros() throws IOException {
        byte[] data = new byte[1000];
        Arrays.fill(data, (byte) 9);
        Files.write(folder.resolve("a"), data);
        try (BlockDevice device = open("@a")) {
            assertThat(device.size()).isEqualTo(1024);
            assertThat(read(device, 512, 512)).isEqualTo(Arrays.copyOf(Arrays.copyOfRange(data, 512, 1000), 512));
        }
    }

    @Test
    void aFileIsLocked() throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[4096]);
        try (BlockDevice _ = FileDevice.open(file, true)) {
            FileDevice.open(file, true).close();
            assertThatThrownBy(() -> FileDevice.open(file, false)).hasMessageContaining("is in use as a disk");
        }
        try (BlockDevice _ = FileDevice.open(file, false)) {
            assertThatThrownBy(() -> FileDevice.open(file, true)).hasMessageContaining("is in use as a disk");
        }
        FileDevice.open(file, false).close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ram",
                "ram,size=1",
                "ram,size=1Q",
                "ram,size=-4k",
                "ram,size=1M,colour=red",
                "ram,size=1M:@a",
                "cow",
                "cow:",
                "@nothing",
                "@",
                "cipher:@a",
                "cipher,key=@a:@b",
                "fault,error=EWHAT:@a",
                "fault,percent=many:@a",
                "delay,read:@a",
                "stripe,unit=100:@a+@b",
                "stripe,unit=2M:@a+@b",
                "concat:@a+",
                "file,path=@a:@b"
            })
    void whatMakesNoDeviceIsRefusedInOneLine(String spec) {
        assertThatThrownBy(() -> open(spec).close())
                .isInstanceOf(ErrnoException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
    }

    @Test
    void pathsMayHaveAnythingInThem() throws IOException {
        Files.write(folder.resolve("a:b,c+d"), new byte[4096]);
        open("@a:b,c+d").close();
        open("cow:@a\\:b\\,c+d").close();
        open("file,path=@a\\:b\\,c+d").close();
        try (BlockDevice both = open("concat:@a\\:b\\,c\\+d+@b")) {
            assertThat(both.size()).isEqualTo(4096 + SIZE);
        }
    }
}
