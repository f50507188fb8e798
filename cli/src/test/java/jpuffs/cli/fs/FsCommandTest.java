// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jpuffs.cli.Shell;
import jpuffs.sys.Sys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The tools on images that mke2fs(8) has made; e2fsck(8) and debugfs(8) judge what they leave.
@Timeout(120)
class FsCommandTest {
    private static final Servers NO_SERVERS = command -> {
        throw new AssertionError("no server: " + command);
    };

    @TempDir
    private Path dir;

    private String image = "";
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void makeImage() throws Exception {
        Shell.require("mke2fs");
        image = newImage("disk.img");
    }

    private String newImage(String name) throws Exception {
        shell("truncate -s 16M " + name + "; mke2fs -q -F -t ext4 -b 1024 " + name);
        return dir.resolve(name).toString();
    }

    private String shell(String script) throws IOException, InterruptedException {
        return new Shell(dir).run(script);
    }

    private int run(String input, String... words) {
        return run(input.getBytes(UTF_8), words);
    }

    private int run(byte[] input, String... words) {
        out.reset();
        err.reset();
        String[] full = words.clone();
        for (int i = 0; i < full.length; i++) {
            full[i] = full[i].replace("IMG", image).replace("DIR", dir.toString());
        }
        return FsCommand.run(
                List.of(full),
                NO_SERVERS,
                new ByteArrayInputStream(input),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
    }

    /// What a tool prints, which must succeed; paths are short again.
    private String fs(String... words) {
        assertThat(run("", words)).as("%s: %s", List.of(words), err).isZero();
        assertThat(err.toString(UTF_8)).isEmpty();
        return shortened(out);
    }

    private String shortened(ByteArrayOutputStream text) {
        return text.toString(UTF_8).replace(image, "IMG").replace(dir.toString(), "DIR");
    }

    private void requireClean(String name) throws Exception {
        shell("e2fsck -fn " + name);
    }

    /// What cp(1) keeps with `-a`, a line each, in the order of names.
    private String attributes(String tree) throws Exception {
        return shell("cd " + tree + "; find . ! -name lost+found -printf '%P %y %#m %U:%G %n %l %T@ ' "
                + "\\( -type f -printf '%s' -o -printf '' \\) -printf '\\n' | sort");
    }

    @Test
    void aTreeGoesInAndComesOutAsItWas() throws Exception {
        shell("""
                mkdir -p t/sub/deep t/empty; seq 1 100000 >t/sub/n; ln t/sub/n t/again; ln -s sub/n t/link; mkfifo t/fifo
                truncate -s 20M t/holes; echo end >>t/holes; printf x | dd of=t/holes bs=1 seek=5000000 conv=notrunc status=none
                chmod 4711 t/again; chmod 1700 t/empty; touch -d '2001-02-03 04:05:06.789' t/sub t/fifo; touch t/'a b' t/ü
                setfattr -n user.note -v hello t/ü; [[ $EUID != 0 ]] || chown -h 12:34 t/sub t/link t/ü
                """);
        fs("cp", "-a", "DIR/t", "IMG:/");
        fs("cp", "-a", "IMG:/t", "DIR/out");
        assertThat(attributes("out")).isEqualTo(attributes("t"));
        shell(
                "diff -r --exclude=fifo --no-dereference t out; [[ $(getfattr --only-values -n user.note out/ü) == hello ]]");
        assertThat(shell("du -k out/holes").split("\t", -1)[0]).isIn("8", "12", "16");
        String count = shell("debugfs -R 'stat /t/holes' disk.img 2>/dev/null | sed -n 's/.*Blockcount: //p'");
        assertThat(Integer.parseInt(count.strip())).isBetween(1, 64); // of 512 bytes: those of the host's blocks
        assertThat(shell("debugfs -R 'cat /t/again' disk.img 2>/dev/null | cmp - <(seq 1 100000) && echo same"))
                .isEqualTo("same\n");
        requireClean("disk.img");
    }

    /// It says that it is empty, and gives a page at a time.
    @Test
    void aFileOfProcIsCopiedWhole() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/crypto")));
        fs("cp", "/proc/crypto", "IMG:/copy");
        assertThat(fs("cat", "IMG:/copy")).isEqualTo(Files.readString(Path.of("/proc/crypto")));
    }

    @Test
    void betweenImagesAndPartitionsOfOne() throws Exception {
        shell("""
                truncate -s 40M parts.img; printf 'label: gpt\\nsize=16M\\nsize=16M\\n' | sfdisk -q parts.img
                for i in 1 17; do mke2fs -q -F -t ext2 -E offset=$((i << 20)) parts.img 16M; done; mkdir t; seq 1 999 >t/n
                """);
        fs("cp", "-r", "DIR/t", "IMG:/");
        fs("cp", "-av", "IMG:/t", "DIR/parts.img@p1:/moved");
        fs("mv", "DIR/parts.img@p1:/moved", "DIR/parts.img@p2:/");
        assertThat(fs("find", "DIR/parts.img@p1:/", "-type", "f")).isEmpty();
        assertThat(fs("cat", "DIR/parts.img@p2:/moved/n")).isEqualTo(shell("seq 1 999"));
        shell("for i in 1 17; do dd if=parts.img of=p bs=1M skip=$i count=16 status=none; e2fsck -fn p; done");
        assertThat(run("", "ls", "DIR/parts.img:/")).isEqualTo(1);
        assertThat(shortened(err))
                .isEqualTo("ls: DIR/parts.img: no known file system but partitions: say DIR/parts.img@p1:/\n");
    }

    @Test
    void fromADisc() throws Exception {
        boolean here = Files.isExecutable(Path.of("/usr/bin/xorriso"));
        assumeTrue(here || Boolean.getBoolean("jpuffs.ci"), "no /usr/bin/xorriso");
        shell(
                "mkdir -p t/d; seq 1 9999 >t/d/n; ln t/d/n t/d/m; ln -s d/n t/l; mkfifo t/p; chmod 4750 t/d/n; touch -d 2001-02-03 t/d/n t/l");
        shell("xorriso -as mkisofs -quiet -R --hardlinks -o disc.iso t");
        fs("cp", "-a", "DIR/disc.iso:/", "DIR/out");
        assertThat(attributes("out")).isEqualTo(attributes("t").replaceAll("\\.\\d+ ", ".0000000000 "));
        assertThat(fs("diff", "-r", "DIR/disc.iso:/", "DIR/t")).isEmpty();
        assertThat(fs("ls", "DIR/disc.iso:/*")).contains("DIR/disc.iso:/d:\nm\nn\n");
        fs("cp", "-r", "DIR/disc.iso:/d", "IMG:/");
        assertThat(fs("cat", "IMG:/d/m")).isEqualTo(shell("seq 1 9999"));
        assertThat(run("", "rm", "DIR/disc.iso:/l")).isEqualTo(1);
        assertThat(shortened(err)).isEqualTo("rm: cannot remove 'DIR/disc.iso:/l': Read-only file system\n");
        requireClean("disk.img");
    }

    @Test
    void smallTools() throws Exception {
        fs("mkdir", "-p", "-m", "750", "IMG:/a/b/c");
        assertThat(run("one\n", "write", "IMG:/a/f")).isZero();
        assertThat(run("two\n", "write", "-a", "IMG:/a/f")).isZero();
        assertThat(fs("cat", "IMG:/a/f", "IMG:/a/f")).isEqualTo("one\ntwo\none\ntwo\n");
        fs("ln", "IMG:/a/f", "IMG:/a/b");
        fs("ln", "-s", "../f", "IMG:/a/b/s");
        fs("ln", "-sf", "f", "IMG:/a/b/s");
        fs("chmod", "u=rw,go=", "IMG:/a/b/f");
        fs("chown", "-R", "1000:1001", "IMG:/a/b");
        fs("chown", ":7", "IMG:/a/b/c");
        assertThat(fs("ls", "-l", "IMG:/a/b").replaceAll(" 2\\d{3}-\\d\\d-\\d\\d \\d\\d:\\d\\d ", " TIME "))
                .isEqualTo("""
                        total 2
                        drwxr-x--- 2 1000    7 1024 TIME c
                        -rw------- 2 1000 1001    8 TIME f
                        lrwxrwxrwx 1 1000 1001    1 TIME s -> f
                        """);
        assertThat(fs("tree", "IMG:/a")).isEqualTo("""
                        IMG:/a
                        ├── b
                        │   ├── c
                        │   ├── f
                        │   └── s -> f
                        └── f

                        2 directories, 3 files
                        """);
        assertThat(fs("stat", "IMG:/a/f")).contains("Size: 8\t", "Access: (0600/-rw-------)\tUid: 1000\tGid: 1001");
        assertThat(fs("du", "IMG:/a")).isEqualTo("1\tIMG:/a/b/c\n3\tIMG:/a/b\n4\tIMG:/a\n");
        assertThat(fs("du", "-sh", "IMG:/a")).isEqualTo("4.0K\tIMG:/a\n");
        assertThat(fs("sha256", "IMG:/a/f"))
                .isEqualTo(shell("printf 'one\\ntwo\\n' | sha256sum").replace("-", "IMG:/a/f"));
        assertThat(fs("df", "IMG:/")).contains("IMG ").contains(" ext2fs ");
        fs("mv", "IMG:/a/f", "IMG:/a/b/c/g");
        assertThat(fs("rm", "-rv", "IMG:/a/b/c", "IMG:/a/b/f")).contains("removed directory 'IMG:/a/b/c'\n");
        assertThat(fs("find", "IMG:/a")).isEqualTo("IMG:/a\nIMG:/a/b\nIMG:/a/b/s\n");
        requireClean("disk.img");
    }

    @Test
    void differences() throws Exception {
        shell("""
                mkdir -p t/same t/other; seq 9999 >t/same/n; ln -s n t/same/l; mkfifo t/same/p; echo 1 >t/f; echo >t/only
                ln -s a t/link; truncate -s 3M t/large
                """);
        fs("cp", "-a", "DIR/t", "IMG:/");
        assertThat(fs("diff", "-r", "DIR/t", "IMG:/t")).isEmpty();
        assertThat(fs("diff", "DIR/t/f", "IMG:/t")).isEmpty();
        shell(
                "echo 2 >t/f; rm -r t/only t/other; echo >t/other; ln -sfn b t/link; printf x | dd of=t/large bs=1 seek=2M conv=notrunc");
        assertThat(run("", "diff", "-r", "DIR/t", "IMG:/t")).isEqualTo(1);
        assertThat(shortened(out)).isEqualTo("""
                        Files DIR/t/f and IMG:/t/f differ
                        Files DIR/t/large and IMG:/t/large differ
                        Symbolic links DIR/t/link and IMG:/t/link differ
                        Only in IMG:/t: only
                        File DIR/t/other is a regular file while file IMG:/t/other is a directory
                        """);
        assertThat(run("", "diff", "-q", "DIR/t", "IMG:/t")).isEqualTo(1);
        assertThat(shortened(out)).contains("Common subdirectories: DIR/t/same and IMG:/t/same\n");
    }

    private static final String TREE = """
            mkdir -p t/sub/deep t/empty; seq 1 99999 >t/sub/n; ln t/sub/n t/again; ln -s sub/n t/link; mkfifo t/fifo
            truncate -s 20M t/holes; printf x | dd of=t/holes bs=1 seek=5000000 conv=notrunc status=none
            chmod 4711 t/again; chmod 500 t/empty; touch -d '2001-02-03 04:05:06.789' t/sub t/fifo; touch t/'a b' t/ü
            echo long >t/$(printf 'n%.0s' {1..200}); ln -s "$(printf 'l%.0s' {1..150})" t/far
            setfattr -n user.note -v "hello world" t/ü; [[ $EUID != 0 ]] || chown -h 12:3000000 t/sub t/link t/ü
            """;

    private byte[] archive(String... words) {
        assertThat(run("", words)).as("%s", err).isZero();
        return out.toByteArray();
    }

    @Test
    void archivesForOthers() throws Exception {
        shell(TREE);
        fs("cp", "-a", "DIR/t", "IMG:/");
        Files.write(dir.resolve("a.tar"), archive("tar", "-c", "IMG:/t"));
        assertThat(Files.size(dir.resolve("a.tar"))).isLessThan(2 << 20);
        shell("mkdir out; tar --xattrs -xpf a.tar -C out; tar -tf a.tar >names");
        assertThat(attributes("out")).isEqualTo(attributes("t"));
        shell(
                "diff -r --exclude=fifo --no-dereference t out; [[ $(getfattr --only-values -n user.note out/ü) == 'hello world' ]]");
        run(Files.readAllBytes(dir.resolve("a.tar")), "tar", "-t");
        assertThat(out.toString(UTF_8)).isEqualTo(Files.readString(dir.resolve("names")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pax --xattrs --sparse", "pax", "gnu"})
    void archivesOfOthers(String options) throws Exception {
        String room = options.contains("sparse") ? "" : "rm t/holes;"; // that takes no more than there is
        shell(TREE + room + "tar -C t -cf a.tar -H " + options + " .");
        fs("mkdir", "IMG:/t");
        byte[] archive = Files.readAllBytes(dir.resolve("a.tar"));
        assertThat(run(archive, "tar", "-x", "IMG:/t")).as("%s", err).isZero();
        fs("cp", "-a", "IMG:/t", "DIR/out");
        shell("diff -r --exclude=fifo --no-dereference t out");
        if (options.contains("xattrs")) {
            assertThat(attributes("out")).isEqualTo(attributes("t"));
        }
        requireClean("disk.img");
    }

    @Test
    void archivesOfTheHost() throws Exception {
        shell("mkdir -p t/d out; seq 1 200000 >t/d/n; truncate -s 3M t/holes; echo end >>t/holes; ln -s d/n t/l");
        Files.write(dir.resolve("a.tar"), archive("tar", "-c", "DIR/t"));
        assertThat(run(Files.readAllBytes(dir.resolve("a.tar")), "tar", "-x", "DIR/out"))
                .as("%s", err)
                .isZero();
        shell("diff -r --no-dereference t out; tar -df a.tar -C t");
    }

    /// The mirror of the host sets it for the whole process.
    @Test
    void theUmaskComesBack() throws Exception {
        int before = Sys.umask(027);
        try {
            fs("cp", "DIR/disk.img", "DIR/copy");
            assertThat(Sys.umask(027)).isEqualTo(027);
            assertThat(shell("stat -c %a copy")).isEqualTo("640\n");
        } finally {
            int _ = Sys.umask(before);
        }
    }

    @Test
    void archivesThatMeanHarm() throws Exception {
        shell("""
                mkdir t victim; ln -s ../victim t/way; tar -C t -cf a.tar way; rm t/way; mkdir t/way; echo bad >t/way/f
                tar -C t -rf a.tar way/f; echo bad >f; tar -P -rf a.tar --transform 's,^,../,' f; tar -P -rf a.tar $PWD/f
                ln t/way/f g; mkdir in
                """);
        byte[] harm = Files.readAllBytes(dir.resolve("a.tar"));
        assertThat(run(harm, "tar", "-x", "DIR/in")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("tar: way/f: Not a directory", "tar: ../f: Invalid argument");
        assertThat(shell("ls victim; find in -type f | wc -l")).isEqualTo("1\n");
        assertThat(run(Arrays.copyOf(harm, 700), "tar", "-x", "DIR/in")).isEqualTo(2);
        assertThat(run("x".repeat(2000), "tar", "-t")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("does not look like a tar archive");
    }

    @Test
    void patternsInTheImage() {
        fs("mkdir", "IMG:/x1", "IMG:/x2", "IMG:/.hidden");
        for (String name : List.of("x1/a.c", "x2/b.c", "x2/b.h", "x2/[z]", ".hidden/c.c")) {
            assertThat(run("", "write", "IMG:/" + name)).isZero();
        }
        assertThat(fs("ls", "IMG:/x?/*.c")).isEqualTo("IMG:/x1/a.c\nIMG:/x2/b.c\n");
        assertThat(fs("ls", "IMG:/*/?.c")).isEqualTo("IMG:/x1/a.c\nIMG:/x2/b.c\n");
        assertThat(fs("ls", "IMG:/.h*/*")).isEqualTo("IMG:/.hidden/c.c\n");
        assertThat(fs("ls", "IMG:/x2/\\[z]")).isEqualTo("IMG:/x2/[z]\n");
        assertThat(fs("find", "IMG:/", "-name", "*.[ch]", "-type", "f", "-maxdepth", "2"))
                .isEqualTo("IMG:/.hidden/c.c\nIMG:/x1/a.c\nIMG:/x2/b.c\nIMG:/x2/b.h\n");
        assertThat(run("", "ls", "IMG:/*.none")).isEqualTo(2);
        fs("rm", "IMG:/x2/*");
        assertThat(fs("ls", "IMG:/x2")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | ls IMG:/none | ls: cannot access 'IMG:/none': No such file or directory",
                "1 | cat IMG:/none | cat: IMG:/none: No such file or directory",
                "1 | cat IMG:/d | cat: IMG:/d: Is a directory",
                "1 | rm IMG:/d | rm: cannot remove 'IMG:/d': Is a directory",
                "1 | rm IMG:/none | rm: cannot remove 'IMG:/none': No such file or directory",
                "0 | rm -f IMG:/none | ''",
                "1 | rm -r IMG:/ | rm: refusing to remove 'IMG:/', the root",
                "1 | mkdir IMG:/d | mkdir: cannot create directory 'IMG:/d': File exists",
                "0 | mkdir -p IMG:/d | ''",
                "1 | mkdir IMG:/none/d | mkdir: cannot create directory 'IMG:/none/d': No such file or directory",
                "1 | cp IMG:/d DIR/x | cp: -r not specified; omitting directory 'IMG:/d'",
                "1 | cp -r IMG:/d IMG:/d/e | cp: cannot copy a directory, 'IMG:/d', into itself, 'IMG:/d/e'",
                "1 | cp IMG:/none DIR | cp: cannot stat 'IMG:/none': No such file or directory",
                "1 | cp IMG:/f IMG:/f | cp: 'IMG:/f' and 'IMG:/f' are the same file",
                "1 | cp IMG:/f IMG:/f IMG:/none | cp: target 'IMG:/none' is not a directory",
                "1 | cp IMG:/f | cp: missing operand after 'IMG:/f'",
                "1 | cp -q IMG:/f IMG:/g | cp: invalid option -- 'q'",
                "1 | mkdir IMG:/g -m | mkdir: option requires an argument -- 'm'",
                "1 | mv IMG:/none IMG:/x | mv: cannot move 'IMG:/none' to 'IMG:/x': No such file or directory",
                "1 | ln IMG:/f IMG:/d/f/x | ln: failed to create hard link 'IMG:/d/f/x': No such file or directory",
                "1 | ln IMG:/f DIR/f | ln: failed to create hard link 'DIR/f': Invalid cross-device link",
                "1 | ln -s f IMG:/f | ln: failed to create symbolic link 'IMG:/f': File exists",
                "1 | chmod rwx IMG:/f | chmod: invalid mode: 'rwx'",
                "1 | chown me IMG:/f | chown: invalid owner: 'me': numbers, as in 1000:1000",
                "1 | find IMG:/ -color red | find: unknown predicate '-color'",
                "1 | ls none.img:/ | ls: none.img: No such file or directory",
                "1 | find IMG:/ -name | find: missing argument to '-name'",
                "1 | ls DIR/f:/ | ls: DIR/f: no known file system",
                "1 | ls IMG@p2:/ | ls: IMG: no partition p2: there are no partitions",
                "2 | diff IMG:/f IMG:/none | diff: IMG:/none: No such file or directory",
                "2 | diff IMG:/f | diff: missing operand after 'IMG:/f'",
                "2 | diff none.img:/ IMG:/ | diff: none.img: No such file or directory",
                "2 | tar IMG:/ | tar: -c and files, -x and a directory, or -t",
                "2 | tar -c IMG:/none | tar: cannot read 'IMG:/none': No such file or directory",
                "2 | tar -x IMG:/f | tar: IMG:/f is not a directory",
                "1 | grep x | puffs: fs has no tool grep; there are: cat, chmod, chown, cp, df, diff, du, find, ln, ls, mkdir, mv, rm, sha256, stat, tar, tree, write",
            })
    void failures(int status, String words, String message) throws Exception {
        shell("mkdir d; echo >f; debugfs -w -R 'mkdir d' disk.img 2>&1; debugfs -w -R 'write f f' disk.img 2>&1");
        assertThat(run("", words.split(" ", -1))).isEqualTo(status);
        assertThat(shortened(err).replaceAll("\nUsage: .*", "").strip()).isEqualTo(message);
    }

    @Test
    void whoOnlyReadsWritesNothing() throws Exception {
        assertThat(run("text", "write", "IMG:/f")).isZero();
        shell("chmod 444 disk.img; sha256sum disk.img >sum");
        for (String tool : List.of("ls", "tree", "stat", "du", "df", "find")) {
            fs(tool, "IMG:/");
        }
        fs("cat", "IMG:/f");
        fs("cp", "-a", "IMG:/f", "DIR/copy");
        shell("sha256sum -c sum");
    }

    @Test
    void whatCannotBeOpenedEndsOneFileOnly() {
        assertThat(run("text", "write", "IMG:/f")).isZero();
        assertThat(run("", "cat", "IMG:/none", "IMG:/f")).isEqualTo(1);
        assertThat(out.toString(UTF_8)).isEqualTo("text");
    }

    /// The others are listed. No name makes two lines of a complaint.
    @Test
    void aDamagedFileEndsNoListing() throws Exception {
        shell("echo >f; debugfs -w -f - disk.img 2>&1 <<< $'write f a\\nwrite f b\\nsif a mode 0'");
        assertThat(run("", "ls", "IMG:/")).isEqualTo(1);
        assertThat(shortened(out)).isEqualTo("b\nlost+found\n");
        assertThat(shortened(err)).isEqualTo("ls: cannot access 'IMG:/a': Structure needs cleaning\n");
        assertThat(run("", "tree", "IMG:/")).isEqualTo(1);
        assertThat(shortened(out)).contains("├── a\n├── b\n└── lost+found\n", "1 directory, 1 file\n");
        assertThat(run("", "stat", "IMG:/no\nne\033")).isEqualTo(1);
        assertThat(shortened(err)).isEqualTo("stat: cannot stat 'IMG:/no?ne?': No such file or directory\n");
    }

    /// On a thread with as small a stack as the command has.
    @Test
    void aDeepTreeIsCopied() throws Exception {
        String deep = "/d".repeat(900);
        for (String command : List.of("mkdir -p IMG:/a" + deep, "mkdir -p IMG:/b" + deep, "mv IMG:/a IMG:/b" + deep)) {
            fs(command.split(" "));
        }
        var status = new int[] {-1};
        var thread = new Thread(null, () -> status[0] = run("", "cp", "-r", "IMG:/b", "IMG:/c"), "small", 512 << 10);
        thread.start();
        thread.join();
        assertThat(status[0]).as("%s", err).isZero();
        assertThat(fs("mv", "IMG:/c" + deep + "/a", "IMG:/e")).isEmpty();
        assertThat(fs("ls", "IMG:/e" + deep)).isEmpty();
    }

    /// As `cat | head` does.
    @Test
    void aReaderThatEndsEndsCat() throws Exception {
        shell("head -c 8M /dev/zero >zeros");
        fs("cp", "DIR/zeros", "IMG:/zeros");
        var taken = new int[1];
        var closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void write(byte[] bytes, int off, int len) throws IOException {
                taken[0] += len;
                throw new IOException("Broken pipe");
            }
        };
        var none = new ByteArrayInputStream(new byte[0]);
        FsCommand.run(
                List.of("cat", image + ":/zeros"), NO_SERVERS, none, new PrintStream(closed, false, UTF_8), System.err);
        assertThat(taken[0]).isLessThan(4 << 20);
    }
}
