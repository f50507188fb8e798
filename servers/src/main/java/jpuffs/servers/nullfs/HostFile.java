// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ESTALE;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.At;
import org.jspecify.annotations.Nullable;

/// The life of a node: which file of the host it is, how to get hold of it, and how often the driver was told it.
///
/// It is *held*, by an O_PATH descriptor of its own; or *placed*, without one, and looked up again at its [Place]
/// for each use; or *dead*. An operation takes the descriptor and gives it back:
///
/// ```java
/// int fd = take();
/// try {
///     return At.readlinkat(fd, At.EMPTY);
/// } finally {
///     give(fd);
/// }
/// ```
abstract sealed class HostFile permits NullNode {
    private static final int NONE = -1;

    /// Minus the descriptor it had: what a dead file has for a descriptor, so that a late [#give] does not close it
    /// a second time, when it may be another's.
    private static final int DEAD = -2;

    private final FileId id;
    private final PathFds fds;
    private volatile int fd;
    private volatile @Nullable Place place;
    private long answers = 1; // guarded by this; 0 is dead

    /// A file that is answered for the first time.
    ///
    /// @param fd its descriptor, or negative with a `place`
    HostFile(FileId id, PathFds fds, int fd, @Nullable Place place) {
        this.id = id;
        this.fds = fds;
        this.fd = Math.max(fd, NONE);
        this.place = place;
    }

    final FileId id() {
        return id;
    }

    final Device device() {
        return id.device();
    }

    /// A descriptor of the file, to be given back.
    ///
    /// @throws ErrnoException ESTALE if a placed file is not where it was
    final int take() throws ErrnoException {
        int own = fd;
        return own >= 0 ? own : find();
    }

    /// Gives back what [#take] answered.
    final void give(int taken) {
        int own = fd;
        if (taken != own && taken != DEAD - own) {
            fds.close(taken);
        }
    }

    private int find() throws ErrnoException {
        Place last = place;
        if (last == null) {
            int own = fd; // it may have got one meanwhile
            if (own < 0) {
                throw ESTALE.error();
            }
            return own;
        }
        int dir = last.dir().take();
        try {
            return findIn(dir, last.name());
        } finally {
            last.dir().give(dir);
        }
    }

    private int findIn(int dir, Name name) throws ErrnoException {
        int found = fds.openAnyway(dir, name);
        if (found < 0) {
            throw found == -ENOENT.number() ? ESTALE.error() : Errno.of(-found).error();
        }
        boolean same = false;
        try {
            var stat = At.fstat(found);
            same = device().holds(stat) && id.equals(FileId.of(device(), stat.attr()));
        } finally {
            if (!same) {
                fds.close(found);
            }
        }
        if (!same) {
            throw ESTALE.error();
        }
        return found;
    }

    /// Its own descriptor, negative for none.
    final int descriptor() {
        return fd;
    }

    /// Whether it has no descriptor of its own.
    final boolean isPlaced() {
        return fd < 0;
    }

    /// Counts an answer, unless the file is dead.
    final synchronized boolean answer() {
        if (answers == 0) {
            return false;
        }
        answers++;
        return true;
    }

    /// Subtracts answers; true if that was its death.
    final synchronized boolean forget(long count) {
        boolean alive = answers > 0;
        answers = Math.max(0, answers - count);
        return alive && answers == 0;
    }

    /// Makes a placed file a held one.
    ///
    /// @return false if it is held already
    final synchronized boolean hold(int newFd) {
        if (fd >= 0) {
            return false;
        }
        fd = newFd;
        return true;
    }

    /// Changes the place; what it was.
    final synchronized @Nullable Place place(@Nullable Place newPlace) {
        Place old = place;
        place = newPlace;
        return old;
    }

    /// Closes the descriptor of a dead file.
    final void close() {
        int own = fd;
        if (own >= 0) {
            fd = DEAD - own;
            fds.close(own);
        }
    }
}
