// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.DiskName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Damaged containers are used in every way: what fails, fails with an ErrnoException and soon.
@Timeout(1800)
class HostileTest {
    private static final int DEADLINE = 60;
    private static final int SIZE = 1 << 20;
    private static final int SECTOR = 512;
    private static final int[] VALUES = {0, 1, -1, 2, 0x7fffffff, 0x80000000, 0x10000, 512, 0xffff};

    @TempDir
    private Path dir;

    /// What they are made as: a format of qemu-img with its options, or a program that compresses.
    private static List<String> kinds() {
        return List.of(
                "qcow2 cluster_size=4k",
                "qcow2 -c",
                "qcow2 compression_type=zstd -c",
                "qcow2 extended_l2=on",
                "qcow2 lazy_refcounts=on dirty",
                "vpc subformat=dynamic",
                "vhdx block_size=1M",
                "vhdx block_size=1M dirty",
                "vmdk subformat=monolithicSparse",
                "vmdk subformat=streamOptimized",
                "gzip",
                "zstd",
                "zstd frames");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void someImages(String kind) throws Exception {
        run(kind, 60);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("kinds")
    void manyImages(String kind) throws Exception {
        run(kind, Integer.getInteger("jpuffs.images", 10_000));
    }

    private void run(String kind, int count) throws Exception {
        long seed = Kit.seed("HostileTest " + kind);
        Path image = made(kind);
        byte[] sound = Files.readAllBytes(image);
        List<Integer> sectors = usedSectors(sound);
        for (int i = 0; i < count; i++) {
            runOne(image, sound, sectors, seed + i);
        }
    }

    private Path made(String kind) throws IOException, InterruptedException {
        Path raw = Files.write(dir.resolve("raw"), Kit.content(SIZE, 1));
        Path image = dir.resolve("image");
        List<String> words = List.of(kind.split(" ", -1));
        if (kind.equals("gzip") || kind.equals("zstd")) {
            Kit.succeed("bash", "-c", kind + " -c < " + raw + " > " + image);
            return image;
        }
        if (kind.equals("zstd frames")) {
            String parts =
                    "cd %s; split -b 300000 raw part.; for p in part.*; do zstd -q -c $p; done >image".formatted(dir);
            Kit.succeed("bash", "-c", parts);
            return image;
        }
        var command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw", "-O", words.getFirst()));
        for (String word : words.subList(1, words.size())) {
            if (!word.equals("dirty")) {
                command.addAll(word.equals("-c") ? List.of(word) : List.of("-o", word));
            }
        }
        command.addAll(List.of(raw.toString(), image.toString()));
        Kit.succeed(command.toArray(new String[0]));
        if (words.contains("dirty")) {
            Kit.run("qemu-io", "-c", "write -P 7 0 1M", "-c", "flush", "-c", "abort", image.toString());
            if (kind.startsWith("vhdx")) {
                byte[] bytes = Files.readAllBytes(image);
                Kit.forgetWhatIsInTheLog(bytes);
                Files.write(image, bytes);
            }
        }
        return image;
    }

    /// Those of tables, and a few of content.
    private static List<Integer> usedSectors(byte[] image) {
        var sectors = new ArrayList<Integer>();
        for (int at = 0; at <= image.length - SECTOR; at += SECTOR) {
            int used = 0;
            for (int i = at; i < at + SECTOR; i++) {
                used += image[i] != 0 ? 1 : 0;
            }
            if (used > 0 && (used < SECTOR / 2 || at % (16 * SECTOR) == 0)) {
                sectors.add(at);
            }
        }
        sectors.add(image.length / SECTOR * SECTOR - SECTOR);
        return sectors;
    }

    private static void runOne(Path path, byte[] sound, List<Integer> sectors, long seed) throws Exception {
        var task = new FutureTask<>(() -> {
            damageAndUse(path, sound, sectors, seed);
            return true;
        });
        Thread thread = Thread.ofPlatform().daemon().start(task);
        try {
            task.get(DEADLINE, SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("-Djpuffs.seed=" + seed, e.getCause());
        } catch (TimeoutException e) {
            var error = new AssertionError("-Djpuffs.seed=" + seed + " takes more than " + DEADLINE + " s", e);
            error.setStackTrace(thread.getStackTrace());
            throw error;
        }
    }

    private static void damageAndUse(Path path, byte[] sound, List<Integer> sectors, long seed) throws IOException {
        var random = new SplittableRandom(seed);
        byte[] image = sound.clone();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            damage(image, sectors, random);
        }
        if (random.nextInt(20) == 0) {
            image = Arrays.copyOf(image, random.nextInt(image.length));
        }
        var file = new FaultFile(path, image, false);
        try (BlockDevice disk = Images.open(FaultFile.host(file), new DiskName(path, ""), random.nextBoolean())) {
            for (int i = 0; i < 40; i++) {
                try {
                    use(disk, random);
                } catch (ErrnoException e) {
                    // an answer
                }
            }
        } catch (ErrnoException e) {
            // an answer
        }
    }

    private static void damage(byte[] image, List<Integer> sectors, SplittableRandom random) {
        int sector = random.nextInt(3) == 0 ? sectors.getFirst() : sectors.get(random.nextInt(sectors.size()));
        ByteBuffer bytes = random.nextBoolean() ? Tables.be(image) : Tables.le(image);
        int at = sector + random.nextInt(SECTOR / 8) * 8;
        int value = VALUES[random.nextInt(VALUES.length)];
        switch (random.nextInt(6)) {
            case 0 -> bytes.putInt(at, random.nextInt());
            case 1 -> bytes.putLong(at, random.nextLong());
            case 2 -> image[sector + random.nextInt(SECTOR)] ^= (byte) (1 << random.nextInt(8));
            case 3 -> bytes.putLong(at, bytes.getLong(at) + random.nextInt(9) - 4);
            case 4 -> bytes.putLong(at, bytes.getLong(sectors.get(random.nextInt(sectors.size()))));
            default -> bytes.putInt(at + 4 * random.nextInt(2), value);
        }
    }

    private static void use(BlockDevice disk, SplittableRandom random) throws IOException {
        if (disk.size() < SECTOR) {
            return;
        }
        int block = disk.blockSize();
        int length = (int) Math.min(disk.size() / block, 1 + random.nextInt(200)) * block;
        long off = random.nextLong(
                        (Math.min(disk.size(), random.nextBoolean() ? SIZE : Long.MAX_VALUE) - length) / block + 1)
                * block;
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        switch (disk.isReadOnly() ? 0 : random.nextInt(6)) {
            case 1 -> disk.zero(off, length);
            case 2 -> disk.trim(off, length);
            case 3 -> disk.flush();
            case 4, 5 -> disk.write(bytes.fill((byte) 5), off);
            default -> {
                disk.read(bytes, off);
                disk.extent(off, length);
            }
        }
    }
}
