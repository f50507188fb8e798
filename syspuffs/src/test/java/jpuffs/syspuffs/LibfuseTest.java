// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.syspuffs.Errors.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Servers of others, unmodified: the examples of libfuse (Debian: libfuse3-dev).
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LibfuseTest {
    private static final Path EXAMPLES = Path.of("/usr/share/doc/libfuse3-dev/examples");

    @TempDir
    private Path directory;

    private String compiled(String example) throws Exception {
        Path source = EXAMPLES.resolve(example + ".c");
        if (!Boolean.getBoolean("jpuffs.ci")) {
            assumeThat(source).exists();
        }
        Path program = directory.resolve(example);
        String command = "cc -O1 -w -o '%s' '%s' $(pkg-config --cflags --libs fuse3)".formatted(program, source);
        Process cc = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        assertThat(cc.waitFor()).as(command).isZero();
        return program.toString();
    }

    private static byte[] read(Node file) throws IOException {
        Handle handle = file.open(0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1 << 20);
            int count = handle.read(buffer, 0);
            return buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            handle.flush();
            handle.release();
        }
    }

    private static List<String> list(Node directory) throws IOException {
        var names = new ArrayList<String>();
        Handle handle = directory.open(0);
        try {
            handle.readdir(0, (name, _, _, _) -> names.add(name.toString()));
        } finally {
            handle.release();
        }
        names.sort(null);
        return names;
    }

    @Test
    void hello() throws Exception {
        try (var child = ChildServer.start(List.of(compiled("hello_ll"), "-f", ChildServer.MOUNT_POINT))) {
            SysPuffs half = child.fileSystem();
            assertThat(list(half.root())).containsExactly("hello");
            Node hello = half.root().lookup(Name.of("hello"));
            assertThat(hello.getattr().mode()).isEqualTo(Mode.S_IFREG | 0444);
            assertThat(read(hello)).isEqualTo("Hello World!\n".getBytes(UTF_8));
            assertThat(half.root().lookup(Name.of("other"))).isNull();
            assertErrno(Errno.EACCES, () -> hello.open(2));
            half.unmount(false);
            assertThat(half.misbehaviours()).isZero();
            assertThat(child.await()).as("exit status").isLessThan(128); // libfuse finds fault with our hanging up
        }
    }

    @Test
    void passthrough() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        String program = compiled("passthrough_ll");
        var command = List.of(program, "-f", "-o", "source=" + source, ChildServer.MOUNT_POINT);
        try (var child = ChildServer.start(command)) {
            SysPuffs half = child.fileSystem();
            Node root = half.root();
            byte[] data = new byte[300_000];
            new java.util.Random(1).nextBytes(data);
            Handle made = root.create(Name.of("f"), Mode.S_IFREG | 0640, 2, Cred.ROOT);
            assertThat(made.write(MemorySegment.ofArray(data), 0)).isEqualTo(data.length);
            made.fsync(false);
            made.release();
            assertThat(source.resolve("f")).hasBinaryContent(data);
            Node file = made.node();
            assertThat(file.getattr().size()).isEqualTo(data.length);
            assertThat(read(file)).isEqualTo(data);
            root.mkdir(Name.of("d"), 0755, Cred.ROOT);
            root.symlink(Name.of("s"), "f".getBytes(UTF_8), Cred.ROOT);
            assertThat(root.lookup(Name.of("s")).readlink()).isEqualTo("f".getBytes(UTF_8));
            root.link(file, Name.of("g"));
            assertThat(file.getattr().nlink()).isEqualTo(2);
            assertThat(file.setattr(SetAttr.none().withSize(7)).size()).isEqualTo(7);
            root.rename(Name.of("g"), root.lookup(Name.of("d")), Name.of("h"), 0);
            assertThat(list(root)).containsExactly("d", "f", "s");
            assertThat(list(root.lookup(Name.of("d")))).containsExactly("h");
            root.unlink(Name.of("f"));
            assertThat(file.getattr().nlink()).isEqualTo(1);
            assertErrno(Errno.ENOTEMPTY, () -> root.rmdir(Name.of("d")));
            half.unmount(false);
            assertThat(half.misbehaviours()).isZero();
            assertThat(child.await()).as("exit status").isLessThan(128); // libfuse finds fault with our hanging up
        }
    }

    @Test
    void aServerThatIsKilledIsGone() throws Exception {
        try (var child = ChildServer.start(List.of(compiled("hello_ll"), "-f", ChildServer.MOUNT_POINT))) {
            SysPuffs half = child.fileSystem();
            child.kill();
            child.await();
            assertErrno(Errno.ENOTCONN, half::statfs);
        }
    }

    @Test
    void aCommandThatIsNoServerIsTold() {
        assertThatThrownBy(() -> ChildServer.start(List.of("true", ChildServer.MOUNT_POINT)))
                .hasMessageContaining("true");
    }
}
