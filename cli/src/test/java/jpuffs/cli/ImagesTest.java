// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.cli.fs.FsCommand;
import jpuffs.core.BlockDevice;
import jpuffs.pud.block.FileDevice;
import jpuffs.rump.image.ImageHost;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every command takes a disk in a container as it takes one that is none. The disk has one partition with an ext4
/// that mke2fs(8) made.
@Timeout(120)
class ImagesTest {
    @TempDir
    private Path dir;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void makeDisk() throws Exception {
        Shell.require("mke2fs", "sfdisk", "qemu-img", "xz", "zstd");
        shell("mkdir tree; seq 20000 > tree/numbers; echo hello > tree/hello"
                + "; truncate -s 10M disk.img; echo 'start=2048,type=83' | sfdisk -q disk.img"
                + "; mke2fs -q -F -t ext4 -b 1024 -L root -d tree -E offset=1048576 disk.img 8M");
    }

    private String shell(String script) throws IOException, InterruptedException {
        return new Shell(dir).run(script);
    }

    private String puffs(int code, String... args) {
        out.reset();
        err.reset();
        String[] words = args.clone();
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].replace("DIR", dir.toString());
        }
        var stdout = new PrintStream(out, true, UTF_8);
        var stderr = new PrintStream(err, true, UTF_8);
        int status = words[0].equals("fs")
                ? FsCommand.run(
                        List.of(words).subList(1, words.length),
                        ServerCommand::open,
                        InputStream.nullInputStream(),
                        stdout,
                        stderr)
                : Main.run(words, stdout, stderr);
        assertThat(status).as("%s%s", out, err).isEqualTo(code);
        return (out.toString(UTF_8) + err.toString(UTF_8)).replace(dir + "/", "");
    }

    private String convert(String format, String options) throws IOException, InterruptedException {
        switch (format) {
            case "gzip", "xz", "zstd" -> shell(format + " " + options + " -c < disk.img > image");
            default -> shell("qemu-img convert -f raw -O " + format + " " + options + " disk.img image");
        }
        return dir.resolve("image").toString();
    }

    @ParameterizedTest
    @CsvSource({
        "qcow2,''",
        "qcow2,-c -o compression_type=zstd",
        "vpc,-o subformat=dynamic",
        "vpc,-o subformat=fixed",
        "vhdx,''",
        "vmdk,-o subformat=streamOptimized",
        "vmdk,-o subformat=monolithicFlat",
        "gzip,''",
        "xz,''",
        "xz,--block-size=300KiB",
        "xz,-T2 --block-size=1MiB",
        "zstd,''"
    })
    void filesAreReadInAll(String format, String options) throws Exception {
        String image = convert(format, options);
        assertThat(puffs(0, "fs", "ls", image + "@p1:/")).contains("hello\n", "numbers\n");
        assertThat(puffs(0, "fs", "cat", image + "@p1:/numbers")).isEqualTo(shell("cat tree/numbers"));
        assertThat(puffs(0, "identify", image + "@p1")).contains("ext4", "label=root");
        puffs(0, "fsck", "auto", image + "@p1", "-n");
    }

    @ParameterizedTest
    @CsvSource({"qcow2,''", "vpc,'-o subformat=dynamic,force_size=on'", "vhdx,''"})
    void filesAreWritten(String format, String options) throws Exception {
        String image = convert(format, options);
        puffs(0, "fs", "cp", "-r", "DIR/tree", image + "@p1:/copy");
        puffs(0, "fs", "rm", image + "@p1:/numbers");
        String check = format.equals("vpc") ? "" : "qemu-img check -q image; ";
        shell(check + "qemu-img convert -f " + format + " -O raw image back; e2fsck -fn back?offset=1048576"
                + "; debugfs -R 'dump /copy/numbers out' back?offset=1048576; cmp out tree/numbers");
    }

    @Test
    void snapshotsAreReadAndNotWritten() throws Exception {
        String image = convert("qcow2", "");
        shell("qemu-img snapshot -c monday image");
        puffs(0, "fs", "rm", image + "@p1:/hello");
        puffs(1, "fs", "cat", image + "@p1:/hello");
        assertThat(puffs(0, "fs", "cat", image + "#monday@p1:/hello")).isEqualTo("hello\n");
        assertThat(puffs(1, "fs", "rm", image + "#monday@p1:/hello")).contains("Read-only");
        assertThat(puffs(1, "fs", "ls", image + "#friday@p1:/")).contains("no snapshot friday: there are monday");
    }

    @Test
    void identifyTellsOfTheContainer() throws Exception {
        convert("qcow2", "-o cluster_size=32k");
        shell("qemu-img snapshot -c monday image");
        assertThat(puffs(0, "identify", "DIR/image"))
                .startsWith("image: container=qcow2 container-version=3 container-size=10485760 container-unit=32768"
                        + " container-state=clean container-features=compression=zlib,refcount_bits=16"
                        + " snapshots=monday\nimage@p1: ext4 type=ext2fs label=root")
                .contains("partition-table=mbr partition-type=83");
        String json = puffs(0, "identify", "--json", "DIR/image");
        assertThat(json)
                .contains(
                        "\"container\": {\"format\": \"qcow2\", \"version\": \"3\", \"size\": 10485760, \"unit\": 32768")
                .contains("\"snapshots\": [\"monday\"]", "\"partitionTable\": \"mbr\"", "\"label\": \"root\"");
        shell("echo '" + json + "' | python3 -c 'import json, sys; json.load(sys.stdin)'");
        convert("gzip", "");
        assertThat(puffs(0, "identify", "DIR/image")).startsWith("image: container=gzip container-size=10485760\n");
    }

    @Test
    void newfsKeepsTheContainer() throws Exception {
        shell("qemu-img create -q -f qcow2 image 16M");
        puffs(0, "newfs", "ext4", "DIR/image", "-o", "label=fresh");
        assertThat(puffs(0, "identify", "DIR/image")).contains("container=qcow2", "label=fresh");
        shell("qemu-img check -q image; qemu-img convert -O raw image back; e2fsck -fn back");
        assertThat(puffs(1, "newfs", "ext4", "DIR/image", "32M")).contains("is a qcow2 image, which has its size");
    }

    @ParameterizedTest
    @CsvSource({"ext2,8K", "ext4,512", "ext4,1K", "fat12,512", "fat16,1M", "fat32,8M", "exfat,64K"})
    void newfsThatFailsLeavesWhatWasThere(String type, String size) throws Exception {
        shell("cp disk.img short; truncate -s 500 short; tail -c 9M disk.img > long; sha256sum * > sums || true");
        for (String image : List.of("short", "long")) {
            assertThat(puffs(1, "newfs", type, "DIR/" + image, size))
                    .contains("too small")
                    .hasLineCount(1);
        }
        assertThat(puffs(1, "newfs", type, "DIR/disk.img", size)).contains("disk.img has partitions (mbr)");
        assertThat(puffs(1, "newfs", type, "DIR/none", size)).contains("too small");
        shell("sha256sum --quiet -c sums; [ ! -e none ]");
    }

    @Test
    void newfsOfAnotherSize() throws Exception {
        shell("head -c 3M /dev/urandom > image");
        for (String size : List.of("1M", "5M", "5M", "2M")) {
            puffs(0, "newfs", "ext4", "DIR/image", size);
            shell("e2fsck -fn image; [ $(stat -c %s image) = $(numfmt --from=iec " + size + ") ]");
        }
        puffs(0, "newfs", "fat12", "DIR/image");
        shell("fsck.fat -n image; [ $(stat -c %s image) = $(numfmt --from=iec 2M) ]");
    }

    @Test
    void devicesAreServedFromContainers() throws Exception {
        Path image = Path.of(convert("qcow2", ""));
        byte[] raw = Files.readAllBytes(dir.resolve("disk.img"));
        try (BlockDevice disk = HostImages.device(image, false)) {
            byte[] all = new byte[raw.length];
            disk.read(MemorySegment.ofArray(all), 0);
            assertThat(all).isEqualTo(raw);
        }
        try (BlockDevice disk = HostImages.device(dir.resolve("disk.img"), false)) {
            assertThat(disk).isInstanceOf(FileDevice.class);
        }
        try (BlockDevice disk = HostImages.device(dir.resolve("image@p1"), true)) {
            assertThat(disk.size()).isEqualTo(9 << 20);
        }
    }

    @Test
    void filesFromElsewhereAreNotOpened() throws Exception {
        shell("mkdir sub; qemu-img create -q -f qcow2 -b ../disk.img -F raw sub/image");
        assertThat(puffs(1, "identify", "DIR/sub/image"))
                .contains("which is not in its directory", "PUFFS_BACKING=any");
        assertThat(HostImages.backing(null)).isEqualTo(ImageHost.Backing.NEAR);
        assertThat(HostImages.backing("any")).isEqualTo(ImageHost.Backing.ANY);
        assertThatThrownBy(() -> HostImages.backing("all")).hasMessageContaining("none, near and any");
    }

    @Test
    void whatIsDamagedSaysSo() throws Exception {
        convert("xz", "");
        shell("head -c 3000 image > cut; printf '\\377' | dd of=image bs=1 seek=900 conv=notrunc status=none");
        assertThat(puffs(1, "identify", "DIR/image")).contains("xz: ");
        puffs(1, "identify", "DIR/cut");
        convert("xz", "--block-size=300KiB");
        shell("head -c 3000 image > cut; printf '\\377' | dd of=image bs=1 seek=900 conv=notrunc status=none");
        assertThat(puffs(1, "identify", "DIR/image")).contains("xz: ");
        assertThat(puffs(1, "identify", "DIR/cut")).contains("xz: ");
    }
}
