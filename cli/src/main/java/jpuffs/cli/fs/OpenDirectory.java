// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;

/// A directory that stays open while something is done with what is in it: from there each name is one step, which
/// on the host saves a system call for each directory above it.
///
/// ```
/// try (var directory = OpenDirectory.of(place)) {
///     for (Place child : directory.list()) { ... }
/// }
/// ```
///
/// The places it answers are good until it is closed.
record OpenDirectory(Place place, int fd) implements AutoCloseable {
    private static final byte[] SELF = {'.'};

    /// Opens it by a descriptor that needs no permission to read.
    static OpenDirectory of(Place place) throws ErrnoException {
        return new OpenDirectory(place, place.open(OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0));
    }

    Place child(Name name) {
        return holds(place.child(name));
    }

    /// The same place, by this directory, of which it is a child.
    Place holds(Place child) {
        return child.from(fd, child.base().toBytes());
    }

    /// The entries without `.` and `..`, by name.
    List<Place> list() throws ErrnoException {
        return place.from(fd, SELF).names().stream().map(this::child).toList();
    }

    @Override
    public void close() throws ErrnoException {
        place.calls().close(fd);
    }
}
