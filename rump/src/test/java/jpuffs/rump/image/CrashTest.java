// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

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
import jpuffs.rump.disk.DiskName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The power is cut at every write to a container, and some of what was not flushed is missing: what was flushed is
/// there, and tables are sound.
@Timeout(1200)
class CrashTest {
    private static final int SIZE = 1 << 20;
    private static final int SECTOR = 512;

    @TempDir
    private Path dir;

    /// A write to the disk.
    ///
    /// @param began how many events of the file there were before
    @SuppressWarnings("ArrayRecordComponent") // nobody changes them
    private record Write(int began, int off, byte[] bytes) {}

    /// What the disk was when it was flushed.
    ///
    /// @param ended how many events of the file there were after
    @SuppressWarnings("ArrayRecordComponent") // nobody changes them
    private record Flushed(int ended, byte[] content, int writes) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qcow2 cluster_size=4k",
                "qcow2 cluster_size=512",
                "qcow2 cluster_size=64k,extended_l2=on",
                "vpc subformat=dynamic,force_size=on",
                "vhdx subformat=dynamic,block_size=1M"
            })
    void nothingFlushedIsLost(String format) throws Exception {
        run(format, 30, 9, 12);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "qcow2 cluster_size=4k", "qcow2 cluster_size=512", "qcow2 cluster_size=64k,extended_l2=on",
                "qcow2 compat=0.10", "qcow2 refcount_bits=1,cluster_size=1k", "vpc subformat=dynamic,force_size=on",
                "vhdx subformat=dynamic,block_size=1M"
            })
    void nothingFlushedIsLostAnywhere(String format) throws Exception {
        run(format, 150, 1, 20);
    }

    private void run(String kind, int steps, int every, int checkEvery) throws Exception {
        long seed = Kit.seed("CrashTest " + kind);
        String format = kind.split(" ", -1)[0];
        Path image = dir.resolve("image");
        Kit.succeed(
                "qemu-img",
                "create",
                "-f",
                format,
                "-o",
                kind.split(" ", -1)[1],
                image.toString(),
                String.valueOf(SIZE));
        if (format.equals("qcow2") && !kind.contains("refcount_bits=1,")) {
            Kit.succeed("qemu-io", "-c", "write -P 3 0 300k", image.toString());
            Kit.succeed("qemu-img", "snapshot", "-c", "before", image.toString());
        }
        byte[] model = new byte[SIZE];
        try (BlockDevice disk = Kit.open(image, true)) {
            disk.read(MemorySegment.ofArray(model), 0);
        }
        var file = new FaultFile(image);
        var writes = new ArrayList<Write>();
        var flushes = new ArrayList<Flushed>(List.of(new Flushed(0, model.clone(), 0)));
        work(file, model, new SplittableRandom(seed), steps, writes, flushes);
        for (int n = 1; n <= file.events(); n += every) {
            Path crashed = Files.write(dir.resolve("crashed"), file.crash(n, seed + n));
            assertKept(crashed, n, writes, flushes, seed);
            if (format.equals("qcow2") && n / every % checkEvery == 0) {
                Kit.Result check = Kit.run("qemu-img", "check", crashed.toString());
                assertThat(check.exitCode())
                        .as("seed %d, event %d: %s", seed, n, check.output())
                        .isIn(0, 3);
            }
        }
    }

    private static void work(
            FaultFile file, byte[] model, SplittableRandom random, int steps, List<Write> writes, List<Flushed> flushes)
            throws IOException {
        try (BlockDevice disk = Images.open(FaultFile.host(file), new DiskName(file.path(), ""), false)) {
            for (int i = 0; i < steps; i++) {
                int length = SECTOR * (1 + random.nextInt(random.nextInt(6) == 0 ? 300 : 12));
                int off = random.nextInt((SIZE - length) / SECTOR + 1) * SECTOR;
                byte[] data = new byte[length];
                int began = file.events();
                switch (random.nextInt(6)) {
                    case 0 -> {
                        disk.flush();
                        flushes.add(new Flushed(file.events(), model.clone(), writes.size()));
                        continue;
                    }
                    case 1 -> disk.zero(off, length);
                    default -> {
                        random.nextBytes(data);
                        disk.write(MemorySegment.ofArray(data), off);
                    }
                }
                writes.add(new Write(began, off, data));
                System.arraycopy(data, 0, model, off, length);
            }
        }
        flushes.add(new Flushed(file.events(), model.clone(), writes.size()));
    }

    /// Each sector is as it was flushed, or as a later write has it.
    private static void assertKept(Path image, int events, List<Write> writes, List<Flushed> flushes, long seed)
            throws IOException {
        Flushed last = flushes.getFirst();
        for (Flushed each : flushes) {
            last = each.ended <= events ? each : last;
        }
        byte[] now = new byte[SIZE];
        try (BlockDevice disk = Kit.open(image, false)) { // writable: what repairs itself does
            disk.read(MemorySegment.ofArray(now), 0);
        }
        for (int at = 0; at < SIZE; at += SECTOR) {
            boolean kept = Arrays.equals(now, at, at + SECTOR, last.content, at, at + SECTOR);
            for (int i = last.writes; i < writes.size() && !kept; i++) {
                Write write = writes.get(i);
                int from = at - write.off;
                kept = write.began < events
                        && from >= 0
                        && from < write.bytes.length
                        && Arrays.equals(now, at, at + SECTOR, write.bytes, from, from + SECTOR);
            }
            assertThat(kept)
                    .as("-Djpuffs.seed=%d, event %d: sector at %d", seed, events, at)
                    .isTrue();
        }
    }
}
