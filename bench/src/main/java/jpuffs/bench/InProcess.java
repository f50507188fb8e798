// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.core.Attr;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Ukfs;

/// A file system used in process, without a mount, beside the kernel's driver through system calls: the same Java
/// program puts a tree of files into an image, walks it and copies it out. Each turn begins with an image that was
/// just opened or mounted and nothing cached.
final class InProcess {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
    private static final long SEED = 5;
    private static final String TOP = "in-process";

    private final Workbench bench;
    private final Images images;
    private final Results results;
    private final Path source; // the tree to put in
    private final Path out;
    private final List<Path> paths = new ArrayList<>(); // of the source, folders before what is in them

    InProcess(Workbench bench, Images images, Results results) throws IOException {
        this.bench = bench;
        this.images = images;
        this.results = results;
        this.source = bench.temp().resolve("in-process-source");
        this.out = bench.temp().resolve("in-process-out");
        new SourceTree(SEED).make(source, bench.options().treeFiles());
        try (Stream<Path> all = Files.walk(source)) {
            all.forEach(paths::add);
        }
    }

    /// One who keeps files; paths begin with a slash.
    private interface Keeper extends AutoCloseable {
        void mkdir(String path) throws IOException;

        void copyIn(Path file, String path) throws IOException;

        /// The names in a folder.
        List<String> list(String path) throws IOException;

        boolean isFolder(String path) throws IOException;

        void copyOut(String path, Path file) throws IOException;

        /// Makes all durable and ends the use.
        @Override
        void close() throws IOException;
    }

    /// The kernel's driver on a loop device.
    private final class Mounted implements Keeper {
        private final Path dir;

        Mounted(Path image) throws IOException {
            dir = images.mountLoop(image);
        }

        private Path at(String path) {
            return dir.resolve(path.substring(1));
        }

        @Override
        public void mkdir(String path) throws IOException {
            Files.createDirectory(at(path));
        }

        @Override
        public void copyIn(Path file, String path) throws IOException {
            Files.copy(file, at(path));
        }

        @Override
        public List<String> list(String path) throws IOException {
            try (Stream<Path> all = Files.list(at(path))) {
                return all.map(p -> p.getFileName().toString()).toList();
            }
        }

        @Override
        public boolean isFolder(String path) {
            return Files.isDirectory(at(path));
        }

        @Override
        public void copyOut(String path, Path file) throws IOException {
            Files.copy(at(path), file);
        }

        @Override
        public void close() throws IOException {
            MountTable.unmount(dir);
        }
    }

    /// Ours, in this process.
    private record Opened(Ukfs fs) implements Keeper {
        static Opened of(Path image) throws IOException {
            return new Opened(Ukfs.open(image.toString(), FsOptions.NONE));
        }

        @Override
        public void mkdir(String path) throws IOException {
            fs.mkdir(path);
        }

        @Override
        public void copyIn(Path file, String path) throws IOException {
            fs.copyIn(file, path);
        }

        @Override
        public List<String> list(String path) throws IOException {
            return fs.list(path);
        }

        @Override
        public boolean isFolder(String path) throws IOException {
            Attr attr = fs.stat(path);
            return attr.isDirectory();
        }

        @Override
        public void copyOut(String path, Path file) throws IOException {
            fs.copyOut(path, file);
        }

        @Override
        public void close() throws IOException {
            fs.close();
        }
    }

    /// All rounds; one more comes before them, which does not count.
    void rounds(Contender kernel, Contender ours) throws IOException {
        int rounds = bench.options().rounds();
        for (int round = 0; round <= rounds; round++) {
            Main.say(round == 0 ? "in process: warming up" : "in process: round " + round + " of " + rounds);
            for (int turn = 0; turn < 2; turn++) {
                turn((round + turn) % 2 == 0 ? kernel : ours, round > 0);
            }
        }
    }

    private void turn(Contender contender, boolean counts) throws IOException {
        Path image = images.sourceOf(contender);
        for (Workload workload : Workloads.inProcess()) {
            Files.writeString(DROP_CACHES, "3");
            long begin;
            try (Keeper keeper = contender.ours() ? Opened.of(image) : new Mounted(image)) {
                begin = System.nanoTime();
                work(workload, keeper);
            } // writes what is not written yet
            long nanos = System.nanoTime() - begin;
            if (counts) {
                results.add(new Results.Cell(workload, contender), new Sample(1, nanos, nanos, nanos));
            }
        }
        Files.delete(image);
    }

    private void work(Workload workload, Keeper keeper) throws IOException {
        switch (workload.name()) {
            case Workloads.IN_UNPACK -> copyIn(keeper);
            case Workloads.IN_WALK -> walk(keeper, "/" + TOP);
            default -> copyOut(keeper);
        }
    }

    private String inside(Path path) {
        return "/" + TOP + (path.equals(source) ? "" : "/" + source.relativize(path));
    }

    private void copyIn(Keeper keeper) throws IOException {
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                keeper.mkdir(inside(path));
            } else {
                keeper.copyIn(path, inside(path));
            }
        }
    }

    private static void walk(Keeper keeper, String folder) throws IOException {
        for (String name : keeper.list(folder)) {
            String path = folder + "/" + name;
            if (keeper.isFolder(path)) {
                walk(keeper, path);
            }
        }
    }

    private void copyOut(Keeper keeper) throws IOException {
        for (Path path : paths) {
            Path to = out.resolve(source.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectories(to);
            } else {
                keeper.copyOut(inside(path), to);
            }
        }
        Proc.run(DEADLINE, List.of("rm", "-rf", out.toString()));
    }
}
