// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import jpuffs.cli.HostImages;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.Time;
import jpuffs.rump.disk.DiskName;
import org.jspecify.annotations.Nullable;

/// A tree that is a tar archive, also one that is compressed: as a disk is, which begins and ends with whole
/// blocks, too. Its files come in the order of the archive.
final class ArchiveTree extends Tree {
    private final Path path;
    private final BlockDevice archive;

    private ArchiveTree(Path path, BlockDevice archive, @Nullable Time latest) {
        super(latest);
        this.path = path;
        this.archive = archive;
    }

    static Tree open(Path path, @Nullable Time latest) throws IOException {
        return new ArchiveTree(path, HostImages.whole(new DiskName(path, ""), true), latest);
    }

    @Override
    void scan(Fingerprint print) throws IOException {
        try {
            new TarReader(new Stream(archive))
                    .each(entry -> print.add(entry.name, entry.fileMode(), entry.size, entry.mtime));
        } catch (ErrnoException e) {
            throw named(path.toString(), e);
        } catch (EOFException e) {
            throw EINVAL.error("%s: %s", path, String.valueOf(e.getMessage()));
        }
    }

    @Override
    void copy(Place top, Filler filler) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var extractor = new TarExtractor(top, new TarReader(new Stream(archive)), filler, arena);
            extractor.all(entry -> {}, (entry, why) -> {
                throw named(TarEntry.shown(entry.name), why);
            });
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        archive.close();
    }

    /// A disk from its beginning to its end.
    private static final class Stream extends InputStream {
        private static final int BUFFER = 256 << 10;

        private final BlockDevice disk;
        private final byte[] buffer = new byte[BUFFER];
        private long next; // of the disk
        private int at;
        private int filled;

        Stream(BlockDevice disk) {
            this.disk = disk;
        }

        private boolean fill() throws IOException {
            if (at == filled) {
                at = 0;
                filled = (int) Math.min(BUFFER, disk.size() - next);
                disk.read(MemorySegment.ofArray(buffer).asSlice(0, filled), next);
                next += filled;
            }
            return filled > 0;
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] dst, int off, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, filled - at);
            System.arraycopy(buffer, at, dst, off, count);
            at += count;
            return count;
        }
    }
}
