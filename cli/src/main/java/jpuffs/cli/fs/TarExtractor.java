// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_WRONLY;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import jpuffs.core.Dev;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rump.SystemCalls;

/// Makes the members of an archive in a directory. No member leaves it: neither by `..`, nor through a symbolic
/// link.
final class TarExtractor {
    private final Place top;
    private final TarReader archive;
    private final Maker maker;
    private final MemorySegment buffer; // native, as files of the host are written
    private final Deque<TarEntry> directories = new ArrayDeque<>();

    /// Is told what failed of a member; may throw it.
    @FunctionalInterface
    interface Failures {
        void failed(TarEntry entry, ErrnoException why) throws ErrnoException;
    }

    /// @param arena of its buffer
    TarExtractor(Place top, TarReader archive, Maker maker, Arena arena) {
        this.top = top;
        this.archive = archive;
        this.maker = maker;
        this.buffer = arena.allocate(TarReader.BUFFER, 4096);
    }

    /// tar -x: what fails is said, and left out.
    static void extract(Context context, Place top) throws IOException {
        if (!top.isDirectory()) {
            throw EINVAL.error("%s is not a directory", top);
        }
        try (Arena arena = Arena.ofConfined()) {
            var extractor = new TarExtractor(top, new TarReader(context.in()), new Maker(), arena);
            extractor.all(
                    entry -> {
                        if (context.has("v")) {
                            context.out().println(TarEntry.shown(entry.name));
                        }
                    },
                    (entry, why) -> context.complain(TarEntry.shown(entry.name) + ": " + Context.text(why)));
        }
    }

    /// Makes all.
    ///
    /// @param before is told of each member before it is made
    void all(TarReader.Members before, Failures failures) throws IOException {
        archive.each(entry -> {
            before.member(entry);
            try {
                member(entry);
            } catch (ErrnoException e) {
                failures.failed(entry, e);
            }
        });
        // Their times, and that they may not be written, when nothing is made in them any more
        for (var left = directories.descendingIterator(); left.hasNext(); ) {
            TarEntry entry = left.next();
            try {
                maker.give(Metadata.of(entry), target(entry.name));
            } catch (ErrnoException e) {
                failures.failed(entry, e);
            }
        }
    }

    /// Where a member goes; directories on the way are made.
    private Place target(String name) throws ErrnoException {
        Place place = top;
        List<Name> parts = parts(name);
        for (int i = 0; i < parts.size(); i++) {
            place = place.child(parts.get(i));
            if (i < parts.size() - 1) {
                enter(place);
            }
        }
        return place;
    }

    private static List<Name> parts(String name) throws ErrnoException {
        var parts = new ArrayList<Name>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                throw EINVAL.error("contains '..'");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(Name.of(part.getBytes(TarEntry.BYTES)));
            }
        }
        return parts;
    }

    private static void enter(Place directory) throws ErrnoException {
        try {
            if (!directory.lstat().isDirectory()) {
                throw Errno.ENOTDIR.error();
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            directory.mkdir(0777);
        }
    }

    private void member(TarEntry entry) throws IOException {
        Place target = target(entry.name);
        if (entry.type == TarEntry.DIRECTORY) {
            enter(target);
            directories.add(entry);
            return;
        }
        maker.clear(target);
        switch (entry.type) {
            case TarEntry.FILE -> file(entry, target);
            case TarEntry.LINK -> maker.link(target(entry.link), target);
            case TarEntry.SYMLINK -> maker.symlink(entry.link.getBytes(TarEntry.BYTES), target);
            case TarEntry.FIFO, TarEntry.CHAR, TarEntry.DISK ->
                maker.special(entry.fileMode() & ~07000, Dev.make(entry.major, entry.minor), target);
            default -> throw Errno.EOPNOTSUPP.error();
        }
        if (entry.type != TarEntry.LINK) {
            maker.give(Metadata.of(entry), target);
        }
    }

    private void file(TarEntry entry, Place target) throws IOException {
        SystemCalls calls = target.calls();
        int fd = target.open(O_WRONLY | O_CREAT | O_EXCL, 0600);
        try {
            if (TarReader.isSparse(entry)) {
                calls.ftruncate(fd, TarReader.size(entry));
            }
            archive.content(entry, (data, off) -> {
                MemorySegment bytes = buffer.asSlice(0, data.byteSize()).copyFrom(data);
                for (long done = 0; done < bytes.byteSize(); ) {
                    done += calls.pwrite(fd, bytes.asSlice(done), off + done);
                }
            });
        } finally {
            calls.close(fd);
        }
    }
}
