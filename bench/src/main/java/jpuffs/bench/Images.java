// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What compares file systems on disk images: one ext4 image, made by mke2fs and filled by the kernel, of which
/// each contender gets a copy; for passthrough_ll, which has no images, a folder with the same files.
final class Images {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final int FULL_MIB = 1024;
    private static final int QUICK_MIB = 64;

    /// Who has no server: the kernel's own driver, on a loop device.
    static final String KERNEL = "kernel";

    private final Workbench bench;
    private final Path base;

    /// Makes the image. Needs root.
    Images(Workbench bench) throws IOException {
        this.bench = bench;
        this.base = bench.source().resolve("base.img");
        if (!Workbench.isRoot()) {
            throw new IOException("bench rump needs root: for loop devices, and to drop caches");
        }
        run("truncate", "-s", 3 * dataMib() + 256 + "M", base.toString());
        run("mke2fs", "-q", "-F", "-t", "ext4", base.toString());
        Path dir = mountLoop(base);
        bench.fillImage(dir, dataMib());
        MountTable.unmount(dir);
    }

    private int dataMib() {
        return bench.options().quick() ? QUICK_MIB : FULL_MIB;
    }

    private static void run(String... command) throws IOException {
        Proc.run(DEADLINE, List.of(command));
    }

    /// Mounts an image by the kernel's driver.
    Path mountLoop(Path image) throws IOException {
        Path dir = Files.createDirectories(bench.temp().resolve("loop-" + image.getFileName()));
        bench.undo().add("unmount " + dir, () -> MountTable.unmount(dir));
        run("mount", "-o", "loop", image.toString(), dir.toString());
        return dir;
    }

    /// What a contender serves: its copy of the image, or the files in a folder.
    Path sourceOf(Contender contender) throws IOException {
        String name = contender.name().replaceAll("\\W", "");
        if (contender.name().startsWith("ll")) {
            Path folder = Files.createDirectories(bench.source().resolve(name));
            Path dir = mountLoop(base);
            run("cp", "-a", dir + "/.", folder.toString());
            MountTable.unmount(dir);
            return folder;
        }
        Path image = bench.source().resolve(name + ".img");
        run("cp", "--sparse=always", base.toString(), image.toString());
        return image;
    }

    /// The contenders that can run here; what cannot is named with the reason.
    static List<Contender> contenders(Workbench bench) throws IOException {
        var all = new ArrayList<Contender>();
        all.add(of(KERNEL, false, (_, _, _) -> List.of()));
        if (Proc.find("fuse2fs").isEmpty()) {
            Main.say("fuse2fs is left out: it is not installed (Debian: fuse2fs)");
        } else {
            all.add(of(
                    "fuse2fs",
                    false,
                    (image, dir, _) -> List.of(
                            "fuse2fs",
                            "-f",
                            "-o",
                            "default_permissions,allow_other",
                            image.toString(),
                            dir.toString())));
        }
        all.addAll(bench.passthroughLlForImages());
        all.add(of("puffs", true, mount(bench)));
        all.add(of("puffs noxattr", true, mount(bench, "-o", "noxattr"))); // as little as passthrough_ll has
        return bench.options().contenders(all);
    }

    private static Contender.Command mount(Workbench bench, String... options) {
        var start = List.of(bench.home().resolve("puffs").toString(), "mount", "-f", "ext4");
        return (image, dir, _) -> Stream.of(start, List.of(image.toString(), dir.toString()), List.of(options))
                .flatMap(List::stream)
                .toList();
    }

    private static Contender of(String name, boolean ours, Contender.Command command) {
        return new Contender(name, ours, false, Map.of(Mode.IMAGE, ""), command);
    }
}
