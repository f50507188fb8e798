// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Who watches which directory of a file system. Told by each operation that goes through this file system; what a
/// program does by [jpuffs.rumpfs.Ukfs#process()] is not seen.
final class Watches {
    private final Map<FileKey, List<RumpWatchKey>> byDirectory = new ConcurrentHashMap<>();

    boolean areUsed() {
        return !byDirectory.isEmpty();
    }

    void add(FileKey directory, RumpWatchKey key) {
        byDirectory.compute(directory, (_, keys) -> {
            List<RumpWatchKey> all = keys == null ? new CopyOnWriteArrayList<>() : keys;
            all.add(key);
            return all;
        });
    }

    void remove(FileKey directory, RumpWatchKey key) {
        byDirectory.computeIfPresent(directory, (_, keys) -> {
            keys.remove(key);
            return keys.isEmpty() ? null : keys;
        });
    }

    /// Whether there is something at this name.
    boolean exists(Target file) {
        try {
            file.stat(false);
            return true;
        } catch (IOException e) {
            return false; // the operation itself will say why
        }
    }

    void created(RumpPath file) {
        tell(StandardWatchEventKinds.ENTRY_CREATE, file);
    }

    void deleted(RumpPath file) {
        tell(StandardWatchEventKinds.ENTRY_DELETE, file);
    }

    void modified(RumpPath file) {
        tell(StandardWatchEventKinds.ENTRY_MODIFY, file);
    }

    private void tell(WatchEvent.Kind<Path> kind, RumpPath file) {
        if (!areUsed()) {
            return;
        }
        RumpPath parent = file.toAbsolutePath().getParent();
        RumpPath name = file.getFileName();
        if (parent == null || name == null) {
            return;
        }
        try {
            FileKey directory = FileKey.of(Target.of(parent).stat(true));
            byDirectory.getOrDefault(directory, List.of()).forEach(key -> key.signal(kind, name));
        } catch (IOException e) {
            // the directory is gone meanwhile: nobody watches it
        }
    }

    /// A directory was removed: its watches end.
    void gone(FileKey directory) {
        for (RumpWatchKey key : byDirectory.getOrDefault(directory, List.of())) {
            key.cancel();
            key.signal();
        }
    }
}
