// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;
import jpuffs.rumpfs.Ukfs;

/// A tree of all that readers may take in different ways: names, depth, sizes, clusters here and there. The same
/// seed makes the same. Paths have no slash in front.
final class SampleTree {
    /// A letter of two UTF-16 units, which mtools and p7zip leave out.
    private static final String ASTRAL = "\ud83d\ude00 smile.txt";

    private static final String[] NAMES = {
        "README.TXT",
        "lower.txt",
        "Mixed.Case",
        ".hidden",
        "name with  blanks.and.dots",
        "a+b=[c];,d.e",
        "x".repeat(255),
        "日".repeat(85),
        "Grüße an alle.txt",
        "Ελληνικά.txt",
        "Привет мир",
        "日本語のファイル名.txt",
        "e\u0301 of two.txt",
        ASTRAL
    };
    private static final int[] SIZES = {0, 1, 511, 512, 513, 4095, 4096, 4097, 32_768, 100_001, 1_500_000};
    private static final int DEPTH = 20;
    private static final int MANY = 90;
    private static final int PIECES = 40;

    private final SplittableRandom random;
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final TreeSet<String> directories = new TreeSet<>();

    SampleTree(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /// What each file holds.
    Map<String, byte[]> files() {
        return files;
    }

    /// Writes it.
    void write(Ukfs fs) throws IOException {
        for (String name : NAMES) {
            file(fs, name, 20 + random.nextInt(2000));
        }
        for (int size : SIZES) {
            file(fs, "size " + size, size);
        }
        directory(fs, "an empty directory");
        deep(fs);
        many(fs);
        inPieces(fs.process());
        changed(fs);
    }

    private byte[] bytes(int size) {
        var bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private void file(Ukfs fs, String path, int size) throws IOException {
        byte[] content = bytes(size);
        fs.write("/" + path, content);
        files.put(path, content);
    }

    private void directory(Ukfs fs, String path) throws IOException {
        fs.mkdir("/" + path);
        directories.add(path);
    }

    private void deep(Ukfs fs) throws IOException {
        String path = "deep";
        directory(fs, path);
        for (int i = 1; i <= DEPTH; i++) {
            path += "/Level " + i;
            directory(fs, path);
        }
        file(fs, path + "/at the bottom of all", 3000);
    }

    /// A directory of several clusters, with gaps, and with short names that must be told apart.
    private void many(Ukfs fs) throws IOException {
        directory(fs, "many");
        for (int i = 0; i < MANY; i++) {
            file(fs, "many/longer than eight letters " + i + ".data", random.nextInt(40));
        }
        for (int i = 0; i < MANY; i += 3) {
            String path = "many/longer than eight letters " + i + ".data";
            fs.remove("/" + path);
            files.remove(path);
        }
        file(fs, "many/n", 10); // fits into a gap
    }

    /// Two files that grow in turn, so that no cluster lies beside the one before it.
    private void inPieces(Process process) throws ErrnoException {
        var content = new byte[2][];
        var fds = new int[2];
        for (int i = 0; i < 2; i++) {
            content[i] = bytes(PIECES * 5000);
            String path = "in pieces " + i;
            fds[i] = process.openat(AT_FDCWD, ("/" + path).getBytes(UTF_8), O_CREAT | O_RDWR, 0644);
            files.put(path, content[i]);
        }
        for (int off = 0; off < PIECES * 5000; off += 5000) {
            for (int i = 0; i < 2; i++) {
                MemorySegment piece = MemorySegment.ofArray(content[i]).asSlice(off, 5000);
                assertThat(process.pwrite(fds[i], piece, off)).isEqualTo(5000);
            }
        }
        for (int fd : fds) {
            process.close(fd);
        }
    }

    /// Files that were longer, or had other names.
    private void changed(Ukfs fs) throws IOException {
        file(fs, "old name", 20_000);
        fs.rename("/old name", "/deep/a new name, in another directory");
        files.put("deep/a new name, in another directory", files.remove("old name"));
        file(fs, "cut and grown", 50_000);
        fs.process().truncate("/cut and grown".getBytes(UTF_8), 7000);
        byte[] grown = bytes(30_000);
        System.arraycopy(files.get("cut and grown"), 0, grown, 0, 7000);
        int fd = fs.process().openat(AT_FDCWD, "/cut and grown".getBytes(UTF_8), O_RDWR, 0);
        assertThat(fs.process().pwrite(fd, MemorySegment.ofArray(grown).asSlice(7000), 7000))
                .isEqualTo(23_000);
        fs.process().close(fd);
        files.put("cut and grown", grown);
    }

    /// Fails unless exactly this tree is in a directory of the host, where a program that leaves letters out has
    /// put it.
    void requireCopyWithoutAstral(Path copy) throws IOException {
        var expected = new TreeSet<>(directories);
        expected.addAll(files.keySet());
        expected.remove(ASTRAL);
        try (Stream<Path> all = Files.walk(copy)) {
            assertThat(all.map(path -> copy.relativize(path).toString())
                            .filter(path -> !path.isEmpty() && !path.contains("smile")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
        for (var file : files.entrySet()) {
            if (!file.getKey().equals(ASTRAL)) {
                require(file.getKey(), Files.readAllBytes(copy.resolve(file.getKey())));
            }
        }
    }

    /// The path that begins so: of names of 200 letters and more, fls leaves out the last entry's.
    String completed(String path) {
        String next = files.ceilingKey(path);
        return next != null && path.length() >= 180 && next.startsWith(path) ? next : path;
    }

    /// Fails unless these are the bytes of the file.
    void require(String path, byte[] bytes) {
        byte[] expected = files.get(path);
        assertThat(expected).as(path).isNotNull();
        assertThat(Arrays.mismatch(expected, bytes))
                .as("first byte of %s that differs, of %d", path, expected.length)
                .isEqualTo(-1);
    }
}
