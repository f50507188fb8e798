// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jpuffs.cli.HostImages;
import jpuffs.core.BlockDevice;
import jpuffs.core.Extent;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.FileDisk;

/// Reading disks in qcow2 against `qemu-img convert`: both read all of it, from the page cache, and write a raw
/// image with holes for what is none.
final class QcowBench {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int MIB = 1024;
    private static final int PIECE = 2 << 20;
    private static final double GOAL = 0.7;

    private final Path folder;
    private final int rounds;
    private final TextTable table = new TextTable(List.of("", "unit", "qemu-img", "ours", "ratio", "goal"));

    private QcowBench(Path folder, int rounds) {
        this.folder = folder;
        this.rounds = rounds;
    }

    /// Measures it.
    ///
    /// @param rounds of which the middle counts
    /// @return the table
    static TextTable run(int rounds, Undo undo) throws IOException {
        Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "puffs-bench-qcow2");
        undo.add("folder", () -> Proc.run(LIMIT, List.of("rm", "-rf", "--one-file-system", folder.toString())));
        var bench = new QcowBench(folder, rounds);
        bench.measure();
        return bench.table;
    }

    private void measure() throws IOException {
        String raw = folder.resolve("raw").toString();
        // Half of it compresses: text and random bytes in turns.
        String script = "for i in $(seq %d); do head -c 64M /dev/urandom; yes \"line $i\" | head -c 64M; done > %s"
                .formatted(MIB / 128, raw);
        Proc.run(LIMIT, List.of("bash", "-c", script));
        row("qcow2, read all of 1 GiB", raw, List.of());
        row("qcow2 compressed (zlib), read all of 1 GiB", raw, List.of("-c"));
        row("qcow2 compressed (zstd), read all of 1 GiB", raw, List.of("-c", "-o", "compression_type=zstd"));
    }

    private void row(String name, String raw, List<String> options) throws IOException {
        Path image = folder.resolve("image");
        var make = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw", "-O", "qcow2"));
        make.addAll(options);
        make.addAll(List.of(raw, image.toString()));
        Proc.run(LIMIT, make);
        var theirs = new ArrayList<Double>();
        var ours = new ArrayList<Double>();
        for (int round = 0; round <= rounds; round++) {
            double one = theirs(image);
            double other = ours(image);
            if (round > 0) { // the first warms up
                theirs.add(one);
                ours.add(other);
            }
        }
        double peer = Stats.median(theirs);
        double mine = Stats.median(ours);
        table.add(List.of(
                name,
                "MiB/s",
                Unit.digits(peer),
                Unit.digits(mine),
                "%.2f".formatted(mine / peer),
                "≥ " + GOAL + (mine / peer >= GOAL ? ", met" : ", missed")));
    }

    private double theirs(Path image) throws IOException {
        Path out = folder.resolve("theirs");
        Files.deleteIfExists(out);
        long start = System.nanoTime();
        Proc.run(LIMIT, List.of("qemu-img", "convert", "-O", "raw", image.toString(), out.toString()));
        return MIB * 1e9 / (System.nanoTime() - start);
    }

    private double ours(Path image) throws IOException {
        Path out = folder.resolve("ours");
        Files.deleteIfExists(out);
        long start = System.nanoTime();
        try (Arena arena = Arena.ofConfined();
                BlockDevice disk = HostImages.open(new DiskName(image, ""), true);
                BlockDevice to = FileDisk.create(out, disk.size())) {
            MemorySegment piece = arena.allocate(PIECE, 4096);
            for (long off = 0; off < disk.size(); off += PIECE) {
                MemorySegment part = piece.asSlice(0, Math.min(PIECE, disk.size() - off));
                if (!disk.extent(off, part.byteSize()).equals(Extent.hole(part.byteSize()))) {
                    disk.read(part, off);
                    to.write(part, off);
                }
            }
        }
        return MIB * 1e9 / (System.nanoTime() - start);
    }
}
