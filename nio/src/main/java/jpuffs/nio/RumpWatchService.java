// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jpuffs.rump.Stat;
import org.jspecify.annotations.Nullable;

/// Events of directories, told by the operations themselves: none comes late, none is missed but by OVERFLOW.
final class RumpWatchService implements WatchService {
    private static final Set<WatchEvent.Kind<?>> KINDS = Set.of(
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_DELETE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.OVERFLOW);

    private final RumpFileSystem fs;
    private final Map<FileKey, RumpWatchKey> keys = new HashMap<>(); // guarded by this
    private final BlockingQueue<Signal> queue = new LinkedBlockingQueue<>(); // each key once, and one END
    private volatile boolean closed;

    /// What is in the queue: a key, or null when the service was closed.
    private record Signal(@Nullable RumpWatchKey key) {
        static final Signal END = new Signal(null);
    }

    RumpWatchService(RumpFileSystem fs) {
        this.fs = fs;
    }

    WatchKey register(RumpPath directory, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
            throws IOException {
        if (!directory.getFileSystem().equals(fs)) {
            throw new ProviderMismatchException(directory + " is on another file system");
        }
        var kinds = new HashSet<WatchEvent.Kind<?>>(List.of(events));
        if (modifiers.length > 0 || !KINDS.containsAll(kinds)) {
            throw new UnsupportedOperationException("only the kinds of events of the JDK, without modifiers");
        }
        if (kinds.stream().allMatch(StandardWatchEventKinds.OVERFLOW::equals)) {
            throw new IllegalArgumentException("no kind of event");
        }
        Stat stat = Target.of(directory).stat(true);
        if (!stat.attr().isDirectory()) {
            throw new NotDirectoryException(directory.toString());
        }
        return keyFor(directory, FileKey.of(stat), kinds);
    }

    private synchronized WatchKey keyFor(RumpPath directory, FileKey file, Set<WatchEvent.Kind<?>> kinds) {
        requireOpen();
        RumpWatchKey old = keys.get(file);
        if (old != null) {
            old.setKinds(kinds);
            return old;
        }
        var key = new RumpWatchKey(this, directory, file, kinds);
        keys.put(file, key);
        fs.watches().add(file, key);
        return key;
    }

    void enqueue(RumpWatchKey key) {
        queue.add(new Signal(key));
    }

    /// A key was cancelled.
    synchronized void forget(RumpWatchKey key) {
        if (keys.remove(key.file(), key)) {
            fs.watches().remove(key.file(), key);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedWatchServiceException();
        }
    }

    private @Nullable WatchKey keyOf(@Nullable Signal signal) {
        if (signal == null) {
            return null;
        }
        RumpWatchKey key = signal.key();
        if (key == null) {
            queue.add(signal); // for the next one who waits
            throw new ClosedWatchServiceException();
        }
        return key;
    }

    @Override
    public @Nullable WatchKey poll() {
        requireOpen();
        return keyOf(queue.poll());
    }

    @Override
    public @Nullable WatchKey poll(long timeout, TimeUnit unit) throws InterruptedException {
        requireOpen();
        return keyOf(queue.poll(timeout, unit));
    }

    @Override
    public WatchKey take() throws InterruptedException {
        requireOpen();
        WatchKey key = null;
        while (key == null) {
            key = keyOf(queue.take());
        }
        return key;
    }

    /// Cancels all keys; who waits gets a [ClosedWatchServiceException].
    @Override
    public void close() {
        List<RumpWatchKey> all;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            all = List.copyOf(keys.values());
        }
        all.forEach(RumpWatchKey::cancel);
        queue.clear();
        queue.add(Signal.END);
        fs.forget(this);
    }
}
