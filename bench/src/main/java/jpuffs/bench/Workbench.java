// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a run needs on the machine: the source's files, compiled programs, settings. [Undo] takes it all away
/// again.
final class Workbench {
    private static final Duration TO_COMPILE = Duration.ofMinutes(2);
    private static final Duration TO_BUILD = Duration.ofMinutes(15);
    private static final Path ENABLE_URING = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
    private static final long SEED = 2026;
    private static final int ENTRIES = 10_000;
    private static final int DATA_SIZE = 64 << 20;

    private final Options options;
    private final Undo undo;
    private final Path home;
    private final Path temp;
    private final Path source;
    private final Path load;

    /// Makes the folders and compiles the client.
    Workbench(Options options, Undo undo) throws IOException {
        this.options = options;
        this.undo = undo;
        home = Path.of(System.getProperty("puffs.home", ".")).toAbsolutePath().normalize();
        temp = Files.createTempDirectory("puffs-bench-");
        undo.add("remove " + temp, () -> remove(temp));
        source = sourceFolder();
        load = CProgram.compile(temp, home.resolve("bench/src/main/c/load.c"), List.of("-pthread"));
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /// The servers that can run here; what cannot is named with the reason.
    List<Contender> contenders() throws IOException {
        var all = new ArrayList<>(List.of(Contender.folder()));
        if (Proc.find("bindfs").isEmpty()) {
            Main.say("bindfs is left out: it is not installed (Debian: bindfs)");
        } else {
            all.add(Contender.bindfs());
        }
        addPassthroughLl(all);
        addPuffs(all);
        return options.contenders(all);
    }

    private void addPassthroughLl(List<Contender> all) {
        try {
            Path program = passthroughLl();
            all.add(Contender.passthroughLl(program, true));
            all.add(Contender.passthroughLl(program, false));
        } catch (IOException e) {
            Main.say("passthrough_ll is left out: " + e.getMessage() + " (Debian: gcc pkg-config libfuse3-dev)");
        }
    }

    private void addPuffs(List<Contender> all) throws IOException {
        Proc.run(TO_BUILD, List.of(home.resolve("puffs").toString(), "help")); // builds what is not built
        all.add(Contender.puffs(home, false));
        boolean rings = ringsEnabled();
        if (rings) {
            all.add(Contender.puffs(home, true));
        } else {
            Main.say("puffs ring is left out: " + ENABLE_URING + " is not Y, and only root can set it");
        }
        all.add(Contender.puffsWithoutXattrs(home, rings));
    }

    /// Switches FUSE over io_uring on for the time we run, where we may.
    private boolean ringsEnabled() throws IOException {
        if (!Files.isReadable(ENABLE_URING)) {
            return false;
        }
        String before = Files.readString(ENABLE_URING).strip();
        if (!before.equals("Y") && Files.isWritable(ENABLE_URING)) {
            undo.add("reset " + ENABLE_URING, () -> Files.writeString(ENABLE_URING, before));
            Files.writeString(ENABLE_URING, "Y");
        }
        return Files.readString(ENABLE_URING).strip().equals("Y");
    }

    private Path passthroughLl() throws IOException {
        return CProgram.libfuseExample(temp, "passthrough_ll");
    }

    private Path sourceFolder() throws IOException {
        if (!options.src().isEmpty()) {
            Path dir = Files.createTempDirectory(Path.of(options.src()).toAbsolutePath(), "puffs-bench-");
            undo.add("remove " + dir, () -> remove(dir));
            return dir;
        }
        Path dir = Files.createDirectory(temp.resolve("source"));
        if (isRoot()) {
            undo.add("unmount " + dir, () -> MountTable.unmount(dir));
            Proc.run(TO_COMPILE, List.of("mount", "-t", "tmpfs", "-o", "size=4g,mode=0755", "tmpfs", dir.toString()));
        } else {
            Main.say("the source is in " + temp.getParent() + ": only root can mount a tmpfs (or say --src)");
        }
        return dir;
    }

    /// Fills the source for a mode.
    void fill(Mode mode) throws IOException {
        if (mode == Mode.DEFAULT) {
            fillTree(source);
            return;
        }
        if (Files.exists(source.resolve(Workloads.FILES))) {
            return;
        }
        for (int i = 0; i < 16; i++) {
            Files.writeString(
                    Files.createDirectories(source.resolve(Workloads.FILES)).resolve("f" + i), "hello\n");
        }
        Path many = Files.createDirectories(source.resolve(Workloads.MANY));
        for (int i = 0; i < ENTRIES; i++) {
            Files.createFile(many.resolve("entry-" + i));
        }
        for (String name : List.of(Workloads.DATA, Workloads.OUT)) {
            fillFile(source.resolve(name), DATA_SIZE);
        }
    }

    /// Fills a disk image, mounted on a folder, with the files of [Workloads#images].
    void fillImage(Path dir, int dataMib) throws IOException {
        fillFile(dir.resolve(Workloads.DATA), (long) dataMib << 20);
        fillTree(dir);
    }

    /// libfuse's passthrough_ll as a peer of file systems on images, if it is here.
    List<Contender> passthroughLlForImages() {
        try {
            Path program = passthroughLl();
            return List.of(Contender.passthroughLl(program, false), Contender.passthroughLlWithXattrs(program));
        } catch (IOException e) {
            Main.say("passthrough_ll is left out: " + e.getMessage() + " (Debian: gcc pkg-config libfuse3-dev)");
            return List.of();
        }
    }

    private static void fillFile(Path file, long size) throws IOException {
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long done = 0; done < size; done += block.length) {
                out.write(block);
            }
        }
    }

    /// A tree to unpack, and a repository of half the size: passthrough_ll holds every file it knows open, and for
    /// both together the limit of open files must do.
    private void fillTree(Path folder) throws IOException {
        Path packed = folder.resolve(Workloads.TREE);
        new SourceTree(SEED).make(packed, options.treeFiles());
        String from = folder.toString();
        Proc.run(TO_COMPILE, List.of("tar", "-cf", tar().toString(), "--sort=name", "-C", from, Workloads.TREE));
        Proc.run(TO_COMPILE, List.of("rm", "-rf", packed.toString()));
        Path repo = folder.resolve(Workloads.REPO);
        new SourceTree(SEED).make(repo, options.treeFiles() / 2);
        String dir = repo.toString();
        Proc.run(TO_COMPILE, List.of("git", "-C", dir, "init", "-q"));
        Proc.run(TO_COMPILE, List.of("git", "-C", dir, "add", "."));
        var commit =
                List.of("git", "-C", dir, "-c", "user.name=bench", "-c", "user.email=bench", "commit", "-qm", "tree");
        Proc.run(TO_COMPILE, commit);
    }

    /// Waits until the source's writes are on its disk, and drops the kernel's dentries and inodes if we may.
    void dropCaches() throws IOException {
        Proc.run(TO_COMPILE, List.of("sync", "-f", source.toString()));
        if (Files.isWritable(DROP_CACHES)) {
            Files.writeString(DROP_CACHES, "2");
        }
    }

    Path tar() {
        return temp.resolve("tree.tar");
    }

    Path source() {
        return source;
    }

    Path temp() {
        return temp;
    }

    Path home() {
        return home;
    }

    Undo undo() {
        return undo;
    }

    Options options() {
        return options;
    }

    /// The client and its arguments.
    List<String> load(List<String> words) {
        var command = new ArrayList<>(List.of(load.toString()));
        command.addAll(words);
        return command;
    }

    /// Removes a folder of ours. What is mounted in it is gone already, or rm does not go into it.
    private static void remove(Path dir) throws IOException {
        Proc.run(TO_COMPILE, List.of("rm", "-rf", "--one-file-system", dir.toString()));
    }
}
