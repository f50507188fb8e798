// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images from trees: e2fsprogs, dosfstools, exfatprogs, mtools and sleuthkit judge and read them.
@Timeout(120)
class NewfsFromTest {
    /// What every type can have.
    private static final String TREE = """
            mkdir -p t/sub/deep t/empty t/many; seq 1 100000 >t/sub/numbers; echo hello >t/hello; : >t/nothing
            head -c 70001 /dev/urandom >'t/sub/deep/a name of more than eight letters.data'; echo x >'t/a b'; echo y >t/ümlaut
            for i in $(seq 150); do echo $i >"t/many/file number $i"; done
            chmod 444 t/hello; touch -d '2001-02-03 04:05:06Z' t/hello t/sub/deep t
            """;

    /// What Linux's types have beside that.
    private static final String MORE = """
            ln t/hello t/again; ln -s sub/numbers t/link; mkfifo t/fifo; chmod 4711 t/nothing; chmod 1700 t/empty
            truncate -s 20M t/holes; echo end >>t/holes; setfattr -n user.note -v hello t/ümlaut
            """;

    @TempDir
    private Path dir;

    private final TimeZone zone = TimeZone.getDefault();

    @AfterEach
    void resetZone() {
        TimeZone.setDefault(zone);
    }

    private String shell(String script) throws IOException, InterruptedException {
        return new Shell(dir).run(script);
    }

    /// Runs `puffs newfs`; answers what it said of its failure.
    private String newfs(int code, String... args) {
        var err = new ByteArrayOutputStream();
        var words = Stream.concat(Stream.of("newfs"), Stream.of(args).map(word -> word.replace("DIR", dir.toString())));
        int status = Main.run(
                words.toArray(String[]::new), new PrintStream(err, true, UTF_8), new PrintStream(err, true, UTF_8));
        String said = err.toString(UTF_8).replace(dir + "/", "");
        assertThat(status).as(said).isEqualTo(code);
        return said;
    }

    private List<String> newfs(String type, String image, String size, String from, @Nullable String date)
            throws Failure {
        return NewfsCommand.run(new NewfsCommand.Settings(
                type,
                dir.resolve(image).toString(),
                size,
                List.of(),
                false,
                dir.resolve(from).toString(),
                date));
    }

    private void requireClean(String type, String image) throws Exception {
        shell((type.startsWith("ext") ? "e2fsck -fn " : type.equals("exfat") ? "fsck.exfat -n " : "fsck.fat -n ")
                + image);
    }

    /// Reads all by a program that is not ours, into `out`. Not all of them make empty files.
    private void readByOthers(String type, String image) throws Exception {
        String read = type.startsWith("ext")
                ? "debugfs -R 'rdump / out' %s"
                : type.equals("exfat") ? "tsk_recover -f exfat -a %s out" : "mcopy -s -n -i %s '::*' out/";
        shell("rm -rf out; mkdir out; " + read.formatted(image));
        shell("cd t; find . -type f ! -empty -print0 | while IFS= read -r -d '' f; do cmp \"$f\" \"../out/$f\"; done");
    }

    @ParameterizedTest
    @CsvSource({"ext2,12M", "ext3,16M", "ext4,16M", "fat12,8M", "fat16,16M", "fat32,40M", "vfat,9M", "exfat,8M"})
    void theSameTreeMakesTheSameBytes(String type, String size) throws Exception {
        Shell.require("e2fsck", "debugfs", "fsck.fat", "mcopy", "fsck.exfat", "tsk_recover");
        shell(TREE + (type.startsWith("ext") ? MORE : ""));
        newfs(0, type, "DIR/one.img", size, "--from", "DIR/t");
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
        shell("cp -a t u; echo old >two.img; cat u/sub/numbers >/dev/null; touch -a u/hello");
        newfs(0, type, "DIR/two.img", size, "--from", "DIR/u");
        shell("cmp one.img two.img");
        requireClean(type, "one.img");
        readByOthers(type, "one.img");
    }

    @ParameterizedTest
    @CsvSource({"ext4,16M", "fat32,40M", "exfat,8M"})
    void anArchiveMakesTheSameBytes(String type, String size) throws Exception {
        Shell.require("e2fsck", "debugfs", "fsck.fat", "mcopy", "fsck.exfat", "tsk_recover", "xz", "zstd");
        shell(TREE + (type.startsWith("ext") ? MORE : "")
                + "tar --sort=name -C t --xattrs -Scf t.tar .; xz -k t.tar; zstd -q t.tar; gzip -k t.tar");
        newfs(0, type, "DIR/one.img", size, "--from", "DIR/t.tar");
        for (String packed : List.of("t.tar.gz", "t.tar.xz", "t.tar.zst")) {
            newfs(0, type, "DIR/two.img", size, "--from", "DIR/" + packed);
            shell("cmp one.img two.img");
        }
        requireClean(type, "one.img");
        readByOthers(type, "one.img");
    }

    @ParameterizedTest
    @ValueSource(strings = {"t", "t.tar"})
    void whatALinuxFileHasIsKept(String from) throws Exception {
        Shell.require("debugfs", "setfattr");
        shell(TREE + MORE + "[[ $EUID != 0 ]] || chown -h 1234:70000 t/link t/sub; "
                + "[[ $EUID != 0 ]] || mknod t/null c 1 3; tar --sort=name -C t --xattrs -Scf t.tar .");
        newfs(0, "ext4", "DIR/image", "32M", "--from", "DIR/" + from);
        requireClean("ext4", "image");
        shell("find t -printf 'stat \"/%P\"\\n' >stats; echo ea_get /ümlaut user.note >>stats");
        String told = shell("debugfs -f stats image 2>&1").replaceAll(" +", " ");
        shell("find t -printf '%T@\\n'").lines().forEach(time -> {
            long seconds = Long.parseLong(time.split("\\.", 2)[0]);
            assertThat(told).contains(" mtime: 0x%08x".formatted(seconds));
        });
        assertThat(told)
                .contains(
                        "Type: FIFO", "Type: symlink", "Fast link dest: \"sub/numbers\"", "Mode: 04711", "Mode: 01700")
                .containsPattern("Links: 2 Blockcount: \\d\n")
                .contains("user.note (5) = \"hello\"")
                .containsPattern("Size: 20971524\nFile ACL: 0\nLinks: 1 Blockcount: \\d\n");
        if (shell("id -u").equals("0\n")) {
            assertThat(told).contains("User: 1234 Group: 70000", "Type: character special");
        }
    }

    @Test
    void timesFollowTheSource() throws Exception {
        Shell.require("debugfs", "dumpe2fs");
        shell(TREE);
        newfs("ext4", "one.img", "16M", "t", "1000000000");
        shell("cp -r t u; touch -d '2001-02-03 04:05:06Z' u/hello u/sub/deep u");
        newfs("ext4", "two.img", "16M", "u", "1000000000");
        shell("cmp one.img two.img");
        assertThat(shell("TZ=UTC dumpe2fs -h one.img 2>&1"))
                .containsPattern("Filesystem created: +Sun Sep +9 01:46:40 2001")
                .containsPattern("Last write time: +Sun Sep +9 01:46:40 2001");
        assertThat(shell("debugfs -R 'stat /sub/numbers' one.img 2>&1; debugfs -R 'stat /hello' one.img 2>&1"))
                .contains("mtime: 0x3b9aca00", "mtime: 0x3a7b8372");
        newfs("ext4", "three.img", "16M", "t", null);
        String newest = shell("find t -printf '%T@\\n' | sort -n | tail -1 | cut -d. -f1")
                .strip();
        assertThat(shell("TZ=UTC dumpe2fs -h three.img 2>&1"))
                .contains(shell("date -u -d @" + newest + " '+%a %b %e %H:%M:%S %Y'")
                        .strip());
        assertThatThrownBy(() -> newfs("ext4", "one.img", "16M", "t", "yesterday"))
                .hasMessageContaining("SOURCE_DATE_EPOCH=yesterday: must be the seconds since 1970");
    }

    @Test
    void othersHaveOtherNumbers() throws Exception {
        Shell.require("blkid");
        shell(TREE + "cp -a t u; touch u/new");
        newfs(0, "ext4", "DIR/one.img", "16M", "--from", "DIR/t");
        newfs(0, "ext4", "DIR/two.img", "16M", "--from", "DIR/u");
        newfs(0, "ext4", "DIR/three.img", "17M", "--from", "DIR/t");
        assertThat(shell("for i in one two three; do blkid -p -s UUID -o value $i.img; done | sort -u | wc -l"))
                .isEqualTo("3\n");
    }

    @Test
    void whatATypeCannotHave() throws Exception {
        Shell.require("fsck.fat", "mcopy", "setfattr");
        shell(
                "mkdir -p t/d; echo text >t/file; ln t/file t/name; setfattr -n user.note -v x t/file; tar -C t -cf l.tar .");
        assertThat(newfs("fat16", "image", "16M", "t", null))
                .containsExactly(
                        "fat16 has no hard links: so many names have become files of their own: 1",
                        "fat16 cannot have all extended attributes of so many files: 2");
        requireClean("fat16", "image");
        readByOthers("fat16", "image");
        assertThat(newfs("exfat", "image", "16M", "l.tar", null)).hasSize(1);
        shell("cp image before; ln -s file t/d/link; tar -C t -cf t.tar .");
        String reason =
                "a symbolic link, which fat16 cannot have: leave it out, or make the image of a copy by cp -rL\n";
        assertThat(newfs(1, "fat16", "DIR/image", "16M", "--from", "DIR/t"))
                .isEqualTo("puffs: cannot make fat16 on image: t/d/link: " + reason);
        assertThat(newfs(1, "fat16", "DIR/image", "16M", "--from", "DIR/t.tar"))
                .isEqualTo("puffs: cannot make fat16 on image: ./d/link: " + reason);
        shell("cmp image before; rm t/d/link; mkfifo t/d/pipe");
        assertThat(newfs(1, "exfat", "DIR/image", "16M", "--from", "DIR/t"))
                .contains("t/d/pipe: a fifo, which exfat cannot have: leave it out");
        shell("rm t/d/pipe; mkdir t/D");
        assertThat(newfs(1, "fat16", "DIR/image", "16M", "--from", "DIR/t"))
                .contains("t/d: to fat16 its name is that of another file there");
        shell("rmdir t/D; touch t/FILE; tar -C t -cf t.tar .");
        for (String from : List.of("t", "t.tar")) {
            assertThat(newfs(1, "exfat", "DIR/image", "16M", "--from", "DIR/" + from))
                    .contains("to exfat its name is that of another file there");
        }
        shell("rm t/FILE; touch 't/a:b'");
        assertThat(newfs(1, "fat16", "DIR/image", "16M", "--from", "DIR/t")).contains("t/a:b: ", "not a name for FAT");
        assertThat(shell("ls")).isEqualTo("before\nimage\nl.tar\nout\nt\nt.tar\n");
    }

    @ParameterizedTest
    @CsvSource({"ext2,2M", "ext4,4M", "fat12,1M", "exfat,2M", "ext4,64K"})
    void tooSmall(String type, String size) throws Exception {
        shell("mkdir t; head -c 5000000 /dev/urandom >t/large; tar -C t -cf t.tar large");
        for (String from : List.of("t", "t.tar")) {
            String said = newfs(1, type, "DIR/image", size, "--from", "DIR/" + from);
            assertThat(said)
                    .startsWith("puffs: cannot make " + type + " on image: ")
                    .endsWith(": it is too small for what is in " + from + "\n");
            assertThat(said.lines()).hasSize(1);
        }
        assertThat(shell("ls")).isEqualTo("t\nt.tar\n");
    }

    @Test
    void whatIsNoTree() throws Exception {
        shell(
                "mkdir t; seq 1000 >t/file; head -c 3000 t/file >junk; echo hello >note; tar -C t -cf t.tar file; head -c 2000 t.tar >cut");
        assertThat(newfs(1, "ext4", "DIR/t/image", "16M", "--from", "DIR/t"))
                .contains("t/image is in t, from which it is made: put it elsewhere");
        assertThat(newfs(1, "ext4", "DIR/image", "16M", "--from", "DIR/none")).contains("none", "No such file");
        assertThat(newfs(1, "ext4", "DIR/image", "16M", "--from", "DIR/junk"))
                .contains("junk: this does not look like a tar archive");
        assertThat(newfs(1, "ext4", "DIR/image", "16M", "--from", "DIR/note"))
                .contains("note: not a block of a tar archive is in it");
        assertThat(newfs(1, "ext4", "DIR/image", "16M", "--from", "DIR/cut"))
                .contains("cut: the archive ends too early");
        assertThat(newfs(1, "ext4", "DIR/image", "--from", "DIR/t")).contains("say how large it shall be");
        assertThat(shell("ls; ls t")).isEqualTo("cut\njunk\nnote\nt\nt.tar\nfile\n");
    }

    @Test
    void inPlaceWhatWasThereDoesNotCount() throws Exception {
        Shell.require("sfdisk", "qemu-img", "fsck.fat", "mcopy");
        shell(TREE + """
                for i in one two; do truncate -s 20M $i.img; echo 'start=2048,size=32768,type=6' | sfdisk -q $i.img; done
                head -c 16M /dev/urandom | dd of=two.img bs=1M seek=1 conv=notrunc status=none
                qemu-img create -q -f qcow2 image 16M
                """);
        for (String image : List.of("one.img", "two.img")) {
            newfs(0, "fat16", "DIR/" + image + "@p1", "--from", "DIR/t");
        }
        newfs(0, "fat16", "DIR/image", "--from", "DIR/t");
        shell("for i in one two; do dd if=$i.img bs=1M skip=1 count=16 of=$i status=none; done; cmp one two"
                + "; qemu-img convert -O raw image three; cmp one three");
        requireClean("fat16", "one");
        readByOthers("fat16", "three");
    }
}
