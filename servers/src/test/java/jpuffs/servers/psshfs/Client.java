// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jpuffs.core.Cred;
import jpuffs.core.Entry;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.eventloop.EventLoop;

/// A [Psshfs] that is driven as the kernel does, without a mount. Everything ends within [#SECONDS], or the test
/// fails.
final class Client implements AutoCloseable {
    static final int SECONDS = 120;

    private final EventLoop loop;
    private final Psshfs fs;

    /// Something to do in a context of its own.
    interface Task<T> {
        T run(Node root) throws IOException;
    }

    private Client(EventLoop loop, Psshfs fs) {
        this.loop = loop;
        this.fs = fs;
        Thread.ofPlatform().daemon().name("client").start(this::run);
    }

    /// Of the directory `dir` of a peer.
    static Client of(FaultyPeer peer, Path dir, Options options) throws IOException {
        Options all = options.with("directport", String.valueOf(peer.port()));
        Psshfs fs = Psshfs.open(new Remote(null, "127.0.0.1", dir.toString()), all);
        return new Client(EventLoop.open(), fs);
    }

    Psshfs fs() {
        return fs;
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Begins `task`.
    <T> CompletableFuture<T> start(Task<T> task) {
        var result = new CompletableFuture<T>();
        loop.execute(() -> loop.spawn(() -> {
            try {
                result.complete(task.run(fs.root()));
            } catch (IOException | RuntimeException | AssertionError e) {
                result.completeExceptionally(e);
            }
        }));
        return result;
    }

    /// Does `task`; what it throws is thrown here.
    <T> T call(Task<T> task) throws Exception {
        return await(start(task));
    }

    static <T> T await(CompletableFuture<T> task) throws Exception {
        try {
            return task.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("it hangs", e);
        }
    }

    /// The errno that `task` fails with; null if it succeeds.
    @org.jspecify.annotations.Nullable
    Errno errno(Task<?> task) throws Exception {
        try {
            call(task);
            return null;
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    // Operations

    static Node lookup(Node directory, String name) throws IOException {
        Entry entry = directory.entry(Name.of(name));
        if (entry == null) {
            throw Errno.ENOENT.error("%s", name);
        }
        return entry.node();
    }

    static List<String> list(Node directory) throws IOException {
        Handle open = directory.open(OpenFlags.O_RDONLY);
        var names = new ArrayList<String>();
        try {
            open.readdir(0, (name, ino, mode, cookie) -> names.add(name.toString()));
        } finally {
            open.release();
        }
        return names;
    }

    /// Reads a whole file, as the kernel does with read-ahead.
    static byte[] read(Node file) throws IOException {
        Handle open = file.open(OpenFlags.O_RDONLY);
        try {
            return read(open, (int) file.getattr().size());
        } finally {
            open.release();
        }
    }

    static byte[] read(Handle open, int size) throws IOException {
        var all = new byte[size];
        for (int at = 0; at < size; ) {
            int count = Math.min(128 << 10, size - at);
            int n = open.read(MemorySegment.ofArray(all).asSlice(at, count), at);
            if (n == 0) {
                throw Errno.ENODATA.error("only %d bytes of %d", at, size);
            }
            at += n;
        }
        return all;
    }

    static Handle create(Node directory, String name) throws IOException {
        return directory.create(Name.of(name), 0100644, OpenFlags.O_RDWR, Cred.ROOT);
    }

    static void write(Handle open, byte[] bytes, long off) throws IOException {
        int piece = 64 << 10;
        for (int at = 0; at < bytes.length; at += piece) {
            int count = Math.min(piece, bytes.length - at);
            open.write(MemorySegment.ofArray(bytes).asSlice(at, count), off + at);
        }
    }

    /// Closes as close(2) does, and then the last reference goes.
    static void close(Handle open) throws IOException {
        try {
            open.flush();
        } finally {
            open.release();
        }
    }

    /// Unmounts; fails if something is left behind.
    @Override
    public void close() throws IOException {
        try {
            start(root -> {
                        root.reclaim(1);
                        return true;
                    })
                    .orTimeout(SECONDS, TimeUnit.SECONDS)
                    .join();
        } finally {
            loop.close();
        }
    }
}
