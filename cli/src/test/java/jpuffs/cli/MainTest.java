// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command as its users see it: what it prints and how it exits. Nothing is mounted here.
@Timeout(30)
class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        out.reset();
        err.reset();
        return Main.run(args, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    }

    private void expectFailure(int code, String message, String... args) {
        assertThat(run(args)).isEqualTo(code);
        assertThat(err.toString(UTF_8)).isEqualTo("puffs: " + message + "\n");
        assertThat(out.toString(UTF_8)).isEmpty();
    }

    private String expectHelp(String... args) {
        assertThat(run(args)).isZero();
        assertThat(err.toString(UTF_8)).isEmpty();
        return out.toString(UTF_8);
    }

    @Test
    void helpOnAll() {
        String help = expectHelp("help");
        assertThat(help)
                .startsWith("Usage: puffs COMMAND [ARGUMENT]...\n")
                .contains("\nCommands:\n  mount ", "\n  umount ", "\n  list ", "\n  help ")
                .contains("\nTypes:\n");
        for (FileServerType type : Types.all()) {
            assertThat(help).contains("\n  " + type.name() + " ").contains(type.summary());
        }
        assertThat(expectHelp("--help")).isEqualTo(help);
        assertThat(expectHelp("-h")).isEqualTo(help);
        assertThat(help.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void helpOnMount() {
        String help = expectHelp("help", "mount");
        assertThat(help).startsWith("Usage: puffs mount TYPE [SOURCE] DIR [-o OPTIONS]... [-f] [-v]\n");
        for (GenericOption option : GenericOption.values()) {
            if (option.effect() != GenericOption.Effect.REFUSED) {
                assertThat(help).containsPattern("\\b" + option.optionName() + "\\b");
            }
        }
        assertThat(expectHelp("mount", "--help")).isEqualTo(help);
        assertThat(expectHelp("mount", "-h")).isEqualTo(help);
        assertThat(help.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void helpOnUmount() {
        assertThat(expectHelp("help", "umount")).isEqualTo("""
                        Usage: puffs umount [-fhl] DIR
                        Unmounts what puffs has mounted on DIR, even if its server is dead.

                              DIR      Where it is mounted.

                          -f           Force: what goes on there ends with errors.
                          -h, --help   Tell this.
                          -l           Lazy: out of sight now, unmounted when the last user is gone.
                        """);
        assertThat(expectHelp("umount", "--help")).isEqualTo(out.toString(UTF_8));
    }

    @Test
    void helpOnEachType() {
        for (FileServerType type : Types.all()) {
            String help = expectHelp("help", type.name());
            assertThat(help).startsWith(type.name() + ": " + type.summary() + "\n");
            type.options().forEach(option -> assertThat(help).contains("\n  " + option.name()));
            for (String alias : type.aliases()) {
                assertThat(expectHelp("help", alias)).isEqualTo(help);
            }
            assertThat(help.lines())
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(120));
        }
    }

    @Test
    void helpOnATypeWithAllThereIs() {
        assertThat(HelpText.type(new FakeType()))
                .containsExactly(
                        "fake: nothing",
                        "Also called fakefs, false.",
                        "",
                        "Usage: puffs mount fake DIR [-o OPTIONS]... [-f] [-v]",
                        "",
                        "Options of fake:",
                        "  speed=N                   how fast; default: 1",
                        "  wild, nowild              without care",
                        "",
                        "The options of all types: puffs help mount");
    }

    @Test
    void version() {
        assertThat(expectHelp("--version")).matches("puffs \\d+\\.\\d+\\.\\d+\\S* \\(Java \\S+, Linux \\S+\\)\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            value = {
                "mont -> unknown command mont (did you mean mount?); there are: mount, syspuffs, umount, list, dev, serve, newfs, fsck,"
                        + " identify, fs, run, bench, lab, install, uninstall, help",
                "xyzzy -> unknown command xyzzy; there are: mount, syspuffs, umount, list, dev, serve, newfs, fsck, identify, fs, run, bench,"
                        + " lab, install, uninstall, help",
                "--foo -> unknown option --foo (see: puffs help)",
                "umount -> umount lacks its DIR (see: puffs help umount)",
                "umount -x /a -> unknown option -x (see: puffs help umount)",
                "umount /a /b -> a word too many: /b (see: puffs help umount)",
                "list all -> a word too many: all (see: puffs help list)",
                "list --xml -> unknown option --xml (see: puffs help list)",
                "bench -> it is the script puffs that does bench, not the class in it",
                "mount -> mount lacks a TYPE: {types} (see: puffs help mount)",
                "mount null -> mount lacks the DIR to mount on: puffs mount null DIR",
                "mount nul /a -> unknown type nul (did you mean null?); there are: {types}",
                "mount ext9 /a -> unknown type ext9; there are: {types}",
                "mount null /a -> type null needs a SOURCE: puffs mount null SOURCE DIR",
                "mount null /a /b -o foo -> unknown option foo; puffs help null and puffs help mount list them",
                "mount nul -> unknown type nul (did you mean null?); there are: {types}",
                "serve ndb -> unknown protocol ndb; there is: nbd",
                "serve nbd -> serve lacks its DEVICE (see: puffs help serve)",
                "newfs ext9 -> no file system on disks is called ext9; there are: {diskTypes}",
                "newfs ext4 -> newfs lacks its IMAGE (see: puffs help newfs)",
                "dev nul x -> there is neither a type of device nor a file called nul (did you mean null?); types: {devices}",
                "dev nosuch size=1G x -> there is neither a type of device nor a file called nosuch; types: {devices}",
                "dev nosuch -> there is neither a type of device nor a file called nosuch; types: {devices}",
                "dev ram -> dev lacks the NAME of the device: puffs dev ram [ARGUMENT]... NAME (see: puffs help dev)",
                "dev -> say puffs dev TYPE [ARGUMENT]... NAME, puffs dev list, or puffs dev remove [-f] NAME (see: puffs help dev)",
                "dev null a x -> say puffs dev null NAME (see: puffs help dev)",
                "dev fault,percent=200:ram,size=1M x -> cannot open device fault,percent=200:ram,size=1M: fault: percent=200 is not from 0 to 100",
                "dev delay,read=-5:ram,size=1M x -> cannot open device delay,read=-5:ram,size=1M: delay: read=-5 is not from 0 to 3600000",
                "serve nbd x --unix -> --unix lacks its PATH (see: puffs help serve)",
                "newfs msdosfs nosuch.img 0 -> SIZE 0 is less than a block of 512 bytes",
                "newfs msdosfs nosuch.img 511 -> SIZE 511 is less than a block of 512 bytes",
                "serve nbd nosuch -> there is neither a type of device nor a file called nosuch; types: {blocks}",
                "mount null /a /b -q -> unknown option -q of mount (see: puffs help mount)",
            })
    void usageErrors(String line, String message) {
        String blocks = "ram, file, cow, delay, fault, cipher, concat, stripe";
        String told = message.replace("{types}", Types.names())
                .replace("{diskTypes}", DiskFs.names())
                .replace("{blocks}", blocks)
                .replace("{devices}", String.join(", ", DevCommand.CHARACTER) + ", " + blocks);
        expectFailure(ExitCode.USAGE, told, line.split(" ", -1));
    }

    /// 1 would say that all is repaired.
    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            value = {
                "fsck -> fsck lacks its TYPE (see: puffs help fsck)",
                "fsck ext9 -> no file system on disks is called ext9; there are: {diskTypes}",
                "fsck ext9 x -> no file system on disks is called ext9; there are: {diskTypes}",
                "fsck auto -> fsck lacks its IMAGE (see: puffs help fsck)",
                "fsck auto x y -> a word too many: y (see: puffs help fsck)",
                "fsck -q auto x -> unknown option -q (see: puffs help fsck)",
                "fsck -n -y auto x -> -n and -y contradict each other (see: puffs help fsck)",
            })
    void usageErrorsOfFsck(String line, String message) {
        expectFailure(16, message.replace("{diskTypes}", DiskFs.names()), line.split(" ", -1));
    }

    /// Neither colours a terminal nor takes a second line. (U+009B is a CSI of one character.)
    @Test
    void namesCommandNoTerminal(@TempDir Path dir) {
        String name = "a\u001b[31m\u009bm\nb";
        String shown = "a?[31m?m?b";
        expectFailure(
                ExitCode.USAGE,
                "unknown type " + shown + "; there are: " + Types.names(),
                "mount",
                name,
                dir.toString());
        expectFailure(
                ExitCode.MOUNT,
                "cannot unmount " + dir + "/" + shown + ": there is no such directory",
                "umount",
                dir + "/" + name);
        assertThat(run("fs", "cat", dir + "/" + name)).isEqualTo(1);
        assertThat(err.toString(UTF_8)).isEqualTo("cat: " + dir + "/" + shown + ": No such file or directory\n");
        assertThat(run("identify", dir + "/" + name)).isEqualTo(1);
        assertThat(err.toString(UTF_8)).startsWith("puffs: cannot read " + dir).hasLineCount(1);
    }

    @Test
    void noArgumentsAtAll() {
        expectFailure(
                ExitCode.USAGE,
                "which command? mount, syspuffs, umount, list, dev, serve, newfs, fsck, identify, fs, run, bench, lab, install, uninstall, help"
                        + " (see: puffs help)");
    }

    @Test
    void helpOnNothing() {
        assertThat(run("help", "xyzzy")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(UTF_8)).startsWith("puffs: no help on xyzzy; ").hasLineCount(1);
    }

    @Test
    void aLogThatCannotBeWritten(@TempDir Path dir) {
        expectFailure(
                ExitCode.MOUNT,
                "cannot write the log: " + dir + ": Is a directory",
                "dev",
                "log",
                dir.toString(),
                dir + "/log");
        expectFailure(ExitCode.USAGE, "the NAME of a device cannot be empty", "dev", "null", "");
    }

    @Test
    void mountOnAMissingDirectory(@TempDir Path dir) {
        expectFailure(
                ExitCode.MOUNT,
                "cannot mount on " + dir + "/none: there is no such directory",
                "mount",
                "null",
                dir.toString(),
                dir + "/none");
    }

    @Test
    void mountOfAMissingSource(@TempDir Path dir) {
        expectFailure(
                ExitCode.MOUNT,
                "cannot mount " + dir + "/none: " + dir + "/none: No such file or directory",
                "mount",
                "null",
                dir + "/none",
                dir.toString());
    }

    @Test
    void mountOfAFileAsADirectory(@TempDir Path dir) throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        expectFailure(
                ExitCode.MOUNT,
                "cannot mount " + file + ": it is not a directory",
                "mount",
                "null",
                file.toString(),
                dir.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"size=lots", "size=-1", "nr_inodes=1.5", "mode=rwx"})
    void valuesThatATypeRefuses(String option, @TempDir Path dir) {
        String value = option.substring(option.indexOf('=') + 1);
        String name = option.substring(0, option.indexOf('='));
        String message = "bad value for option " + name + ": \"" + value + "\"";
        expectFailure(ExitCode.USAGE, message, "mount", "dtfs", dir.toString(), "-o", option);
    }

    @Test
    void mountIntoItself(@TempDir Path dir) throws IOException {
        Path real = dir.toRealPath();
        Path below = Files.createDirectory(real.resolve("below"));
        for (Path target : List.of(below, real)) {
            expectFailure(
                    ExitCode.MOUNT,
                    "cannot mount " + real + " on " + target + ": it would look into itself for ever",
                    "mount",
                    "null",
                    real.toString(),
                    target.toString());
            expectFailure(
                    ExitCode.MOUNT,
                    "cannot mount " + real.toUri() + " on " + target + ": it would look into itself for ever",
                    "mount",
                    "nio",
                    real.toUri().toString(),
                    target.toString());
        }
    }

    @Test
    void whatNioCannotOpen(@TempDir Path dir) throws IOException {
        Path text = Files.writeString(dir.resolve("text"), "no archive");
        String none = ": there is no provider of such file systems (the option classpath names more)";
        for (String source : List.of(text.toString(), "gopher://a/b")) {
            expectFailure(
                    ExitCode.MOUNT, "cannot open " + source + " as nio" + none, "mount", "nio", source, dir.toString());
        }
        String zip = "jar:file:/none.zip";
        String missing = "cannot open " + zip + " as nio: /none.zip: No such file or directory";
        expectFailure(ExitCode.MOUNT, missing, "mount", "nio", zip, dir.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-f", "-l"})
    void unmountOfNothing(String flag, @TempDir Path dir) throws IOException {
        Path real = dir.toRealPath();
        String message = "cannot unmount " + real + ": nothing is mounted there";
        expectFailure(ExitCode.MOUNT, message, "umount", real.toString());
        expectFailure(ExitCode.MOUNT, message, "umount", flag, real.toString());
    }

    @Test
    void unmountOfWhatIsNotOurs() {
        assertThat(run("umount", "/proc")).isEqualTo(ExitCode.MOUNT);
        assertThat(err.toString(UTF_8))
                .matches("puffs: cannot unmount /proc: it is \\S+ of type proc, not mounted by puffs\n");
    }

    @Test
    void unmountOfAMissingDirectory(@TempDir Path dir) {
        expectFailure(
                ExitCode.MOUNT, "cannot unmount " + dir + "/none: there is no such directory", "umount", dir + "/none");
    }

    @Test
    void listIsSilentAboutNothing() {
        assertThat(run("list")).isZero();
        assertThat(err.toString(UTF_8)).isEmpty();
        assertThat(expectHelp("list", "--json")).startsWith("[").endsWith("]\n");
    }
}
