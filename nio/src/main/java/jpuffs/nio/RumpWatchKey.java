// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A watched directory. The same event twice in a row is one that counts two; of more than [#MOST] different ones
/// that nobody fetched the rest is lost, which an OVERFLOW says.
final class RumpWatchKey implements WatchKey {
    private static final int MOST = 512;

    private final RumpWatchService service;
    private final RumpPath directory;
    private final FileKey file;
    private Set<WatchEvent.Kind<?>> kinds;
    private List<Event> events = new ArrayList<>();
    private boolean signalled;
    private boolean valid = true;

    RumpWatchKey(RumpWatchService service, RumpPath directory, FileKey file, Set<WatchEvent.Kind<?>> kinds) {
        this.service = service;
        this.directory = directory;
        this.file = file;
        this.kinds = kinds;
    }

    /// @param context the name in the directory; null for OVERFLOW
    private record Event(Kind<Object> kind, @Nullable Object context, int count) implements WatchEvent<Object> {
        @SuppressWarnings("unchecked") // only the kinds of the JDK: of Path and of Object
        static Event of(WatchEvent.Kind<?> kind, @Nullable Path context) {
            return new Event((Kind<Object>) kind, context, 1);
        }

        boolean isLike(Event other) {
            return kind.equals(other.kind) && Objects.equals(context, other.context);
        }
    }

    FileKey file() {
        return file;
    }

    synchronized void setKinds(Set<WatchEvent.Kind<?>> kinds) {
        this.kinds = kinds;
    }

    /// Something happened to an entry.
    synchronized void signal(WatchEvent.Kind<Path> kind, Path name) {
        if (valid && kinds.contains(kind)) {
            boolean overflow = events.size() >= MOST;
            add(overflow ? Event.of(StandardWatchEventKinds.OVERFLOW, null) : Event.of(kind, name));
            signal();
        }
    }

    private void add(Event event) {
        Event last = events.isEmpty() ? null : events.getLast();
        if (last != null && last.isLike(event)) {
            events.set(events.size() - 1, new Event(last.kind, last.context, last.count + 1));
        } else {
            events.add(event);
        }
    }

    /// Puts it among those that have something to tell, unless it is there.
    synchronized void signal() {
        if (!signalled) {
            signalled = true;
            service.enqueue(this);
        }
    }

    @Override
    public synchronized boolean isValid() {
        return valid;
    }

    @Override
    public synchronized List<WatchEvent<?>> pollEvents() {
        List<WatchEvent<?>> told = List.copyOf(events);
        events = new ArrayList<>();
        return told;
    }

    @Override
    public synchronized boolean reset() {
        if (valid && signalled) {
            if (events.isEmpty()) {
                signalled = false;
            } else {
                service.enqueue(this);
            }
        }
        return valid;
    }

    @Override
    public void cancel() {
        synchronized (this) {
            valid = false;
        }
        service.forget(this);
    }

    @Override
    public Path watchable() {
        return directory;
    }
}
