// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jpuffs.core.Name;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import jpuffs.sys.Sys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Runs the examples as they are and uses what they mount.
@Tag("mounted")
@Tag("root")
@Timeout(60)
class ExamplesTest {
    private Path base = Path.of("/");
    private Path source = Path.of("/");
    private Path mountpoint = Path.of("/");

    @BeforeEach
    void makeDirectories() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "no /dev/fuse");
        assumeTrue(Sys.geteuid() == 0, "mounting needs root");
        base = Files.createTempDirectory("jpuffs-examples");
        source = Files.createDirectory(base.resolve("source"));
        mountpoint = Files.createDirectory(base.resolve("mountpoint"));
    }

    @AfterEach
    void removeDirectories() throws IOException {
        MountInfo mount = Mounts.find(name());
        if (mount != null) {
            Mounts.takeAway(mount);
        }
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Name name() {
        return Name.of(mountpoint.toString());
    }

    private boolean isMounted() throws IOException {
        return Mounts.find(name()) != null;
    }

    @FunctionalInterface
    private interface Use {
        void run() throws Exception;
    }

    /// Runs the example until `use` is done and it is unmounted.
    private void run(String example, List<String> args, Use use) throws Exception {
        var task = new FutureTask<>(() -> {
            var constructor = Class.forName(example).getDeclaredConstructor();
            constructor.setAccessible(true);
            Method main = constructor.getDeclaringClass().getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            return main.invoke(constructor.newInstance(), (Object) args.toArray(String[]::new));
        });
        Thread.ofPlatform().daemon().name(example).start(task);
        while (!isMounted() && !task.isDone()) {
            Thread.sleep(10);
        }
        if (!task.isDone()) {
            use.run();
            Mounts.umount(name(), 0);
        }
        task.get(30, TimeUnit.SECONDS);
    }

    private void runOverSource(String example, Use use) throws Exception {
        run(example, List.of(source.toString(), mountpoint.toString()), use);
    }

    private static List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void hello() throws Exception {
        run("Hello", List.of(mountpoint.toString()), () -> {
            assertThat(list(mountpoint)).containsExactly("hello.txt");
            assertThat(mountpoint.resolve("hello.txt")).hasContent("Hello, world!\n");
            assertThat(Files.size(mountpoint.resolve("hello.txt"))).isEqualTo(14);
        });
    }

    @Test
    void rot13() throws Exception {
        Files.writeString(source.resolve("Uryyb.gkg"), "Uryyb, jbeyq! 123");
        runOverSource("Rot13", () -> {
            assertThat(list(mountpoint)).containsExactly("Hello.txt");
            assertThat(mountpoint.resolve("Hello.txt")).hasContent("Hello, world! 123");
            Path directory = Files.createDirectory(mountpoint.resolve("New"));
            Files.writeString(directory.resolve("file"), "Abc xyz");
            Files.move(directory.resolve("file"), mountpoint.resolve("moved"));
            assertThat(mountpoint.resolve("moved")).hasContent("Abc xyz");
        });
        assertThat(list(source)).containsExactly("Arj", "Uryyb.gkg", "zbirq");
        assertThat(source.resolve("zbirq")).hasContent("Nop klm");
    }

    @Test
    void caseInsensitive() throws Exception {
        Files.writeString(source.resolve("ReadMe"), "text");
        runOverSource("CaseInsensitive", () -> {
            assertThat(mountpoint.resolve("README")).hasContent("text");
            assertThat(mountpoint.resolve("readme")).hasContent("text");
            assertThat(list(mountpoint)).containsExactly("ReadMe");
            assertThatThrownBy(() -> Files.createDirectory(mountpoint.resolve("readME")))
                    .isInstanceOf(FileAlreadyExistsException.class);
            Files.createDirectory(mountpoint.resolve("Sub"));
            Files.writeString(mountpoint.resolve("SUB/File"), "x");
            assertThat(mountpoint.resolve("sub/FILE")).hasContent("x");
            Files.move(mountpoint.resolve("README"), mountpoint.resolve("sub/New"));
            assertThat(mountpoint.resolve("SUB/NEW")).hasContent("text");
            Files.move(mountpoint.resolve("sub/new"), mountpoint.resolve("Other"));
            Files.delete(mountpoint.resolve("sub/file"));
            Files.delete(mountpoint.resolve("sUB"));
            assertThat(mountpoint.resolve("Sub")).doesNotExist();
        });
        assertThat(list(source)).containsExactly("Other");
    }
}
