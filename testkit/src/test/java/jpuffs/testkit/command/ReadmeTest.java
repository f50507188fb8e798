// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The program on the first screen of the README, and the examples: they run, by the command the README names.
@Tag("mounted")
@Tag("root")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ReadmeTest {
    private static final Duration SHORT = Duration.ofSeconds(60);

    @BeforeEach
    void require() {
        PuffsMount.require();
    }

    private static String readmeProgram() throws IOException {
        return readmePrograms().getFirst();
    }

    private static List<String> readmePrograms() throws IOException {
        String readme = Files.readString(PuffsMount.home().resolve("README.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        List<String> programs = block.results().map(found -> found.group(1)).toList();
        assertThat(programs).as("programs in the README").hasSize(3);
        return programs;
    }

    /// Runs a program as a server, does `script` in its mount, and ends it.
    private static void serve(Path scratch, Path program, String arguments, String script) throws IOException {
        Path directory = Files.createDirectories(scratch.resolve("mnt"));
        String command = "exec " + PuffsMount.puffs() + " run " + program + " " + arguments + " " + directory;
        Process server = Shell.start(scratch, command);
        try {
            Shell.run(scratch, SHORT, "until mountpoint -q mnt; do sleep 0.1; done")
                    .ok();
            Shell.run(directory, SHORT, script).ok();
            Shell.run(scratch, SHORT, "umount mnt").ok();
            assertThat(server.waitFor(30, TimeUnit.SECONDS))
                    .as("it ends when unmounted")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            Shell.killAll(server);
            Shell.run(Path.of("/"), SHORT, "umount -l " + directory + " 2>/dev/null || true");
        }
    }

    private static void inScratch(ThrowingConsumer body) throws IOException {
        Path scratch = Files.createTempDirectory(Path.of("/var/tmp"), "jpuffs-readme");
        try {
            body.accept(scratch);
        } finally {
            Shell.run(Path.of("/"), SHORT, "rm -rf --one-file-system " + scratch);
        }
    }

    private interface ThrowingConsumer {
        void accept(Path scratch) throws IOException;
    }

    @Test
    void theProgramOfTheReadmeServesItsFile() throws IOException {
        inScratch(scratch -> {
            Path program = Files.writeString(scratch.resolve("Hello.java"), readmeProgram());
            serve(scratch, program, "", "test \"$(cat hello.txt)\" = 'Hello, world!' && test \"$(ls)\" = hello.txt");
        });
    }

    @Test
    void theHelloExampleIsThatProgram() throws IOException {
        Path example = PuffsMount.home().resolve("examples/src/main/java/Hello.java");
        String code = Files.readString(example).replaceFirst("// SPDX[^\n]*\n", "");
        assertThat(code.strip()).isEqualTo(readmeProgram().strip());
    }

    @Test
    void theNullDeviceOfTheReadmeIsShortAndWorks() throws IOException {
        String code = readmePrograms().get(1);
        assertThat(code.lines()).hasSizeLessThanOrEqualTo(15);
        String example = Files.readString(PuffsMount.home().resolve("examples/src/main/java/NullDevice.java"));
        assertThat(example.replaceFirst("// SPDX[^\n]*\n", "").strip()).isEqualTo(code.strip());
        inScratch(scratch -> {
            Files.writeString(scratch.resolve("Null.java"), code);
            String script = "puffs=" + PuffsMount.puffs() + """

                    $puffs run Null.java $PWD/null0 &
                    until mountpoint -q null0; do sleep 0.1; done
                    echo anything > null0
                    test "$(wc -c < null0)" = 0
                    umount null0
                    wait
                    """;
            try {
                Shell.run(scratch, SHORT, script).ok();
            } finally {
                Shell.run(scratch, SHORT, "umount -l null0 2>/dev/null || true");
            }
        });
    }

    @Test
    void theProgramOfTheReadmeCopiesAFileOutOfAnImage() throws IOException {
        String code = readmePrograms().getLast();
        assertThat(code.lines()).hasSizeLessThanOrEqualTo(20);
        String example = Files.readString(PuffsMount.home().resolve("examples/src/main/java/CopyOut.java"));
        assertThat(example.replaceFirst("// SPDX[^\n]*\n", "").strip()).isEqualTo(code.strip());
        inScratch(scratch -> {
            Files.writeString(scratch.resolve("CopyOut.java"), code);
            String script = "puffs=" + PuffsMount.puffs() + """

                    echo 'Hello, image!' > hello
                    $puffs newfs ext4 disk.img 16M
                    $puffs fs cp hello disk.img:/hello
                    $puffs run CopyOut.java disk.img /hello copy
                    cmp hello copy
                    ! $puffs run CopyOut.java disk.img /none copy2
                    """;
            Shell.run(scratch, SHORT, script).ok();
        });
    }

    @Test
    void theClientOfTheToggle() throws IOException {
        Path client = PuffsMount.home().resolve("examples/src/main/java/Toggle.java");
        inScratch(scratch -> {
            String script = "puffs=" + PuffsMount.puffs() + " client=" + client + """

                    trap '$puffs dev remove $PWD/toggle' EXIT
                    $puffs dev toggle $PWD/toggle
                    $puffs run $client $PWD/toggle 1
                    test "$(cat toggle)" = 'This is the other one.'
                    ! $puffs run $client $PWD/toggle 2
                    """;
            Shell.run(scratch, SHORT, script).ok();
        });
    }

    @Test
    void rot13RotatesNamesAndContents() throws IOException {
        inScratch(scratch -> {
            Path source = Files.createDirectory(scratch.resolve("src"));
            Files.writeString(source.resolve("uryyb"), "Jbeyq 1\n");
            Path program = PuffsMount.home().resolve("examples/src/main/java/Rot13.java");
            serve(scratch, program, source.toString(), """
                    test "$(cat hello)" = 'World 1' && echo Grfg > nop && mkdir d && mv nop d/qrs && test "$(cat d/qrs)" = Grfg
                    """);
            assertThat(Files.readString(source.resolve("q/def"))).isEqualTo("Test\n");
        });
    }

    @Test
    void namesWithoutCase() throws IOException {
        inScratch(scratch -> {
            Path source = Files.createDirectory(scratch.resolve("src"));
            Files.writeString(source.resolve("ReadMe"), "x\n");
            Path program = PuffsMount.home().resolve("examples/src/main/java/CaseInsensitive.java");
            serve(scratch, program, source.toString(), "cat README && cat readme && test \"$(ls)\" = ReadMe");
        });
    }
}
