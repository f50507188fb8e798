// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Ukfs;
import jpuffs.rumpfs.io.Le;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A directory in which something is wrong with each of its many entries.
@Timeout(60)
class RubbishTest {
    private static final int SIZE = 24 << 20;
    private static final int DIRECTORY = 0x10;

    /// The directory, as the content of a file at first.
    private static final int BYTES = 2 << 20;

    /// Where the entries of a file lie, and how many bytes they take.
    private record Entry(int at, int length) {}

    @Test
    void fatIsToldInFewLines() throws IOException {
        MemoryDisk disk = rubbish(Kit.MSDOSFS);
        int entries = BYTES / 32;
        int lines = 100 - 1; // one is that there is no . and ..
        String more = "and " + (entries - 1 - lines) + " more in this directory";
        var report = new ArrayList<String>();
        assertThat(fsck(Kit.MSDOSFS, disk, false, report)).isEqualTo(FsckResult.DAMAGED);
        assertThat(report)
                .hasSize(lines + 3)
                .endsWith(more, "FAT16: " + entries + " errors, nothing written")
                .first()
                .isEqualTo("/d: it does not begin with . and ..");
        assertThat(report.subList(1, lines + 1)).containsOnly("/d/X: there are two of this name");

        report.clear();
        assertThat(fsck(Kit.MSDOSFS, disk, true, report)).isEqualTo(FsckResult.DAMAGED);
        assertThat(report).endsWith(more, "FAT16: " + entries + " errors, 1 left");
    }

    @Test
    void exfatIsToldInFewLinesAndRepaired() throws IOException {
        MemoryDisk disk = rubbish(Kit.EXFAT);
        int sets = BYTES / 96;
        var report = new ArrayList<String>();
        assertThat(fsck(Kit.EXFAT, disk, true, report)).isEqualTo(FsckResult.REPAIRED);
        assertThat(report)
                .hasSize(1 + 100 + 2)
                .startsWith("/d: it has a wrong checksum", "/d/x: there are two of this name")
                .endsWith(
                        "and " + (sets - 1 - 100) + " more in this directory", "exFAT: " + sets + " errors, repaired");

        report.clear();
        assertThat(fsck(Kit.EXFAT, disk, false, report)).as("%s", report).isEqualTo(FsckResult.CLEAN);
        try (Ukfs fs = Ukfs.mount(Kit.EXFAT.type(), disk, FsOptions.NONE, Rumpuser.HOST)) {
            assertThat(fs.list("/d")).hasSize(sets).contains("x", "x~1", "x~" + (sets - 1));
        }
    }

    private static FsckResult fsck(Kit kit, MemoryDisk disk, boolean repair, List<String> report) throws IOException {
        return kit.type().fsck(disk, repair, report::add, Rumpuser.HOST);
    }

    /// A disk with a file `x`, and a directory `d` that is full of its entry.
    private static MemoryDisk rubbish(Kit kit) throws IOException {
        MemoryDisk disk = MemoryDisk.ofSize(SIZE);
        kit.type().newfs(disk, FsOptions.NONE, Rumpuser.HOST);
        var marked = new byte[BYTES];
        Arrays.fill(marked, (byte) 'm');
        try (Ukfs fs = Ukfs.mount(kit.type(), disk, FsOptions.NONE, Rumpuser.HOST)) {
            fs.write("/x", new byte[0]);
            fs.write("/d", marked);
        }
        var bytes = new byte[SIZE];
        disk.read(MemorySegment.ofArray(bytes), 0);
        int content = find(bytes, Arrays.copyOf(marked, 512));
        Entry x = entry(kit, bytes, "x");
        for (int off = 0; off + x.length <= BYTES; off += x.length) {
            System.arraycopy(bytes, x.at, bytes, content + off, x.length);
        }
        Arrays.fill(bytes, content + BYTES / x.length * x.length, content + BYTES, (byte) 0);
        makeDirectory(kit, MemorySegment.ofArray(bytes), entry(kit, bytes, "d"));
        disk.write(MemorySegment.ofArray(bytes), 0);
        return disk;
    }

    private static void makeDirectory(Kit kit, MemorySegment bytes, Entry entry) {
        int attributes = entry.at + (kit == Kit.EXFAT ? 4 : 11);
        Le.put8(bytes, attributes, DIRECTORY);
        if (kit == Kit.MSDOSFS) {
            Le.put32(bytes, entry.at + 28, 0); // a directory does not say how long it is
        }
    }

    /// The entries of a file with a name of one letter.
    private static Entry entry(Kit kit, byte[] bytes, String name) {
        if (kit == Kit.MSDOSFS) {
            byte[] padded = (name.toUpperCase(Locale.ROOT) + " ".repeat(10)).getBytes(US_ASCII);
            return new Entry(find(bytes, padded), 32);
        }
        byte[] third = Arrays.copyOf(("\u00c1" + name + "\0").getBytes(UTF_16LE), 6); // type, flags, name
        return new Entry(find(bytes, third) - 64, 96);
    }

    private static int find(byte[] bytes, byte[] what) {
        for (int at = 0; at + what.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        throw new AssertionError("not on the disk");
    }
}
