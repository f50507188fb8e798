// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.DiskName;
import org.junit.jupiter.api.Assumptions;

/// Programs that make and check images, content to compare, and random work on a disk.
final class Kit {
    private static final System.Logger LOG = System.getLogger("jpuffs.rump");
    private static final int SECONDS = 60;

    private Kit() {}

    /// The seed of random tests: `-Djpuffs.seed=N`, else a new one each time, which is logged.
    static long seed(String test) {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        LOG.log(System.Logger.Level.INFO, test + ": -Djpuffs.seed=" + seed);
        return seed;
    }

    /// How a program ended, and all it said.
    record Result(int exitCode, String output) {}

    static Result run(String... command) throws IOException, InterruptedException {
        boolean here = List.of("/usr/bin/", "/usr/sbin/", "/sbin/").stream()
                .anyMatch(dir -> Files.isExecutable(Path.of(dir + command[0])));
        if (!here && Boolean.getBoolean("jpuffs.ci")) {
            throw new AssertionError("no " + command[0]);
        }
        Assumptions.assumeTrue(here, "no " + command[0]);
        Path output = Files.createTempFile("jpuffs", ".out");
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
            builder.environment().put("LC_ALL", "C.UTF-8");
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(List.of(command) + " took more than " + SECONDS + " s");
            }
            return new Result(process.exitValue(), new String(Files.readAllBytes(output), UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    /// What a program said that must succeed.
    static String succeed(String... command) throws IOException, InterruptedException {
        Result result = run(command);
        assertThat(result.exitCode)
                .as("%s:%n%s", List.of(command), result.output)
                .isZero();
        return result.output;
    }

    /// Random bytes, zeros, and text that repeats, in stretches.
    static byte[] content(int bytes, long seed) {
        var random = new SplittableRandom(seed);
        byte[] all = new byte[bytes];
        for (int at = 0; at < bytes; ) {
            int n = Math.min(bytes - at, 512 * (1 + random.nextInt(random.nextInt(3) == 0 ? 2000 : 40)));
            switch (random.nextInt(3)) {
                case 0 -> {}
                case 1 -> {
                    byte[] part = new byte[n];
                    random.nextBytes(part);
                    System.arraycopy(part, 0, all, at, n);
                }
                default -> {
                    byte[] text = ("to be, or not to be " + random.nextInt() + "\n").getBytes(UTF_8);
                    for (int i = 0; i < n; i++) {
                        all[at + i] = text[i % text.length];
                    }
                }
            }
            at += n;
        }
        return all;
    }

    static BlockDevice open(Path image, boolean readOnly) throws IOException {
        return Images.open(new DiskName(image, ""), readOnly);
    }

    static byte[] read(BlockDevice disk, long off, int count) throws IOException {
        byte[] bytes = new byte[count];
        disk.read(MemorySegment.ofArray(bytes), off);
        return bytes;
    }

    /// Fails unless the disk is these bytes, read in pieces of random sizes.
    static void assertContent(BlockDevice disk, byte[] model, long seed) throws IOException {
        assertThat(disk.size()).isEqualTo(model.length);
        var random = new SplittableRandom(seed);
        for (int at = 0; at < model.length; ) {
            int n = Math.min(model.length - at, 512 * (1 + random.nextInt(random.nextBoolean() ? 4000 : 16)));
            byte[] got = read(disk, at, n);
            if (!Arrays.equals(got, 0, n, model, at, at + n)) {
                int wrong = Arrays.mismatch(got, Arrays.copyOfRange(model, at, at + n));
                throw new AssertionError("seed " + seed + ": differs at " + (at + wrong) + ": " + got[wrong]
                        + " instead of " + model[at + wrong]);
            }
            at += n;
        }
    }

    /// Does one random thing to the disk, and the same to the model.
    static void step(BlockDevice disk, byte[] model, SplittableRandom random) throws IOException {
        int blocks = 1 + random.nextInt(random.nextInt(8) == 0 ? 3000 : 30);
        int length = Math.min(model.length, blocks * 512);
        int off = random.nextInt((model.length - length) / 512 + 1) * 512;
        switch (random.nextInt(10)) {
            case 0 -> {
                disk.zero(off, length);
                Arrays.fill(model, off, off + length, (byte) 0);
            }
            case 1 -> {
                disk.trim(off, length);
                System.arraycopy(read(disk, off, length), 0, model, off, length);
            }
            case 2 -> assertThat(read(disk, off, length)).isEqualTo(Arrays.copyOfRange(model, off, off + length));
            case 3 -> disk.flush();
            default -> {
                byte[] data = new byte[length];
                random.nextBytes(data);
                disk.write(MemorySegment.ofArray(data), off);
                System.arraycopy(data, 0, model, off, length);
            }
        }
    }

    /// Makes a VHDX image of QEMU what it was before its log was done with: the table is empty, the headers say
    /// that the log counts.
    static void forgetWhatIsInTheLog(byte[] image) {
        ByteBuffer bytes = Tables.le(image);
        int log = 0;
        for (int at = 1 << 20; at < 2 << 20; at += 4096) {
            log = bytes.getInt(at) == 0x65676f6c ? at : log; // "loge", the last
        }
        Arrays.fill(image, 2 << 20, (2 << 20) + 4096, (byte) 0);
        for (int header : new int[] {64 << 10, 128 << 10}) {
            System.arraycopy(image, log + 32, image, header + 48, 16);
            bytes.putInt(header + 4, VhdxLog.sum(Arrays.copyOfRange(image, header, header + 4096)));
        }
    }
}
