// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Sys;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/// A mirror of a temporary directory and a driver that counts answers as a file server does. Closing it forgets all
/// and checks that nothing is left open.
final class Mirror implements AutoCloseable {
    static final Cred SELF = Cred.of(Sys.geteuid(), Sys.getegid());

    private static final int MANY = 100_000;

    final Path source;
    final NullFs fs;
    final Node root;
    private final Map<Node, Integer> answers = new HashMap<>();
    private final int openBefore = Fd.openCount();

    private Mirror(Path source, boolean passthrough, boolean privileged, int fdLimit) throws IOException {
        this.source = source;
        this.fs = NullFs.open(source, new NullFs.Options(passthrough), privileged, fdLimit);
        this.root = fs.root();
    }

    static Mirror of(Path source) throws IOException {
        return new Mirror(source, false, isRoot(), MANY);
    }

    static Mirror withPassthrough(Path source) throws IOException {
        return new Mirror(source, true, isRoot(), MANY);
    }

    static Mirror withFds(Path source, int limit) throws IOException {
        return new Mirror(source, false, isRoot(), limit);
    }

    static Mirror unprivileged(Path source) throws IOException {
        return new Mirror(source, false, false, MANY);
    }

    static boolean isRoot() {
        return Sys.geteuid() == 0;
    }

    static void needsRoot() {
        assumeTrue(isRoot(), "needs root");
    }

    /// Counts an answer.
    synchronized <N extends Node> N got(N node) {
        answers.merge(node, 1, Integer::sum);
        return node;
    }

    Handle got(Handle handle) {
        got(handle.node());
        return handle;
    }

    @Nullable
    Node tryLook(Node dir, String name) throws IOException {
        Node node = dir.lookup(Name.of(name));
        return node == null ? null : got(node);
    }

    /// Looks up a path that is there.
    Node look(String path) throws IOException {
        Node node = root;
        for (String name : path.split("/", -1)) {
            node = Objects.requireNonNull(tryLook(node, name), path);
        }
        return node;
    }

    Handle create(String name, int flags) throws IOException {
        return got(root.create(Name.of(name), 0100644, flags, SELF));
    }

    /// The driver forgets the node.
    void forget(Node node) throws IOException {
        Integer count;
        synchronized (this) {
            count = answers.remove(node);
        }
        if (count != null) {
            node.reclaim(count);
        }
    }

    int openFds() {
        return fs.fds().count();
    }

    @Override
    public void close() throws IOException {
        for (Node node : answers.keySet().toArray(Node[]::new)) {
            forget(node);
        }
        assertThat(fs.knownFiles()).as("nodes the driver has forgotten").isZero();
        assertThat(fs.fds().count()).as("descriptors but that of the root").isOne();
        fs.close();
        assertThat(fs.fds().count()).isZero();
        assertThat(Fd.openCount()).as("open handles").isEqualTo(openBefore);
    }

    // What tests need on both sides

    Path host(String path) {
        return source.resolve(path);
    }

    Path hostFile(String path, String content) throws IOException {
        return Files.writeString(host(path), content);
    }

    static String read(Handle handle) throws IOException {
        return read(handle, 0, 8192);
    }

    static String read(Handle handle, long off, int size) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(size);
            int count = handle.read(buffer, off);
            return new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    static int write(Handle handle, String text, long off) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return handle.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes(text)), off);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Name name(String text) {
        return Name.of(text);
    }

    static String contentOf(Node node) throws IOException {
        Handle handle = node.open(Fcntl.O_RDONLY);
        try {
            return read(handle);
        } finally {
            handle.release();
        }
    }

    static void assertFails(Errno errno, Callable<?> operation) {
        ErrnoException e = Assertions.catchThrowableOfType(ErrnoException.class, operation::call);
        assertThat(e).as("should have failed with " + errno).isNotNull();
        assertThat(e.errno()).isEqualTo(errno);
    }

    /// An operation without a result.
    interface Action {
        void run() throws IOException;
    }

    static void assertRefused(Errno errno, Action action) {
        assertFails(errno, () -> {
            action.run();
            return 0;
        });
    }
}
