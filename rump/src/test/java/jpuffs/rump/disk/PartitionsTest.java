// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.rump.disk.FileDiskTest.assertErrno;
import static jpuffs.rump.disk.FileDiskTest.filled;
import static jpuffs.rump.disk.FileDiskTest.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Tables made by sfdisk(8) and, where no Linux tool makes them, by hand.
@Timeout(60)
class PartitionsTest {
    private static final int MIB = 1 << 20;
    private static final Path SFDISK = Path.of("/sbin/sfdisk");

    @TempDir
    private Path dir;

    private FileDisk made(String script) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(SFDISK), "no sfdisk");
        Path file = dir.resolve("disk");
        FileDisk.create(file, 64 * MIB).close();
        var sfdisk = new ProcessBuilder(SFDISK.toString(), "-q", "--no-reread", "--no-tell-kernel", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
        try (var in = sfdisk.getOutputStream()) {
            in.write(script.getBytes(UTF_8));
        }
        assertThat(sfdisk.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(sfdisk.exitValue()).as(Files.readString(dir.resolve("log"))).isZero();
        return FileDisk.open(file, false);
    }

    private static PartitionEntry entry(String id, long start, long size, String type, String name) {
        return new PartitionEntry(id, start, size, type, name);
    }

    @Test
    void mbr() throws Exception {
        String script = """
                label: dos
                start=2048,size=8192,type=83
                start=10240,size=40960,type=5
                start=12288,size=4096,type=c
                start=18432,size=2048,type=82
                """;
        try (FileDisk disk = made(script)) {
            Partitions table = Partitions.read(disk);
            assertThat(table.scheme()).isEqualTo("mbr");
            assertThat(table.entries())
                    .containsExactly(
                            entry("p1", MIB, 4 * MIB, "83", ""),
                            entry("p5", 6 * MIB, 2 * MIB, "0c", ""),
                            entry("p6", 9 * MIB, MIB, "82", ""));
        }
    }

    @Test
    void gpt() throws Exception {
        String script = """
                label: gpt
                start=2048,size=8192,type=0FC63DAF-8483-4772-8E79-3D69D8477DE4,name="Wurzel ä"
                start=20480,size=2048,type=L
                """;
        try (FileDisk disk = made(script)) {
            Partitions table = Partitions.read(disk);
            assertThat(table.scheme()).isEqualTo("gpt");
            String linux = "0fc63daf-8483-4772-8e79-3d69d8477de4";
            assertThat(table.entries())
                    .containsExactly(
                            entry("p1", MIB, 4 * MIB, linux, "Wurzel ä"), entry("p2", 10 * MIB, MIB, linux, ""));
            disk.write(filled(512, 0), 512); // the copy at the end is good
            assertThat(Partitions.read(disk)).isEqualTo(table);
            disk.write(filled(512, 0), disk.size() - 512);
            assertErrno(Errno.EUCLEAN, () -> Partitions.read(disk));
        }
    }

    @Test
    void partitionsAreDisks() throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(MIB);
        BlockDevice part = entry("p1", 4096, 8192, "83", "").of(disk);
        part.write(filled(512, 4), 0);
        assertThat(read(disk, 4096, 512)).containsOnly(4);
        assertThat(part.size()).isEqualTo(8192);
        assertErrno(Errno.ENOSPC, () -> part.write(filled(512, 4), 8192));
        assertErrno(Errno.EINVAL, () -> entry("p1", MIB - 512, 1024, "83", "").of(disk));
        assertErrno(Errno.EINVAL, () -> entry("p1", 100, 1024, "83", "").of(disk));
    }

    /// A disklabel with partitions of (first sector, sectors, type).
    private static byte[] disklabel(int[]... partitions) {
        ByteBuffer label = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        label.putInt(0, 0x82564557).putInt(132, 0x82564557).putShort(138, (short) partitions.length);
        for (int i = 0; i < partitions.length; i++) {
            label.putInt(148 + 16 * i, partitions[i][1]);
            label.putInt(152 + 16 * i, partitions[i][0]);
            label.put(160 + 16 * i, (byte) partitions[i][2]);
        }
        short sum = 0;
        for (int at = 0; at < 512; at += 2) {
            sum ^= label.getShort(at);
        }
        return label.putShort(136, sum).array();
    }

    private static MemoryDisk slice(int type, int first, int count) throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(MIB);
        ByteBuffer mbr = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        mbr.put(450, (byte) type).putInt(454, first).putInt(458, count).putShort(510, (short) 0xaa55);
        disk.write(MemorySegment.ofArray(mbr.array()), 0);
        return disk;
    }

    @Test
    void disklabelOfTheWholeDisk() throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(MIB);
        disk.write(MemorySegment.ofArray(disklabel(new int[] {16, 100, 7}, new int[] {116, 50, 1}, new int[3])), 512);
        Partitions table = Partitions.read(disk);
        assertThat(table.scheme()).isEqualTo("bsd");
        assertThat(table.entries())
                .containsExactly(entry("a", 8192, 51200, "7", ""), entry("b", 116 * 512, 25600, "1", ""));
        assertThat(table.find("b").of(disk).size()).isEqualTo(25600);
        assertErrno(Errno.ENXIO, () -> table.find("p1"));
    }

    @Test
    void disklabelOfNetBsdCountsFromTheDisk() throws IOException {
        MemoryDisk disk = slice(0xa9, 64, 1000);
        int[][] parts = {{80, 100, 7}, {180, 10, 1}, {64, 1000, 0}, {0, 2048, 0}};
        disk.write(MemorySegment.ofArray(disklabel(parts)), 65L * 512);
        assertThat(Partitions.read(disk).find("a").start()).isEqualTo(80 * 512);
        assertThat(Partitions.read(disk).entries())
                .extracting(PartitionEntry::id)
                .containsExactly("p1", "a", "b", "c");
    }

    @Test
    void disklabelOfFreeBsdCountsFromItsSlice() throws IOException {
        MemoryDisk disk = slice(0xa5, 64, 1000);
        int[][] parts = {{16, 100, 7}, {116, 10, 1}, {0, 1000, 0}};
        disk.write(MemorySegment.ofArray(disklabel(parts)), 65L * 512);
        assertThat(Partitions.read(disk).find("a").start()).isEqualTo(80 * 512);
    }

    @Test
    void noTable() throws IOException {
        assertThat(Partitions.read(MemoryDisk.ofSize(MIB)).scheme()).isEqualTo("none");
        assertThat(Partitions.read(MemoryDisk.ofSize(512)).scheme()).isEqualTo("none");
    }

    @Test
    void aChainWithoutEnd() throws IOException {
        MemoryDisk disk = slice(5, 64, 1000);
        ByteBuffer ebr = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        ebr.put(450, (byte) 0x83).putInt(454, 1).putInt(458, 10).putShort(510, (short) 0xaa55);
        ebr.put(466, (byte) 5).putInt(470, 1).putInt(474, 10);
        for (int i = 64; i < 66; i++) {
            disk.write(MemorySegment.ofArray(ebr.array()), i * 512L);
        }
        assertThat(Partitions.read(disk).entries()).hasSizeLessThan(129);
    }

    /// Damage is an errno or fewer partitions.
    @Test
    void damagedTables() throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        var random = new Random(seed);
        byte[] sectors = new byte[35 * 512];
        try (FileDisk disk = made("label: gpt\nstart=2048,size=8192\n")) {
            disk.read(MemorySegment.ofArray(sectors), 0);
        }
        byte[] label = disklabel(new int[] {16, 100, 7}, new int[] {116, 50, 1}, new int[3]);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = sectors.clone();
            if (i % 2 == 0) {
                bytes[450] = (byte) random.nextInt(256);
                System.arraycopy(label, 0, bytes, 512, 512);
            }
            for (int n = random.nextInt(8); n >= 0; n--) {
                bytes[random.nextInt(4) == 0 ? random.nextInt(bytes.length) : 446 + random.nextInt(1024)] =
                        (byte) random.nextInt(256);
            }
            MemoryDisk disk = MemoryDisk.ofSize(1 << 20);
            disk.write(MemorySegment.ofArray(bytes), 0);
            try {
                for (PartitionEntry entry : Partitions.read(disk).entries()) {
                    assertThat(entry.of(disk).size()).as("seed %d", seed).isPositive();
                }
            } catch (ErrnoException e) {
                assertThat(e.errno()).as("seed %d", seed).isEqualTo(Errno.EUCLEAN);
            }
        }
    }

    @Test
    void names() throws IOException {
        assertThat(DiskName.parse("a/disk.img@p2")).isEqualTo(new DiskName(Path.of("a/disk.img"), "p2"));
        assertThat(DiskName.parse("disk@a")).hasToString("disk@a");
        assertThat(DiskName.parse("user@host")).isEqualTo(new DiskName(Path.of("user@host"), ""));
        Path literal = Files.createFile(dir.resolve("disk@p1"));
        assertThat(DiskName.parse(literal.toString())).isEqualTo(new DiskName(literal, ""));
        assertErrno(Errno.ENXIO, () -> DiskName.parse("x@p1").in(MemoryDisk.ofSize(MIB)));
    }
}
