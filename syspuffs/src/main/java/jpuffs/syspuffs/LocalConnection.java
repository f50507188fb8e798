// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.ENOTCONN;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.puffs.LocalServer;
import jpuffs.puffs.MountOptions;
import org.jspecify.annotations.Nullable;

/// To a server of this process, which answers on the thread that asks.
final class LocalConnection extends Connection {
    private static final long CLOSE_SECONDS = 10;

    private final LocalServer server;
    private final AtomicLong nextUnique = new AtomicLong(2);
    private final ReentrantReadWriteLock inside = new ReentrantReadWriteLock(); // for writing: nobody is
    private volatile boolean dead;

    LocalConnection(FileSystem fs, MountOptions options, Notified notified) throws IOException {
        server = new LocalServer(fs, options, notified::notified);
    }

    @Override
    Reply call(Message message, int most, @Nullable MemorySegment room) throws ErrnoException {
        LocalServer.Answer answer = ask(message, nextUnique.getAndAdd(2), room);
        if (answer == null) {
            throw ENOTCONN.error("the file server is gone");
        }
        if (answer.error() != 0) {
            throw Errno.of(answer.error()).error();
        }
        if (answer.length() > most) {
            throw misbehaved("%s: %d bytes, more than there is room for", message.op, answer.length());
        }
        return new Reply(this, message.op, answer.body(), answer.length());
    }

    /// @return null if there is no server any more
    private LocalServer.@Nullable Answer ask(Message message, long unique, @Nullable MemorySegment room) {
        message.seal(unique);
        inside.readLock().lock();
        try {
            return dead ? null : server.serve(message.head(), message.data(), room);
        } finally {
            inside.readLock().unlock();
        }
    }

    @Override
    void post(Message message) throws ErrnoException {
        call(message, 0, null);
    }

    /// Nothing: all are answered before they return.
    @Override
    void limitPosted(int most) {}

    @Override
    boolean trySend(Message message) {
        ask(message, nextUnique.getAndAdd(2), null);
        return true;
    }

    @Override
    void reply(Message message, long unique) {
        ask(message, unique, null);
    }

    /// Nothing: what the server says comes by itself.
    @Override
    void drain() {}

    @Override
    boolean isDead() {
        return dead;
    }

    @Override
    void hangUp() {
        dead = true;
    }

    @Override
    void close() {
        dead = true;
        boolean alone = false;
        try {
            alone = inside.writeLock().tryLock(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (!alone) {
            LOG.log(Level.WARNING, "somebody still waits for the file server: it is not closed");
            return;
        }
        try {
            server.close();
        } finally {
            inside.writeLock().unlock();
        }
    }
}
