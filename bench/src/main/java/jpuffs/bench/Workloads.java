// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.List;
import java.util.stream.Stream;

/// All rows of the comparison, in the order they run.
final class Workloads {
    /// Folders and files of the source.
    static final String FILES = "files", MANY = "many", DATA = "data", OUT = "out", REPO = "repo", TREE = "tree";

    /// Rows that are done in this process.
    static final String IN_UNPACK = "in-unpack", IN_WALK = "in-walk", IN_COPY_OUT = "in-copy-out";

    private static final Goal LEVEL = Goal.passthroughLl(1.0);
    private static final Goal NATIVE = Goal.nativeFolder(0.9);
    private static final Goal TREES = Goal.passthroughLl(1.3);

    private Workloads() {}

    static List<Workload> all() {
        return Stream.of(metadata(), data(), clients(), passthrough(), trees())
                .flatMap(List::stream)
                .toList();
    }

    /// The rows on disk images, in the order they run: what one leaves the next one uses.
    static List<Workload> images() {
        Group data = Group.IMAGE_DATA;
        Group many = Group.IMAGE_CLIENTS;
        Group tree = Group.IMAGE_TREE;
        Goal disk = Goal.kernel(0.95);
        Goal four = Goal.fuse2fs(4).and(Goal.passthroughLl(1.3));
        Goal lists = Goal.fuse2fs(4).and(Goal.passthroughLl(1.3).and(Goal.passthroughLlWithXattrs(1.3)));
        Workload.Load list = p -> run("ls", "-lR", tree(p));
        Workload.Load status = p -> run("git", "-C", p.dir().resolve(REPO).toString(), "status", "--porcelain");
        return List.of(
                cold("image-read", data, Unit.MILLIS, disk, p -> run("dd", "if=" + data(p), "of=/dev/null", "bs=1M")),
                cold(
                        "image-write",
                        data,
                        Unit.MILLIS,
                        disk,
                        p -> run("dd", "if=" + data(p), "of=" + p.own().resolve(OUT), "bs=1M", "conv=fsync")),
                Workload.of("image-read-4k", data, Unit.MICROS, disk, repeat("directread", DATA, 1)),
                Workload.of("image-read-4k-x2", many, Unit.THOUSANDS_A_SECOND, disk, repeat("directread", DATA, 2)),
                Workload.of("image-read-4k-x4", many, Unit.THOUSANDS_A_SECOND, disk, repeat("directread", DATA, 4)),
                cold(
                        "image-unpack",
                        tree,
                        Unit.MILLIS,
                        four,
                        p -> run("tar", "-xf", p.tar().toString(), "-C", p.own().toString())),
                cold("image-find", tree, Unit.MILLIS, four, p -> run("find", tree(p))),
                cold("image-ls-lR", tree, Unit.MILLIS, lists, list),
                new Workload("image-ls-lR-warm", tree, Unit.MILLIS, lists, false, list, list),
                cold("image-grep-r", tree, Unit.MILLIS, four, p -> run("grep", "-rc", "a", tree(p))),
                new Workload("image-git-status", tree, Unit.MILLIS, four, true, status, status),
                cold("image-rm-rf", tree, Unit.MILLIS, four, p -> run("rm", "-rf", tree(p))));
    }

    /// The rows of [InProcess], in the order they run. None has a program as client.
    static List<Workload> inProcess() {
        Goal kernel = Goal.kernel(1.0);
        return Stream.of(IN_UNPACK, IN_WALK, IN_COPY_OUT)
                .map(name -> cold(name, Group.IN_PROCESS, Unit.MILLIS, kernel, _ -> List.of()))
                .toList();
    }

    private static String data(Workload.Place place) {
        return place.dir().resolve(DATA).toString();
    }

    private static List<Workload> metadata() {
        Group g = Group.METADATA;
        return List.of(
                Workload.of("stat", g, Unit.MICROS, LEVEL, repeat("stat", FILES, 1)),
                Workload.of("negative-lookup", g, Unit.MICROS, LEVEL, repeat("miss", FILES, 1)),
                Workload.of("create-unlink", g, Unit.MICROS, LEVEL, repeat("create", FILES, 1)),
                Workload.of("open-close", g, Unit.MICROS, LEVEL, repeat("open", FILES, 1)),
                Workload.of("readdir-10k", g, Unit.MILLIS, LEVEL, repeat("readdir", MANY, 1)));
    }

    private static List<Workload> data() {
        Group g = Group.DATA;
        return List.of(
                // After readdir: passthrough_ll searches all nodes it knows, one by one.
                cold("random-read-4k", g, Unit.MICROS, LEVEL, repeat("randread", DATA, 1)),
                Workload.of("seq-read-1m", g, Unit.MIB_A_SECOND, LEVEL, repeat("seqread", DATA, 1)),
                Workload.of("seq-write-1m", g, Unit.MIB_A_SECOND, LEVEL, repeat("seqwrite", OUT, 1)));
    }

    private static List<Workload> clients() {
        Group g = Group.CLIENTS;
        Goal reads = Goal.passthroughLlByRings(1.7);
        Goal misses = Goal.passthroughLlByRings(1.2);
        return List.of(
                Workload.of("random-read-4k-x2", g, Unit.THOUSANDS_A_SECOND, reads, repeat("randread", DATA, 2)),
                Workload.of("negative-lookup-x2", g, Unit.THOUSANDS_A_SECOND, misses, repeat("miss", FILES, 2)));
    }

    private static List<Workload> passthrough() {
        Group g = Group.PASSTHROUGH;
        return List.of(
                Workload.of("random-read-4k-pt", g, Unit.MICROS, NATIVE, repeat("randread", DATA, 1)),
                Workload.of("seq-read-1m-pt", g, Unit.MIB_A_SECOND, NATIVE, repeat("seqread", DATA, 1)),
                Workload.of("seq-write-1m-pt", g, Unit.MIB_A_SECOND, NATIVE, repeat("seqwrite", OUT, 1)));
    }

    private static List<Workload> trees() {
        Group g = Group.TREE;
        Workload.Load status = p -> run("git", "-C", p.dir().resolve(REPO).toString(), "status", "--porcelain");
        return List.of(
                Workload.of(
                        "unpack",
                        g,
                        Unit.MILLIS,
                        TREES,
                        p -> run("tar", "-xf", p.tar().toString(), "-C", p.own().toString())),
                cold("find", g, Unit.MILLIS, TREES, p -> run("find", tree(p))),
                cold("ls-lR", g, Unit.MILLIS, TREES, p -> run("ls", "-lR", tree(p))),
                new Workload("git-status", g, Unit.MILLIS, TREES, true, status, status),
                Workload.of("rm-rf", g, Unit.MILLIS, TREES, p -> run("rm", "-rf", tree(p))));
    }

    private static Workload cold(String name, Group group, Unit unit, Goal goal, Workload.Load load) {
        return new Workload(name, group, unit, goal, true, _ -> List.of(), load);
    }

    private static String tree(Workload.Place place) {
        return place.own().resolve(TREE).toString();
    }

    private static Workload.Load repeat(String op, String path, int clients) {
        return p -> List.of(op, p.dir().resolve(path).toString(), "" + clients, "" + p.millis());
    }

    private static List<String> run(String... command) {
        return Stream.concat(Stream.of("run", "-"), Stream.of(command)).toList();
    }
}
