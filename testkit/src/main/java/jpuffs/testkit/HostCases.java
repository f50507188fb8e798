// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.ETXTBSY;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Time;

/// What needs the kernel below: mapped files, programs. (NetBSD: tmpfs exec, vnd.)
final class HostCases {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int PAGE = 4096;

    private HostCases() {}

    static void mappedFileIsRead(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        byte[] data = Data.of(10 * PAGE, 1);
        root.create("f", data);
        int fd = root.open("f", O_RDONLY);
        long map = root.calls().mmap(fd, data.length, PROT_READ, MAP_SHARED, 0);
        assertThat(root.peek(map, data.length)).isEqualTo(data);
        root.calls().munmap(map, data.length);
        long part = root.calls().mmap(fd, PAGE, PROT_READ, MAP_PRIVATE, 3 * PAGE);
        assertThat(root.peek(part, PAGE)).isEqualTo(Arrays.copyOfRange(data, 3 * PAGE, 4 * PAGE));
        root.calls().munmap(part, PAGE);
        root.close(fd);
    }

    static void mappedFileIsWritten(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        root.create("f", new byte[4 * PAGE]);
        int fd = root.open("f", O_RDWR);
        long map = root.calls().mmap(fd, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
        root.poke(map + PAGE, Client.bytes("through the map"));
        assertThat(root.pread(fd, 15, PAGE)).asString().isEqualTo("through the map");
        root.pwrite(fd, "through the call", 2 * PAGE);
        assertThat(root.peek(map + 2 * PAGE, 16)).asString().isEqualTo("through the call");
        root.calls().msync(map, 4 * PAGE);
        root.calls().munmap(map, 4 * PAGE);
        root.close(fd);
        assertThat(root.content("f")).startsWith(new byte[PAGE]).hasSize(4 * PAGE);
    }

    static void mapOutlivesDescriptorAndName(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        root.create("f", Data.of(2 * PAGE, 1));
        int fd = root.open("f", O_RDWR);
        long map = root.calls().mmap(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
        root.close(fd);
        root.unlink("f");
        assertThat(root.peek(map, 2 * PAGE)).isEqualTo(Data.of(2 * PAGE, 1));
        root.poke(map, Client.bytes("x"));
        root.calls().munmap(map, 2 * PAGE);
    }

    static void privateMapChangesNothing(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDONLY);
        long map = root.calls().mmap(fd, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
        root.poke(map, Client.bytes("XYZ"));
        assertThat(root.peek(map, 4)).containsExactly('X', 'Y', 'Z', 0);
        root.calls().munmap(map, PAGE);
        root.close(fd);
        assertThat(root.text("f")).isEqualTo("abc");
    }

    static void writingThroughMapNeedsOpenMode(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        root.create("f", "abc");
        int reader = root.open("f", O_RDONLY);
        fails(EACCES, () -> root.calls().mmap(reader, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
        root.close(reader);
        int writer = root.open("f", O_WRONLY);
        fails(EACCES, () -> root.calls().mmap(writer, PAGE, PROT_READ, MAP_SHARED, 0));
        root.close(writer);
    }

    /// A mount that hands files through to another file system may have to let attributes it knows expire first.
    static void writeThroughMapSetsTimes(Env env) throws Exception {
        env.requires(Feature.MMAP, Feature.MAP_TIMES);
        Client root = env.root();
        root.create("f", new byte[PAGE]);
        int fd = root.open("f", O_RDWR);
        long map = root.calls().mmap(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
        Time before = root.stat("f").mtime();
        env.tick();
        root.poke(map, Client.bytes("x"));
        root.calls().msync(map, PAGE);
        root.calls().munmap(map, PAGE);
        root.close(fd);
        Poll.until("the time of the write is seen", () -> root.stat("f").mtime().compareTo(before) > 0);
        assertThat(root.stat("f").ctime()).isGreaterThan(before);
    }

    static void twoProcessesShareAMap(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client a = env.newProcess();
        Client b = env.newProcess();
        a.create("f", new byte[PAGE]);
        long mapA = a.calls().mmap(a.open("f", O_RDWR), PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
        long mapB = b.calls().mmap(b.open("f", O_RDWR), PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
        a.poke(mapA + 100, Client.bytes("from a"));
        assertThat(b.peek(mapB + 100, 6)).asString().isEqualTo("from a");
        a.calls().munmap(mapA, PAGE);
        b.calls().munmap(mapB, PAGE);
    }

    static void partialLastPageOfMapIsZero(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDWR);
        long map = root.calls().mmap(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
        assertThat(root.peek(map + 3, PAGE - 3)).containsOnly(0);
        root.ftruncate(fd, 100);
        assertThat(root.peek(map + 3, 97)).containsOnly(0);
        root.calls().munmap(map, PAGE);
        root.close(fd);
    }

    private static Path program(Env env) throws IOException {
        Path sleep = Path.of("/bin/sleep");
        env.requires(Feature.EXEC, Feature.HOST_PATH);
        Path program = Path.of(env.absolute("program"));
        Files.copy(sleep, program);
        program.toFile().setExecutable(true, false);
        return program;
    }

    static void programRuns(Env env) throws Exception {
        Path program = program(env);
        Process process = new ProcessBuilder(program.toString(), "0").start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        if (env.has(Feature.MODES)) {
            env.root().chmod("program", 0666);
            assertThatThrownBy(() -> new ProcessBuilder(program.toString(), "0").start())
                    .hasMessageContaining("Permission denied");
        }
    }

    static void scriptRuns(Env env) throws Exception {
        env.requires(Feature.EXEC, Feature.HOST_PATH);
        env.root().create("script", "#!/bin/sh\necho hello from $0\n");
        env.root().chmod("script", 0755);
        Process process = new ProcessBuilder(env.absolute("script")).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(output).isEqualTo("hello from " + env.absolute("script") + "\n");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    static void runningProgramIsBusy(Env env) throws Exception {
        Path program = program(env);
        Client root = env.root();
        Process process = new ProcessBuilder(program.toString(), "60").start();
        try {
            Poll.until("the program runs", () -> isRunning(process, program));
            fails(ETXTBSY, () -> root.open("program", O_WRONLY));
            fails(ETXTBSY, () -> root.open("program", O_RDWR));
            fails(ETXTBSY, () -> root.truncate("program", 0));
            root.close(root.open("program", O_RDONLY));
            root.rename("program", "moved");
            fails(ETXTBSY, () -> root.open("moved", O_WRONLY));
            root.unlink("moved");
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean isRunning(Process process, Path program) {
        return process.info().command().map(program.toString()::equals).orElse(false);
    }

    static void writtenProgramDoesNotRun(Env env) throws Exception {
        Path program = program(env);
        int fd = env.root().open("program", O_WRONLY);
        assertThatThrownBy(() -> new ProcessBuilder(program.toString(), "0").start())
                .hasMessageContaining("Text file busy");
        env.root().close(fd);
        assertThat(new ProcessBuilder(program.toString(), "0").start().waitFor())
                .isZero();
    }

    static void javaReadsAndWrites(Env env) throws Exception {
        env.requires(Feature.HOST_PATH);
        Path directory = Files.createDirectories(Path.of(env.absolute("a/b/c")));
        Path file = directory.resolve("f");
        Files.writeString(file, "by Java");
        assertThat(Files.readString(file)).isEqualTo("by Java");
        try (var walk = Files.walk(Path.of(env.rootPath()))) {
            assertThat(walk.count()).isEqualTo(5);
        }
        Files.move(file, directory.resolve("g"));
        assertThat(env.root().names("a/b/c")).containsExactly("g");
        assertThat(env.root().open("a/b/c/new", O_CREAT | O_RDWR)).isPositive();
    }
}
