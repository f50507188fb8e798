// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The locks of channels. An image is one program's, so there is nobody to wait for: as the JDK has it, a program
/// that asks for what it has locked already gets an [OverlappingFileLockException].
final class FileLocks {
    private final Map<FileKey, List<Lock>> byFile = new HashMap<>();

    /// One lock.
    final class Lock extends FileLock {
        private final FileKey file;
        private volatile boolean valid = true;

        private Lock(RumpFileChannel channel, FileKey file, long position, long size, boolean shared) {
            super(channel, position, size, shared);
            this.file = file;
        }

        @Override
        public boolean isValid() {
            return valid && acquiredBy().isOpen();
        }

        @Override
        public void release() throws IOException {
            if (!acquiredBy().isOpen()) {
                throw new ClosedChannelException();
            }
            remove(this);
        }
    }

    synchronized Lock take(RumpFileChannel channel, FileKey file, long position, long size, boolean shared) {
        List<Lock> locks = byFile.computeIfAbsent(file, _ -> new ArrayList<>());
        for (Lock lock : locks) {
            if (lock.overlaps(position, size)) {
                throw new OverlappingFileLockException();
            }
        }
        Lock lock = new Lock(channel, file, position, size, shared);
        locks.add(lock);
        return lock;
    }

    private synchronized void remove(Lock lock) {
        lock.valid = false;
        byFile.computeIfPresent(lock.file, (_, locks) -> {
            locks.remove(lock);
            return locks.isEmpty() ? null : locks;
        });
    }

    /// Releases those of a channel that was closed.
    synchronized void removeAll(RumpFileChannel channel) {
        byFile.values()
                .forEach(locks -> locks.removeIf(lock -> {
                    boolean its = lock.acquiredBy().equals(channel);
                    lock.valid = lock.valid && !its;
                    return its;
                }));
        byFile.values().removeIf(List::isEmpty);
    }
}
