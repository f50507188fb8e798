// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jpuffs.bench.ImageRow.Step;
import jpuffs.bench.ImageRow.Turn;
import jpuffs.cli.HostImages;
import jpuffs.core.BlockDevice;
import jpuffs.core.Extent;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.FileDisk;

/// What `puffs bench images` compares: the files it needs, in a folder, and the rows.
final class ImageRows {
    static final String FAT = "fat";
    static final String EXT4 = "ext4";
    static final String QCOW2 = "qcow2";

    /// Ways of ours.
    static final String COMMAND = "command";

    static final String MOUNTED = "mounted";

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final long SEED = 2026;
    private static final int PIECE = 2 << 20;

    /// Makes about 30 KiB a file.
    private static final int MANY_MEDIAN = 15_000;

    private final Path folder;
    private final String puffs;
    private final boolean quick;

    /// @param puffs the command
    ImageRows(Path folder, String puffs, boolean quick) {
        this.folder = folder;
        this.puffs = puffs;
        this.quick = quick;
    }

    private int mebibytes() {
        return quick ? 64 : 1024;
    }

    private int files() {
        return quick ? 200 : 2000;
    }

    private int manyFiles() {
        return quick ? 1000 : 10_000;
    }

    /// Runs a script in the folder, where `puffs` is the command.
    String shell(String script) throws IOException {
        String whole = "cd %s; PATH=$PATH:/usr/sbin:/sbin; export MTOOLS_SKIP_CHECK=1; puffs() { %s \"$@\"; }\n%s"
                .formatted(folder, puffs, script);
        return Proc.run(LIMIT, List.of("bash", "-ec", whole));
    }

    private Step script(String text) {
        return () -> shell(text);
    }

    /// The command `puffs fs` in this process, its operands in the folder. What it says of a failure is thrown.
    private Step inProcess(String... words) {
        return () -> {
            var text = new ByteArrayOutputStream();
            var said = new PrintStream(text, true, StandardCharsets.UTF_8);
            if (jpuffs.cli.Main.run(words, said, said) != 0) {
                throw new IOException(text.toString(StandardCharsets.UTF_8));
            }
        };
    }

    /// Makes the files of a group, in place of those of another.
    void fill(String group) throws IOException {
        shell("rm -rf -- *");
        switch (group) {
            case FAT -> fillFat();
            case EXT4 -> fillExt4();
            default -> fillQcow2();
        }
    }

    private void fillFat() throws IOException {
        new SourceTree(SEED).make(folder.resolve("tree"), files());
        shell("""
                mkdir data; head -c %dM /dev/urandom >data/data
                truncate -s %dM empty.fat; mkfs.fat -F 32 empty.fat >/dev/null
                cp --sparse=always empty.fat full.fat; mcopy -s -Q -i full.fat tree data/data ::
                """.formatted(mebibytes(), fatMebibytes()));
    }

    private void fillExt4() throws IOException {
        new SourceTree(SEED, MANY_MEDIAN).make(folder.resolve("many/many"), manyFiles());
        shell("""
                mkdir data; head -c %dM /dev/urandom >data/data
                mke2fs -q -F -t ext4 -d many many.ext4 512M; mke2fs -q -F -t ext4 -d data data.ext4 %dM
                """.formatted(mebibytes(), mebibytes() + 256));
    }

    /// Half of it compresses: text and random bytes in turns.
    private void fillQcow2() throws IOException {
        shell("""
                for i in $(seq %d); do head -c 32M /dev/urandom; yes "line $i" | head -c 32M; done >raw
                qemu-img convert -f raw -O qcow2 raw plain.qcow2
                qemu-img convert -f raw -O qcow2 -c raw zlib.qcow2
                qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd raw zstd.qcow2
                """.formatted(mebibytes() / 64));
    }

    /// The size of the FAT32 images.
    int fatMebibytes() {
        return mebibytes() + 512;
    }

    /// The rows of a group.
    List<ImageRow> rows(String group) {
        String large = mebibytes() + " MiB";
        return switch (group) {
            case FAT ->
                List.of(
                        fatIn("tree", "tree", files() + " files", files()),
                        fatOut("tree", "tree", files() + " files", files()),
                        fatIn("data", "data/data", large, 0),
                        fatOut("data", "data/data", large, 0));
            case EXT4 ->
                List.of(
                        ext4Out("many", "many/many", manyFiles() + " files of 30 KiB", manyFiles()),
                        ext4Out("data", "data/data", large, 0));
            default ->
                List.of(
                        qcow2("plain", "qcow2, " + large),
                        qcow2("zlib", "qcow2 compressed (zlib), " + large),
                        qcow2("zstd", "qcow2 compressed (zstd), " + large));
        };
    }

    /// @param count of files; 0 for one large one, which is measured in MiB
    private ImageRow row(
            String group, String name, int count, double goal, List<Turn> others, Turn ours, Turn... ways) {
        return new ImageRow(
                group,
                name,
                count > 0 ? "files/s" : "MiB/s",
                count > 0 ? count : mebibytes(),
                goal,
                others,
                ours,
                List.of(ways));
    }

    /// Each begins with an empty image; mtools reads all of them back.
    private ImageRow fatIn(String name, String source, String what, int count) {
        String fresh = "rm -f new.fat; cp --sparse=always empty.fat new.fat";
        Step check =
                script("rm -rf check; mkdir check; mcopy -s -n -Q -i new.fat ::%1$s check; diff -rq %2$s check/%1$s"
                        .formatted(name, source));
        Turn mcopy = new Turn("mcopy", script(fresh), script("mcopy -s -Q -i new.fat %s ::".formatted(source)), check);
        Turn ours =
                new Turn("ours", script(fresh), inProcess("fs", "cp", "-r", at(source), at("new.fat:/")), check, true);
        Turn command = new Turn(COMMAND, script(fresh), script("puffs fs cp -r %s new.fat:/".formatted(source)), check);
        Turn mounted = new Turn(
                MOUNTED,
                script(fresh + "; " + mount("new.fat")),
                script("cp -r %s mnt/; puffs umount mnt".formatted(source)),
                check);
        return row(FAT, "FAT32, " + what + " in", count, 2, List.of(mcopy), ours, command, mounted);
    }

    /// A name in the folder; no Path, which would leave a slash at its end out.
    private String at(String name) {
        return folder + "/" + name;
    }

    private static String mount(String image) {
        return "mkdir -p mnt; ! mountpoint -q mnt || puffs umount -f mnt; puffs mount msdosfs " + image + " mnt";
    }

    private ImageRow fatOut(String name, String source, String what, int count) {
        String fresh = "rm -rf out; mkdir out";
        Step check = script("diff -rq %s out/%s".formatted(source, name));
        Turn mcopy =
                new Turn("mcopy", script(fresh), script("mcopy -s -n -Q -i full.fat ::%s out".formatted(name)), check);
        Turn ours = new Turn(
                "ours", script(fresh), inProcess("fs", "cp", "-r", at("full.fat:/" + name), at("out")), check, true);
        Turn command =
                new Turn(COMMAND, script(fresh), script("puffs fs cp -r full.fat:/%s out".formatted(name)), check);
        Turn mounted = new Turn(
                MOUNTED,
                script(fresh + "; " + mount("full.fat")),
                script("cp -r mnt/%s out; puffs umount mnt".formatted(name)),
                check);
        return row(FAT, "FAT32, " + what + " out", count, 2, List.of(mcopy), ours, command, mounted);
    }

    private ImageRow ext4Out(String name, String source, String what, int count) {
        String fresh = "rm -rf out; mkdir out";
        String image = name + ".ext4";
        Step check = script("diff -rq %s out/%s".formatted(source, name));
        String dump = count > 0 ? "rdump /%s out" : "dump /%1$s out/%1$s";
        Turn debugfs = new Turn(
                "debugfs",
                script(fresh),
                script("debugfs -R '%s' %s 2>/dev/null".formatted(dump.formatted(name), image)),
                check);
        Turn seven = new Turn(
                "7z", script(fresh), script("7z x -y -bd -oout %s %s >/dev/null".formatted(image, name)), check);
        Turn ours = new Turn("ours", script(fresh), script("puffs fs cp -r %s:/%s out".formatted(image, name)), check);
        return row(EXT4, "ext4, " + what + " out", count, 1.5, List.of(debugfs, seven), ours);
    }

    /// Ours is in this process: no command converts images.
    private ImageRow qcow2(String image, String name) {
        Step fresh = script("rm -f out.raw");
        Step check = script("cmp raw out.raw");
        Turn theirs =
                new Turn("qemu-img", fresh, script("qemu-img convert -O raw %s.qcow2 out.raw".formatted(image)), check);
        Turn ours = new Turn("ours", fresh, () -> unpack(image + ".qcow2"), check, true);
        return row(QCOW2, name, 0, 0.7, List.of(theirs), ours);
    }

    /// Reads all of a disk and writes it as it is, with holes for what is none.
    private void unpack(String image) throws IOException {
        try (Arena arena = Arena.ofConfined();
                BlockDevice disk = HostImages.open(new DiskName(folder.resolve(image), ""), true);
                BlockDevice to = FileDisk.create(folder.resolve("out.raw"), disk.size())) {
            MemorySegment piece = arena.allocate(PIECE, 4096);
            for (long off = 0; off < disk.size(); off += PIECE) {
                MemorySegment part = piece.asSlice(0, Math.min(PIECE, disk.size() - off));
                if (!disk.extent(off, part.byteSize()).equals(Extent.hole(part.byteSize()))) {
                    disk.read(part, off);
                    to.write(part, off);
                }
            }
        }
    }

    /// Where they are.
    Path folder() {
        return folder;
    }

    /// Whether all programs of a group are here; says which are not.
    static boolean canRun(String group) {
        List<String> programs = switch (group) {
            case FAT -> List.of("mcopy", "mkfs.fat");
            case EXT4 -> List.of("mke2fs", "debugfs", "7z");
            default -> List.of("qemu-img");
        };
        boolean all = true;
        for (String program : programs) {
            if (Proc.find(program).isEmpty()) {
                Main.say(group + " is left out: there is no " + program);
                all = false;
            }
        }
        return all;
    }
}
