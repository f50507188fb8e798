// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.rump.image.Qcow2Test.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.ImageFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// VHD, VHDX, VMDK and compressed images against the tools that make them.
@Timeout(300)
class ContainersTest {
    private static final int SIZE = 6 << 20;

    @TempDir
    private Path dir;

    private Path file(String name) {
        return dir.resolve(name);
    }

    private Path made(String format, String options, byte[] content) throws IOException, InterruptedException {
        Path raw = Files.write(file("raw"), content);
        Path image = file("image." + format);
        Kit.succeed("qemu-img", "convert", "-f", "raw", "-O", format, "-o", options, raw.toString(), image.toString());
        return image;
    }

    private static ImageInfo info(BlockDevice disk) {
        return ((ImageDisk) disk).info();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vpc|subformat=fixed,force_size=on|vhd fixed",
                "vpc|subformat=dynamic,force_size=on|vhd dynamic",
                "vhdx|subformat=fixed|vhdx fixed",
                "vhdx|subformat=dynamic,block_size=1M|vhdx dynamic",
                "vmdk|subformat=monolithicSparse|vmdk monolithicSparse",
                "vmdk|subformat=streamOptimized|vmdk streamOptimized",
                "vmdk|subformat=monolithicFlat|vmdk monolithicFlat",
            })
    void readsWhatQemuWrites(String format, String options, String kind) throws Exception {
        long seed = Kit.seed("readsWhatQemuWrites " + options);
        byte[] content = Kit.content(SIZE, seed);
        try (BlockDevice disk = Kit.open(made(format, options, content), true)) {
            assertThat(info(disk).format() + " " + info(disk).version()).isEqualTo(kind);
            Kit.assertContent(disk, content, seed);
            assertThat(disk.isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"monolithicSparse", "streamOptimized", "monolithicFlat"})
    void vmdkIsNeverWritten(String subformat) throws Exception {
        try (BlockDevice disk = Kit.open(made("vmdk", "subformat=" + subformat, Kit.content(SIZE, 1)), false)) {
            assertThat(disk.isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " ", "RW ", "\na", "\nRW 1 FLAT \""})
    @Timeout(60)
    void aDescriptorOfOneThingOverAndOver(String what) throws Exception {
        Path image = dir.resolve("image.vmdk");
        Files.writeString(image, "# Disk DescriptorFile\n" + what.repeat((1 << 20) / what.length()));
        assertThatThrownBy(() -> Kit.open(image, true)).hasMessageContaining("EOPNOTSUPP");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vpc|subformat=fixed,force_size=on",
                "vpc|subformat=dynamic,force_size=on",
                "vhdx|subformat=fixed",
                "vhdx|subformat=dynamic,block_size=1M",
                "vhdx|subformat=dynamic,block_size=8M,log_size=2M",
            })
    void qemuReadsWhatWeWrite(String format, String options) throws Exception {
        long seed = Kit.seed("qemuReadsWhatWeWrite " + options);
        byte[] model = Kit.content(SIZE, seed);
        Arrays.fill(model, SIZE / 4, SIZE, (byte) 0);
        Path image = made(format, options, model);
        for (int round = 0; round < 3; round++) {
            try (BlockDevice disk = Kit.open(image, false)) {
                for (int i = 0; i < 20; i++) {
                    Kit.step(disk, model, new SplittableRandom(seed + 100L * round + i));
                }
                Kit.assertContent(disk, model, seed);
            }
            Path raw = Files.write(file("model"), model);
            Kit.succeed("qemu-img", "compare", "-f", format, "-F", "raw", image.toString(), raw.toString());
            if (format.equals("vhdx")) {
                Kit.succeed("qemu-img", "check", "-f", format, image.toString());
            }
        }
    }

    /// The table has lost what the log says that it has.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLogOfAVhdxIsReplayed(boolean readOnly) throws Exception {
        Path image = file("image");
        Kit.succeed("qemu-img", "create", "-f", "vhdx", "-o", "block_size=1M", image.toString(), String.valueOf(SIZE));
        Kit.run("qemu-io", "-c", "write -P 7 1M 2M", "-c", "flush", "-c", "abort", image.toString());
        byte[] bytes = Files.readAllBytes(image);
        byte[] model = new byte[SIZE];
        Arrays.fill(model, 1 << 20, 3 << 20, (byte) 7);
        Kit.forgetWhatIsInTheLog(bytes);
        Files.write(image, bytes);
        try (BlockDevice disk = Kit.open(image, readOnly)) {
            assertThat(info(disk).state()).isEqualTo("dirty");
            Kit.assertContent(disk, model, 1);
            if (!readOnly) {
                Kit.step(disk, model, new SplittableRandom(1));
                disk.write(MemorySegment.ofArray(new byte[512]), 0);
            }
        }
        if (readOnly) {
            assertThat(Files.readAllBytes(image)).isEqualTo(bytes);
        } else {
            Path raw = Files.write(file("model"), model);
            Kit.succeed("qemu-img", "compare", "-f", "vhdx", "-F", "raw", image.toString(), raw.toString());
        }
    }

    @Test
    void differencingAndOtherKindsAreRefusedByName() throws Exception {
        Path vhd = made("vpc", "subformat=dynamic", new byte[SIZE]);
        byte[] bytes = Files.readAllBytes(vhd);
        for (int at : new int[] {0, bytes.length - 512}) {
            bytes[at + 63] = 4; // one more, so the complement of the sum is one less
            bytes[at + 67]--;
        }
        Files.write(vhd, bytes);
        assertThatThrownBy(() -> Kit.open(vhd, true)).hasMessageContaining("differencing VHD");
        Path vmdk = made("vmdk", "subformat=twoGbMaxExtentSparse", new byte[SIZE]);
        assertThatThrownBy(() -> Kit.open(vmdk, true)).hasMessageContaining("twoGbMaxExtentSparse");
        Path base = made("vmdk", "subformat=monolithicSparse", new byte[SIZE]);
        Path child = file("child.vmdk");
        Kit.succeed("qemu-img", "create", "-f", "vmdk", "-b", base.toString(), "-F", "vmdk", child.toString());
        assertThatThrownBy(() -> Kit.open(child, true)).hasMessageContaining("stands on another VMDK");
    }

    private Path compressed(byte[] content, String... command) throws IOException, InterruptedException {
        Path raw = Files.write(file("disk.img"), content);
        var words = new ArrayList<>(List.of(command));
        words.add(raw.toString());
        Kit.succeed(words.toArray(new String[0]));
        try (var names = Files.list(dir)) {
            return names.filter(name -> name.toString().contains("disk.img."))
                    .findAny()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip -k -6",
                "gzip -k -1",
                "zstd -q -1",
                "zstd -q -3",
                "zstd -q -19",
                "zstd -q --ultra -22 --long=27",
                "zstd -q --fast=5 --no-check",
                "zstd -q -3 -B100000 -T2"
            })
    void readsCompressedOnes(String command) throws Exception {
        long seed = Kit.seed("readsCompressedOnes " + command);
        byte[] content = Kit.content(SIZE, seed);
        Path image = compressed(content, command.split(" ", -1));
        try (BlockDevice disk = Kit.open(image, false)) {
            assertThat(info(disk).format()).isEqualTo(command.startsWith("gzip") ? "gzip" : "zstd");
            assertThat(disk.isReadOnly()).isTrue();
            Kit.assertContent(disk, content, seed);
        }
        byte[] bytes = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(bytes, bytes.length - 9));
        assertErrno(Errno.EUCLEAN, () -> Kit.open(image, true));
        Path twice = Files.write(file("twice"), bytes);
        Files.write(twice, bytes, StandardOpenOption.APPEND);
        byte[] both = Arrays.copyOf(content, 2 * SIZE);
        System.arraycopy(content, 0, both, SIZE, SIZE);
        try (BlockDevice disk = Kit.open(twice, true)) {
            Kit.assertContent(disk, both, seed);
        }
    }

    /// Only what is read is decompressed.
    @Test
    void zstdOfManyFrames() throws Exception {
        long seed = Kit.seed("zstdOfManyFrames");
        byte[] content = Kit.content(SIZE, seed);
        Path raw = Files.write(file("raw"), content);
        String command =
                "cd %s; split -b 700000 %s part.; for p in part.*; do zstd -q -c $p; done >packed".formatted(dir, raw);
        Kit.succeed("bash", "-ec", command);
        var files = new ArrayList<ImageFile>();
        var host = new ImageHost(ImageHost.Backing.NONE) {
            @Override
            public ImageFile scratch() throws IOException {
                files.add(super.scratch());
                return files.getLast();
            }
        };
        try (BlockDevice disk = Images.open(host, DiskName.parse(file("packed").toString()), true)) {
            assertThat(disk.size()).isEqualTo(SIZE);
            assertThat(files.getFirst().length()).isZero();
            assertThat(Kit.read(disk, 1 << 20, 512)).isEqualTo(Arrays.copyOfRange(content, 1 << 20, (1 << 20) + 512));
            assertThat(files.getFirst().length()).isLessThanOrEqualTo(1_400_000);
            Kit.assertContent(disk, content, seed);
        }
        byte[] bytes = Files.readAllBytes(file("packed"));
        bytes[bytes.length - 2] ^= 1; // of the last checksum
        Files.write(file("packed"), bytes);
        try (BlockDevice disk = Kit.open(file("packed"), true)) {
            assertThat(Kit.read(disk, 0, 4096)).isEqualTo(Arrays.copyOf(content, 4096));
            assertErrno(Errno.EUCLEAN, () -> Kit.read(disk, SIZE - 512, 512));
            assertErrno(Errno.EUCLEAN, () -> Kit.read(disk, 0, SIZE));
        }
    }

    @Test
    void zstdOfAPipeAndOfManyKindsOfContent() throws Exception {
        long seed = Kit.seed("zstdOfAPipe");
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 12; i++) {
            byte[] content = Kit.content(512 * (1 + random.nextInt(3000)), random.nextLong());
            for (int at = 0; at < content.length && i % 3 == 0; at++) {
                content[at] = (byte) (content[at] & (i < 6 ? 0x0f : 0x73)); // few letters
            }
            Path raw = Files.write(file("raw"), content);
            String command = "zstd -q -c -%d < %s > %s".formatted(1 + random.nextInt(19), raw, file("packed"));
            Kit.succeed("bash", "-c", command);
            try (BlockDevice disk = Kit.open(file("packed"), true)) {
                Kit.assertContent(disk, content, seed);
            }
        }
    }
}
