// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Makes a tree of files that looks like a source tree: most files are a few KiB, some large, folders up to seven
/// deep.
///
/// The same seed makes the same tree, byte for byte.
final class SourceTree {
    private static final int FILES_A_FOLDER = 12;
    private static final int DEEPEST = 7;
    private static final int MEDIAN_SIZE = 2500;
    private static final int LARGEST = 256 << 10;
    private static final double SIGMA = 1.3;
    private static final List<String> SUFFIXES = List.of(".c", ".h", ".java", ".md", ".txt", ".xml", "");

    private record Folder(Path path, int depth) {}

    private final SplittableRandom random;
    private final int median; // of the sizes
    private final byte[] text = new byte[1 << 20];

    SourceTree(long seed) {
        this(seed, MEDIAN_SIZE);
    }

    /// @param median of the sizes of its files; their mean is about twice that
    SourceTree(long seed, int median) {
        random = new SplittableRandom(seed);
        this.median = median;
        for (int i = 0; i < text.length; i++) {
            int r = random.nextInt(40);
            text[i] = (byte) (r < 26 ? 'a' + r : r < 38 ? ' ' : '\n');
        }
    }

    /// Makes `files` files in a new folder and its folders.
    void make(Path root, int files) throws IOException {
        List<Folder> folders = folders(root, Math.max(1, files / FILES_A_FOLDER));
        for (int i = 0; i < files; i++) {
            Path dir = folders.get(random.nextInt(folders.size())).path;
            String name = word() + "-" + i + SUFFIXES.get(random.nextInt(SUFFIXES.size()));
            Files.write(dir.resolve(name), content(size()));
        }
    }

    private List<Folder> folders(Path root, int count) throws IOException {
        var folders = new ArrayList<>(List.of(new Folder(Files.createDirectories(root), 0)));
        while (folders.size() < count) {
            Folder parent = folders.get(random.nextInt(folders.size()));
            if (parent.depth < DEEPEST) {
                Path dir = parent.path.resolve(word() + folders.size());
                folders.add(new Folder(Files.createDirectory(dir), parent.depth + 1));
            }
        }
        return folders;
    }

    private String word() {
        int length = 3 + random.nextInt(9);
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) ('a' + random.nextInt(26));
        }
        return new String(letters, StandardCharsets.US_ASCII);
    }

    /// Log-normal, as sizes of files are.
    private int size() {
        return (int) Math.min(LARGEST, median * Math.exp(SIGMA * random.nextGaussian()));
    }

    private byte[] content(int size) {
        int from = random.nextInt(text.length - size);
        return Arrays.copyOfRange(text, from, from + size);
    }
}
