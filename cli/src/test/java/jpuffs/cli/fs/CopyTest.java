// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import jpuffs.cli.Shell;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Copies in which one side is ahead of the other: more than what is between them, and what fails on either side.
@Timeout(120)
final class CopyTest {
    private static final Servers NO_SERVERS = command -> {
        throw new AssertionError("no server: " + command);
    };

    private static final Set<String> TOOLS = Set.of("cp", "mv", "ls");

    @TempDir
    private Path dir;

    @BeforeEach
    void needs() {
        Shell.require("mke2fs", "mkfs.fat");
    }

    private void shell(String script) throws IOException, InterruptedException {
        new Shell(dir).run(script);
    }

    /// What a tool says; names are as in `words` again.
    private String run(int status, String... words) {
        var said = new ByteArrayOutputStream();
        var err = new PrintStream(said, true, UTF_8);
        List<String> full = Arrays.stream(words)
                .map(word -> word.startsWith("-") || TOOLS.contains(word) ? word : dir + "/" + word)
                .toList();
        assertThat(FsCommand.run(full, NO_SERVERS, InputStream.nullInputStream(), err, err))
                .as("%s: %s", full, said)
                .isEqualTo(status);
        return said.toString(UTF_8).replace(dir + "/", "");
    }

    private void makeTree() throws Exception {
        shell("""
                mkdir -p t/a/b t/c; for i in {1..400}; do seq $i $((i * 7)) >t/a/$i; done
                head -c 5000001 /dev/urandom >t/a/b/large; truncate -s 9M t/c/holes; truncate -s 4099 t/c/end
                for i in 0 2500000 2504095 7000000; do
                    printf data | dd of=t/c/holes bs=1 seek=$i conv=notrunc status=none
                done; touch t/empty; echo >t/z
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mke2fs -q -F -t ext4", "mke2fs -q -F -t ext2 -b 1024", "mkfs.fat -F 32 -s 1"})
    void moreThanWhatIsReadAhead(String newfs) throws Exception {
        makeTree();
        shell("truncate -s 64M i; " + newfs + " i; printf 'start=2048' >table; truncate -s 70M whole");
        run(0, "cp", "-r", "t", "i:/");
        run(0, "cp", "-r", "i:/t", "out");
        shell("diff -r t out; fsck -fn i");
        shell("sfdisk -q whole <table; dd if=i of=whole bs=1M seek=1 conv=notrunc status=none");
        run(0, "cp", "-r", "whole@p1:/t", "again");
        shell("diff -r t again");
    }

    @Test
    void holesStayHoles() throws Exception {
        makeTree();
        shell("truncate -s 64M i; mke2fs -q -F -t ext4 i");
        run(0, "cp", "-r", "t", "i:/");
        run(0, "cp", "-r", "i:/t", "out");
        shell("for f in holes end; do (($(stat -c %b out/c/$f) <= $(stat -c %b t/c/$f) + 8)); done");
    }

    @Test
    void whatCannotBeReadIsSaidAndTheRestIsCopied() throws Exception {
        shell("""
                mkdir -p t/d; for f in a b c; do head -c 30000 /dev/urandom >t/d/$f; done; cp t/d/a t/d/e; cp t/d/b t/z
                truncate -s 8M i; mke2fs -q -F -t ext2 -b 1024 -d t i
                debugfs -w -R 'sif /d/b block[3] 7777777' i 2>&1
                """);
        assertThat(run(1, "cp", "-r", "i:/", "out"))
                .isEqualTo("cp: cannot copy 'i:/d/b' to 'out/d/b': Structure needs cleaning\n");
        shell(
                "rm -r out/lost+found; for f in d/a d/c d/e z; do cmp t/$f out/$f; done; (($(stat -c %s out/d/b) < 30000))");
    }

    @Test
    void anImageThatEndsBeforeItsFilesIsSaid() throws Exception {
        shell("""
                mkdir t; for i in {1..20}; do head -c 300000 /dev/urandom >t/$i; done
                truncate -s 8M i; mke2fs -q -F -t ext2 -b 1024 -d t i; truncate -s 4M i
                """);
        String said = run(1, "cp", "-r", "i:/", "out");
        assertThat(said.lines()).allMatch(line -> line.matches("(cp|puffs): .*"));
    }

    @Test
    void whatCannotBeMadeIsSaidInItsPlace() throws Exception {
        shell("""
                mkdir -p t/a t/b/x t/c; echo 1 >t/a/1; echo 2 >t/b/2; echo 3 >t/b/x/3; echo 4 >t/c/4; echo 5 >t/c/5
                mkdir -p out/t/c/4; echo file >out/t/b
                truncate -s 8M i; mke2fs -q -F -t ext4 i
                """);
        run(0, "cp", "-r", "t", "i:/");
        assertThat(run(1, "cp", "-rv", "i:/t", "out")).isEqualTo("""
                'i:/t/a' -> 'out/t/a'
                'i:/t/a/1' -> 'out/t/a/1'
                cp: cannot create directory 'out/t/b': File exists
                cp: cannot overwrite directory 'out/t/c/4' with non-directory
                'i:/t/c/5' -> 'out/t/c/5'
                """);
    }

    @Test
    void aTargetThatIsFullIsSaidOfEachFile() throws Exception {
        shell("""
                mkdir t; for i in {1..9}; do head -c 900000 /dev/urandom >t/$i; done
                truncate -s 4M i; mkfs.fat i
                """);
        String said = run(1, "cp", "-r", "t", "i:/");
        assertThat(said.lines()).hasSizeBetween(4, 6).allMatch(line -> line.endsWith(": No space left on device"));
        shell("fsck.fat -n i");
    }

    /// One source makes a link that leads out of the target, the next goes through it.
    @Test
    void whatIsCopiedStaysInTheTarget() throws Exception {
        shell("""
                mkdir -p t/1 t/2/d out victim; echo mine >victim/f; ln -s $PWD/victim/f t/1/x; ln -s $PWD/victim t/1/d
                echo evil >t/2/x; echo evil >t/2/d/f; echo good >t/2/y; truncate -s 8M i; mke2fs -q -F -t ext4 -d t i
                """);
        assertThat(run(1, "cp", "-r", "i:/1/x", "i:/1/d", "i:/2/x", "i:/2/d", "i:/2/y", "out"))
                .isEqualTo("""
                        cp: will not copy 'i:/2/x' through 'out/x', a symbolic link that was just made
                        cp: cannot create directory 'out/d': File exists
                        """);
        shell("[ $(cat victim/f) = mine ]; [ -L out/x ]; [ -L out/d ]; [ $(cat out/y) = good ]");
    }

    /// As mv does, which makes a new file where one was.
    @Test
    void whatIsMovedReplacesALink() throws Exception {
        shell("""
                mkdir -p t/d out victim; echo mine >victim/f; ln -s $PWD/victim/f out/x; ln -s $PWD/victim out/d
                echo new >t/x; echo new >t/d/f; truncate -s 8M i; mke2fs -q -F -t ext4 -d t i
                """);
        assertThat(run(0, "mv", "i:/x", "out")).isEmpty();
        assertThat(run(1, "mv", "i:/d", "out")).isEqualTo("mv: cannot create directory 'out/d': File exists\n");
        shell("[ $(cat victim/f) = mine ]; [ ! -L out/x ]; [ $(cat out/x) = new ]; [ -L out/d ]");
        assertThat(run(0, "ls", "i:/d")).isEqualTo("f\n");
    }

    /// Not that it is not there afterwards.
    @Test
    void whyADirectoryCannotBeMadeIsSaid() throws Exception {
        shell("mkdir d; head -c 300000 /dev/zero >f; truncate -s 256K i; mkfs.fat i");
        run(1, "cp", "f", "i:/"); // all that there is room for
        String said = " cannot create directory 'i:/d': No space left on device\n";
        assertThat(run(1, "cp", "-r", "d", "i:/")).isEqualTo("cp:" + said);
        assertThat(run(1, "mv", "d", "i:/")).isEqualTo("mv:" + said);
    }

    /// The second name cannot be a link to what was not copied.
    @Test
    void aFileWithTwoNamesOfWhichOneCannotBeCopied() throws Exception {
        shell("""
                mkdir -p t out/t/a; seq 1000 >t/a; ln t/a t/b; ln t/a t/c
                truncate -s 8M i; mke2fs -q -F -t ext4 i
                """);
        run(0, "cp", "-a", "t", "i:/");
        assertThat(run(1, "cp", "-a", "i:/t", "out"))
                .isEqualTo("cp: cannot overwrite directory 'out/t/a' with non-directory\n");
        shell("cmp t/a out/t/b; [[ out/t/b -ef out/t/c ]]");
    }
}
