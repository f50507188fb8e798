// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jpuffs.core.Attr;
import jpuffs.core.Dev;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rump.Process;
import jpuffs.rump.SystemCalls;

/// tar: with `-c` an archive in the format pax to standard output. Of a directory it has what is in it, by paths
/// from there.
final class TarWriter {
    private static final int BUFFER = 256 << 10;
    private static final int RECORD = 20 * TarEntry.BLOCK;

    private final Context context;
    private final OutputStream out;
    private final Map<FileId, String> links = new HashMap<>();
    private final byte[] bytes = new byte[BUFFER];
    private final MemorySegment buffer; // native, as files of the host are read
    private long written;

    /// A stretch of a file that is no hole.
    private record Data(long off, long length) {}

    private TarWriter(Context context, Arena arena) {
        this.context = context;
        this.buffer = arena.allocate(BUFFER, 4096);
        this.out = new BufferedOutputStream(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        write(new byte[] {(byte) b}, 0, 1);
                    }

                    @Override
                    public void write(byte[] part, int off, int length) throws IOException {
                        byte[] whole = off == 0 ? part : Arrays.copyOfRange(part, off, off + length);
                        if (!context.write(whole, length)) {
                            throw Errno.EPIPE.error("nobody reads the archive");
                        }
                    }
                },
                BUFFER);
    }

    /// The tool, in each of its ways.
    static void tar(Context context, List<Place> places) throws IOException, UsageException {
        String ways = Stream.of("c", "x", "t").filter(context::has).collect(Collectors.joining());
        switch (ways + Math.min(places.size(), 2)) {
            case "c1", "c2" -> create(context, places);
            case "x1" -> TarExtractor.extract(context, places.getFirst());
            case "t0" -> TarReader.list(context);
            default -> throw new UsageException("-c and files, -x and a directory, or -t");
        }
    }

    private static void create(Context context, List<Place> places) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var writer = new TarWriter(context, arena);
            for (Place place : places) {
                if (place.isDirectory()) {
                    writer.tree(place, "./");
                } else {
                    writer.member(place, TarEntry.text(place.base().toBytes()));
                }
            }
            writer.end();
        }
    }

    private void tree(Place directory, String name) throws IOException {
        member(directory, name);
        List<Place> children;
        try {
            children = directory.list();
        } catch (ErrnoException e) {
            context.complain("cannot open", directory, e);
            return;
        }
        for (Place child : children) {
            String path = name + TarEntry.text(child.base().toBytes());
            if (isDirectory(child)) {
                tree(child, path + "/");
            } else {
                member(child, path);
            }
        }
    }

    private static boolean isDirectory(Place place) {
        try {
            return place.lstat().isDirectory();
        } catch (ErrnoException e) {
            return false; // which is said when it is read
        }
    }

    /// A file that cannot be read is left out.
    private void member(Place place, String name) throws IOException {
        try {
            Attr attr = place.lstat();
            char type = type(attr.mode());
            if (type == 0) {
                context.complain(place + ": socket ignored");
                return;
            }
            TarEntry entry = entry(place, name, attr);
            entry.type = type;
            String first = attr.nlink() > 1 && !attr.isDirectory()
                    ? links.putIfAbsent(FileId.of(place, AT_SYMLINK_NOFOLLOW), name)
                    : null;
            if (first != null) {
                entry.type = TarEntry.LINK;
                entry.link = first;
                entry.records.clear();
                put(entry.toBytes());
            } else if (attr.isRegular()) {
                file(place, attr, entry);
            } else {
                put(entry.toBytes());
            }
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EPIPE) {
                throw e;
            }
            context.complain("cannot read", place, e);
        }
    }

    /// 0 for a socket, which no archive has.
    private static char type(int mode) {
        return switch (Mode.type(mode)) {
            case Mode.S_IFREG -> TarEntry.FILE;
            case Mode.S_IFDIR -> TarEntry.DIRECTORY;
            case Mode.S_IFLNK -> TarEntry.SYMLINK;
            case Mode.S_IFCHR -> TarEntry.CHAR;
            case Mode.S_IFBLK -> TarEntry.DISK;
            case Mode.S_IFIFO -> TarEntry.FIFO;
            default -> 0;
        };
    }

    private static TarEntry entry(Place place, String name, Attr attr) throws ErrnoException {
        var entry = new TarEntry();
        entry.name = name;
        entry.mode = attr.mode() & Mode.PERMISSIONS;
        entry.uid = Integer.toUnsignedLong(attr.uid());
        entry.gid = Integer.toUnsignedLong(attr.gid());
        entry.mtime = attr.mtime();
        entry.major = Dev.major(attr.rdev());
        entry.minor = Dev.minor(attr.rdev());
        entry.link = attr.isSymlink() ? TarEntry.text(place.readlink()) : "";
        for (Name xattr : place.calls().listxattrat(place.dir(), place.at(), AT_SYMLINK_NOFOLLOW)) {
            byte[] value = place.calls().getxattrat(place.dir(), place.at(), AT_SYMLINK_NOFOLLOW, xattr);
            entry.records.put(TarEntry.XATTR + TarEntry.text(xattr.toBytes()), TarEntry.text(value));
        }
        return entry;
    }

    private void file(Place place, Attr attr, TarEntry entry) throws IOException {
        int fd = place.open(O_RDONLY, 0);
        try {
            boolean sparse = attr.blocks() * 512 < attr.size();
            List<Data> parts = sparse ? data(place.calls(), fd, attr.size()) : List.of(new Data(0, attr.size()));
            byte[] map = new byte[0];
            entry.size = attr.size();
            if (sparse) {
                map = map(parts);
                sparse(
                        entry,
                        map.length + parts.stream().mapToLong(Data::length).sum());
            }
            put(entry.toBytes());
            put(map);
            long length = 0;
            for (Data part : parts) {
                copy(place, fd, part);
                length += part.length;
            }
            put(new byte[(int) (-length & (TarEntry.BLOCK - 1))]);
        } finally {
            place.calls().close(fd);
        }
    }

    private static List<Data> data(SystemCalls calls, int fd, long size) throws ErrnoException {
        var parts = new ArrayList<Data>();
        try {
            for (long at = 0; at < size; ) {
                long data = calls.lseek(fd, at, Process.SEEK_DATA);
                at = Math.min(size, calls.lseek(fd, data, Process.SEEK_HOLE));
                if (at > data) {
                    parts.add(new Data(data, at - data));
                }
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENXIO) {
                throw e;
            }
        }
        parts.add(new Data(size, 0));
        return parts;
    }

    /// GNU's sparse format 1.0: the map is the first of the data.
    private static byte[] map(List<Data> parts) {
        var text = new StringBuilder().append(parts.size()).append('\n');
        parts.forEach(
                part -> text.append(part.off).append('\n').append(part.length).append('\n'));
        byte[] bytes = text.toString().getBytes(TarEntry.BYTES);
        return Arrays.copyOf(bytes, TarEntry.padded(bytes.length));
    }

    private static void sparse(TarEntry entry, long stored) {
        entry.records.put("GNU.sparse.major", "1");
        entry.records.put("GNU.sparse.minor", "0");
        entry.records.put("GNU.sparse.name", entry.name);
        entry.records.put("GNU.sparse.realsize", Long.toString(entry.size));
        int slash = entry.name.lastIndexOf('/') + 1;
        entry.name = entry.name.substring(0, slash) + "GNUSparseFile.0/" + entry.name.substring(slash);
        entry.size = stored;
    }

    /// What a file has become shorter by meanwhile is filled with zeros: the header has told its size.
    private void copy(Place place, int fd, Data part) throws IOException {
        for (long done = 0; done < part.length; ) {
            int want = (int) Math.min(BUFFER, part.length - done);
            int n = place.calls().pread(fd, buffer.asSlice(0, want), part.off + done);
            MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, 0, n);
            if (n == 0) {
                context.complain(place + ": file shrank, padding with zeros");
                Arrays.fill(bytes, 0, want, (byte) 0);
                n = want;
            }
            out.write(bytes, 0, n);
            written += n;
            done += n;
        }
    }

    private void put(byte[] part) throws IOException {
        out.write(part);
        written += part.length;
    }

    private void end() throws IOException {
        put(new byte[2 * TarEntry.BLOCK]);
        put(new byte[(int) ((RECORD - written % RECORD) % RECORD)]);
        out.flush();
    }
}
