// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.sys.Fd;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import jpuffs.sys.Sys;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Servers mounted in the real kernel, as root. Whatever happens, nothing stays mounted.
@Tag("mounted")
@Tag("root")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class MountedFixture {
    /// What a command said, and how it ended.
    record Output(int status, String text) {}

    @TempDir
    Path directory;

    Path mnt;
    private int descriptors;
    private final List<FileServer> servers = new ArrayList<>();

    @BeforeAll
    static void needsFuse() {
        assumeTrue(Sys.geteuid() == 0, "needs root");
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "needs /dev/fuse");
    }

    @BeforeEach
    void makeMountPoint() throws IOException {
        descriptors = Fd.openCount();
        mnt = Files.createDirectory(directory.resolve("mnt"));
    }

    @AfterEach
    void nothingStays() throws Exception {
        List<FileServer> left = List.copyOf(servers);
        try {
            left.reversed().forEach(FileServer::close);
        } finally {
            detachAll();
        }
        for (FileServer server : left) {
            assertThat(server.await(20_000)).as("the end of the server").isTrue();
            assertThat(server.buffersTaken()).as("buffers").isZero();
        }
        assertThat(Fd.openCount()).as("descriptors").isEqualTo(descriptors);
    }

    private void detachAll() throws IOException {
        for (MountInfo mount : Mounts.list().reversed()) {
            if (mount.mountPoint().toString().startsWith(directory + "/")) {
                Mounts.takeAway(mount);
            }
        }
    }

    FileServer mount(FileSystem fs, MountOptions options) throws IOException {
        return mount(mnt, fs, options);
    }

    FileServer mount(Path where, FileSystem fs, MountOptions options) throws IOException {
        FileServer server = FileServer.mount(where, fs, options);
        servers.add(server);
        return server;
    }

    /// What is mounted there; null if nothing is.
    static MountInfo mounted(Path where) throws IOException {
        return Mounts.find(Name.of(where.toString()));
    }

    /// Runs a command, for half a minute at most.
    static Output run(String... command) throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of("timeout", "-k", "1", "30"));
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), text);
    }

    static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    /// Waits for what the kernel does in its own time.
    static void awaitThat(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(10);
        }
    }
}
