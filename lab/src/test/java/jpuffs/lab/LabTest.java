// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.lab.Outcome.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The laboratory on servers of ours, which are known to be good; and on libfuse's passthrough_ll.
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LabTest {
    private static final Path EXAMPLE = Path.of("/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c");

    /// A few that do much.
    private static final String SOME = "renameOver.*|.*[uU]nlink.*|readdir.*";

    @TempDir
    private Path dir;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int lab(String... args) {
        out.reset();
        err.reset();
        return Main.run(Arrays.asList(args), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    }

    private String passthrough() throws Exception {
        if (!Boolean.getBoolean("jpuffs.ci")) {
            assumeThat(EXAMPLE).exists();
        }
        Path program = dir.resolve("passthrough_ll");
        String command = "cc -O1 -w -o '%s' '%s' $(pkg-config --cflags --libs fuse3)".formatted(program, EXAMPLE);
        assertThat(new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor())
                .isZero();
        return program.toString();
    }

    @Test
    void aReportAsTextAndAsHtml() throws Exception {
        Path text = dir.resolve("r.txt");
        Path html = dir.resolve("r.html");
        int status = lab("--case", SOME, "--text", text.toString(), "--html", html.toString(), "dtfs");
        assertThat(status).as(out + "" + err).isZero();
        assertThat(text)
                .hasContent(out.toString(UTF_8))
                .content()
                .contains("Server: dtfs", " 0 failed", "LOOKUP", "unlink");
        assertThat(html).content().contains("<title>dtfs</title>", "class=\"passed\"", "</html>");
    }

    @Test
    void aProgramOfOthers() throws Exception {
        int status = lab("--case", "renameOver.*", passthrough(), "-o", "source=SRC");
        assertThat(status).as(out + "" + err).isZero();
        assertThat(out.toString(UTF_8)).contains("On syspuffs: ");
    }

    @Test
    void aFailureIsReported() {
        assertThat(lab("--case", SOME, "--without", "links", "dtfs", "-o", "nr_inodes=2"))
                .isEqualTo(1);
        assertThat(out.toString(UTF_8)).contains("failed:\n").contains("ENOSPC");
    }

    @Test
    void whatCannotBeStartedGetsALine() {
        String start = "puffs lab: the server cannot be started: ";
        assertThat(lab("--case", "renameOver.*", "no-such-program")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualTo(start + "no-such-program: No such file or directory\n");
        assertThat(lab("dtfs", "-o", "nr_inodes=x")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).startsWith(start).contains("nr_inodes").hasLineCount(1);
        assertThat(lab("--replay", "/none", "dtfs")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualTo("puffs lab: /none: No such file or directory\n");
    }

    @Test
    void delaysAndInterruptsChangeNothing() {
        int status =
                lab("--case", "renameOver.*|read.*", "--faults", "delay=0.05:2,interrupt=0.3", "--seed", "3", "dtfs");
        assertThat(status).as(out + "" + err).isZero();
        assertThat(out.toString(UTF_8)).contains("INTERRUPT");
    }

    /// Whatever ends the connection: each case ends too, by an error, and the next one has a server.
    @Test
    void crashesEndCases() throws Exception {
        for (String server : List.of("dtfs", passthrough() + " -o source=SRC")) {
            var args = new ArrayList<>(List.of("--case", "rename.*", "--without", "users"));
            args.addAll(List.of("--faults", "crash=0.02", "--seed", "5"));
            args.addAll(List.of(server.split(" ", -1)));
            assertThat(lab(args.toArray(String[]::new))).as(out + "" + err).isZero();
            assertThat(out.toString(UTF_8)).contains("cut").contains("passed");
        }
    }

    @Test
    void aLostAnswerEndsACase() {
        int status = lab("--case", "renameOverFile", "--timeout", "6", "--faults", "lose=1", "dtfs");
        assertThat(status).as(out + "" + err).isZero();
        assertThat(out.toString(UTF_8)).contains("1 cut").contains("ENOTCONN");
    }

    @Test
    void whatWasRecordedIsAnsweredAlike() throws Exception {
        String program = passthrough();
        Path journals = dir.resolve("journals");
        lab(
                "--case",
                "renameOverFile|readdirPlain.*|unlink.*",
                "--record",
                journals.toString(),
                program,
                "-o",
                "source=SRC");
        try (var files = Files.list(journals)) {
            List<Path> all = files.toList();
            assertThat(all).isNotEmpty();
            for (Path journal : all) {
                assertThat(lab("--replay", journal.toString(), program, "-o", "source=SRC"))
                        .as(journal + ": " + out + err)
                        .isZero();
                assertThat(out.toString(UTF_8)).contains(" 0 answers differ");
            }
            // a server that has nothing: it cannot answer alike
            Path some = all.getFirst();
            assertThat(lab("--replay", some.toString(), program, "-o", "source=/proc/sys"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aDamagedJournalIsRefused() throws Exception {
        Path file = dir.resolve("j");
        new Journal(file).close();
        assertThat(Journal.read(file)).isEmpty();
        Files.write(file, new byte[] {'>', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 1, 2}, StandardOpenOption.APPEND);
        assertThat(Journal.read(file)).as("cut off").isEmpty();
        Files.write(file, new byte[40], StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Journal.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
        Files.writeString(file, "something else altogether");
        assertThatThrownBy(() -> Journal.read(file)).hasMessageContaining("no journal");
    }

    @Test
    void differencesAreThoseOfCasesThatBothCanBeAsked() throws Exception {
        var settings = Settings.parse(List.of("--kernel", "p", "SRC"));
        var ours = List.of(
                new Outcome("a", Kind.PASSED, "", 1),
                new Outcome("b", Kind.FAILED, "<x>", 1),
                new Outcome("c", Kind.SKIPPED, "no ACLS", 1));
        var kernel = List.of(
                new Outcome("a", Kind.PASSED, "", 1),
                new Outcome("b", Kind.PASSED, "", 1),
                new Outcome("c", Kind.FAILED, "", 1));
        var report = new Report(settings, ours, kernel, new Counters());
        assertThat(report.differences()).extracting(Outcome::name).containsExactly("b");
        assertThat(report.status()).isEqualTo(1);
        assertThat(report.text()).contains("Cases that differ: 1", "b: failed <x>; kernel: passed");
        assertThat(report.html()).contains("&lt;x&gt;").doesNotContain("<x>");
        assertThat(new Report(settings, ours, ours, new Counters()).status()).isZero();
    }

    /// All of it, the kernel's FUSE beside it: what is in docs/lab.
    @Test
    @Tag("long")
    @Tag("mounted")
    @Tag("root")
    @Timeout(value = 1200, unit = TimeUnit.SECONDS)
    void passthroughDiffersOnlyWhereItIsExplained() throws Exception {
        String options = "source=SRC,allow_other,default_permissions,dev,suid,flock,xattr";
        lab("--kernel", "--seed", "1", passthrough(), "-o", options);
        assertThat(out.toString(UTF_8)).contains("On the kernel's FUSE: ");
        String differences = out.toString(UTF_8)
                .split("Different from the kernel's FUSE:\n", 2)[1]
                .split("\n\n", 2)[0];
        String note = Files.readString(Path.of("../docs/notes/051-lab.md"));
        for (String line : differences.split("\n", -1)) {
            String name = line.strip().split(":", 2)[0];
            assertThat(note).as(line).contains(name.equals("none") ? "" : "`" + name + "`");
        }
    }
}
