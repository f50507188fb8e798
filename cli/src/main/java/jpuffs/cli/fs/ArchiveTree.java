// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import jpuffs.cli.HostImages;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.Time;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.image.ByteRange;
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
        if (archive.size() == 0) { // devices have whole blocks, so this may be a short text
            throw EINVAL.error("%s: not a block of a tar archive is in it", path);
        }
        try {
            reader().each(entry -> print.add(entry.name, entry.fileMode(), entry.size, entry.mtime));
        } catch (ErrnoException e) {
            throw named(path.toString(), e);
        } catch (EOFException e) {
            throw EINVAL.error("%s: %s", path, String.valueOf(e.getMessage()));
        }
    }

    @Override
    void copy(Place top, Filler filler) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var extractor = new TarExtractor(top, reader(), filler, arena);
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

    private TarReader reader() {
        return new TarReader(new ByteRange(this::read, 0, archive.size()));
    }

    private long read(MemorySegment dst, long off) throws IOException {
        archive.read(dst, off);
        return dst.byteSize();
    }
}
