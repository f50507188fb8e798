// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Random operations on images that mke2fs has made: files hold what they must, also after mounting again, e2fsck
/// finds nothing, and the kernel sees the same.
@Timeout(180)
class WriteTest {
    private static final long SIZE = 64 << 20;

    @TempDir
    private Path directory;

    static Stream<String> writable() {
        return Fixture.WRITABLE.stream();
    }

    private Workload work(Path image, String options, int operations) throws Exception {
        long seed = Seeds.of("WriteTest " + options);
        Tool.mke2fs(image, SIZE, options);
        var kept = new Workload[1];
        Fixture.with(image, process -> {
            kept[0] = new Workload(process, seed, Fixture.hasExtents(options));
            kept[0].run(operations);
            kept[0].check();
        });
        return kept[0];
    }

    @ParameterizedTest
    @MethodSource("writable")
    void whatIsWrittenIsThereAfterMountingAgain(String options) throws Exception {
        Path image = directory.resolve("image");
        Workload workload = work(image, options, 600);
        Fixture.with(image, process -> {
            workload.check(process);
            workload.with(process).run(300);
            workload.check();
        });
    }

    @Tag("root")
    @ParameterizedTest
    @MethodSource("writable")
    void theKernelSeesTheSame(String options) throws Exception {
        assumeTrue(Tool.isRoot(), "only root mounts");
        Path image = directory.resolve("image");
        work(image, options, 400);
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        Map<String, String> theirs;
        Programs.succeed("mount", "-o", "loop,ro", image.toString(), mounted.toString());
        try {
            theirs = Snapshot.of(mounted);
        } finally {
            Programs.succeed("umount", mounted.toString());
        }
        try (var disk = FileDisk.open(image, true)) {
            FileSystem fs = Fixture.mount(disk, "ro");
            assertThat(Snapshot.of(fs)).containsExactlyEntriesOf(theirs);
            fs.unmount(true);
        }
    }

    @Tag("root")
    @ParameterizedTest
    @FieldSource("KERNEL")
    void whatTheKernelWroteIsRead(String options) throws Exception {
        assumeTrue(Tool.isRoot(), "only root mounts");
        Path image = directory.resolve("image");
        Tool.mke2fs(image, SIZE, options);
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        Map<String, String> theirs;
        Programs.succeed("mount", "-o", "loop,acl,user_xattr", image.toString(), mounted.toString());
        try {
            fill(mounted);
            theirs = Snapshot.of(mounted);
        } finally {
            Programs.succeed("umount", mounted.toString());
        }
        try (var disk = FileDisk.open(image, true)) {
            FileSystem fs = Fixture.mount(disk, "ro");
            assertThat(Snapshot.of(fs)).containsExactlyEntriesOf(theirs);
            fs.unmount(true);
        }
    }

    /// Feature sets the kernel writes, with those that are read only here.
    static final java.util.List<String> KERNEL = Stream.concat(
                    Fixture.WRITABLE.stream().filter(set -> !set.contains("project")),
                    Stream.of("-t ext4 -O bigalloc -C 16384", "-t ext4 -O mmp"))
            .toList();

    @ParameterizedTest
    @ValueSource(strings = {"casefold", "encrypt", "quota", "verity", "ea_inode", "mmp", "bigalloc"})
    void whatCannotBeWrittenIsReadOnly(String feature) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, SIZE, "-t ext4 -O " + feature);
        Path before = Files.copy(image, directory.resolve("before"));
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = Fixture.mount(disk, "");
            assertThat(fs.root().lookup(Name.of("lost+found"))).isNotNull();
            assertThatThrownBy(() -> fs.root().mkdir(Name.of("new"), 0755, Cred.ROOT))
                    .hasMessageContaining("EROFS");
            fs.unmount(true);
        }
        assertThat(Files.mismatch(image, before)).isEqualTo(-1);
    }

    private static void fill(Path root) throws Exception {
        String script = """
                cd "$1"
                mkdir many deep small
                i=0; while [ $i -lt 3000 ]; do : > many/name-$i-of-some-length; i=$((i+1)); done
                i=0; while [ $i -lt 40 ]; do printf '%0*d' $((i * 5)) 0 > small/$i; i=$((i+1)); done
                d=deep; i=0; while [ $i -lt 30 ]; do d=$d/d$i; i=$((i+1)); done; mkdir -p $d
                head -c 3000000 /dev/urandom > big
                i=0; while [ $i -lt 200 ]; do
                    dd if=big of=holes bs=3000 seek=$((i * 7)) skip=$i count=1 conv=notrunc 2>/dev/null; i=$((i+1)); done
                truncate -s 40M sparse
                fallocate -l 1M unwritten || true
                ln -s target fast; ln -s $(printf 'l%0100d' 0) slow
                ln big hard; mkfifo fifo; mknod dev b 300 70000; mknod con c 5 1
                touch -d 1950-01-01T01:02:03.5 old; touch -d 2200-01-01 later || true
                i=0; while [ $i -lt 20 ]; do touch gone-$i; rm gone-$i; i=$((i+1)); done
                """;
        Programs.succeed("sh", "-c", script, "sh", root.toString());
    }
}
