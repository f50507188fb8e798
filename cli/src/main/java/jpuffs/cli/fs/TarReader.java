// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_WRONLY;
import static jpuffs.rump.Process.AT_FDCWD;
import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Dev;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rump.TimeSpec;
import org.jspecify.annotations.Nullable;

/// tar -x and -t: reads an archive (pax, ustar, GNU) from standard input. No member leaves the directory it is
/// unpacked in: neither by `..`, nor through a symbolic link.
final class TarReader {
    private static final int BUFFER = 256 << 10;
    private static final int MAX_RECORDS = 1 << 20;
    private static final int MAX_PARTS = 1 << 20;
    private static final int SET_ID = Mode.S_ISUID | Mode.S_ISGID;

    private final Context context;
    private final InputStream in;
    private final @Nullable Place top;
    private final byte[] bytes = new byte[BUFFER];
    private final Map<String, String> global = new HashMap<>();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private long left; // of the member's data and padding

    private TarReader(Context context, @Nullable Place top) {
        this.context = context;
        this.in = context.in();
        this.top = top;
    }

    /// Tells the names.
    static void list(Context context) throws IOException {
        new TarReader(context, null).all();
    }

    /// Unpacks into a directory.
    static void extract(Context context, Place top) throws IOException {
        if (!top.isDirectory()) {
            throw EINVAL.error("%s is not a directory", top);
        }
        new TarReader(context, top).all();
    }

    private void all() throws IOException {
        Map<String, String> records = new HashMap<>(global);
        for (TarEntry entry = next(); entry != null; entry = next()) {
            switch (entry.type) {
                case TarEntry.PAX -> records.putAll(TarEntry.records(rest(entry)));
                case TarEntry.PAX_GLOBAL -> {
                    global.putAll(TarEntry.records(rest(entry)));
                    records.putAll(global);
                }
                case TarEntry.GNU_NAME -> records.put("path", zeroEnded(rest(entry)));
                case TarEntry.GNU_LINK -> records.put("linkpath", zeroEnded(rest(entry)));
                default -> {
                    entry.apply(records);
                    left = entry.size + (-entry.size & (TarEntry.BLOCK - 1));
                    member(entry);
                    skip();
                    records = new HashMap<>(global);
                }
            }
        }
        later.descendingIterator().forEachRemaining(Runnable::run);
    }

    // Bytes

    private @Nullable TarEntry next() throws IOException {
        byte[] block = in.readNBytes(TarEntry.BLOCK);
        if (block.length == 0 || isZero(block)) {
            return null;
        }
        TarEntry entry = block.length < TarEntry.BLOCK ? null : TarEntry.parse(block);
        if (entry == null || entry.size < 0) {
            throw EINVAL.error("this does not look like a tar archive");
        }
        left = entry.size + (-entry.size & (TarEntry.BLOCK - 1));
        return entry;
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return block.length == TarEntry.BLOCK;
    }

    /// All data of a header that is about the next.
    private byte[] rest(TarEntry entry) throws IOException {
        if (entry.size > MAX_RECORDS) {
            throw EINVAL.error("an extended header of %d bytes", entry.size);
        }
        byte[] all = new byte[(int) entry.size];
        for (int done = 0; done < all.length; ) {
            int n = take(all.length - done);
            System.arraycopy(bytes, 0, all, done, n);
            done += n;
        }
        skip();
        return all;
    }

    private static String zeroEnded(byte[] text) {
        String all = TarEntry.text(text);
        int end = all.indexOf('\0');
        return end < 0 ? all : all.substring(0, end);
    }

    /// Reads up to `max` bytes into the buffer.
    private int take(long max) throws IOException {
        int want = (int) Math.min(Math.min(BUFFER, max), left);
        int n = in.readNBytes(bytes, 0, want);
        if (n < want || want == 0) {
            throw new EOFException("the archive ends too early");
        }
        left -= n;
        return n;
    }

    private void skip() throws IOException {
        while (left > 0) {
            take(BUFFER);
        }
    }

    // Members

    private void member(TarEntry entry) throws IOException {
        Place directory = top;
        if (directory == null) {
            context.out().println(TarEntry.shown(entry.name));
            return;
        }
        if (context.has("v")) {
            context.out().println(TarEntry.shown(entry.name));
        }
        try {
            Place target = target(directory, entry.name);
            make(entry, target, directory);
        } catch (ErrnoException e) {
            context.complain(TarEntry.shown(entry.name) + ": " + Context.text(e));
        }
    }

    /// Where a member goes; directories on the way are made.
    private static Place target(Place top, String name) throws ErrnoException {
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

    private void make(TarEntry entry, Place target, Place directory) throws IOException {
        int mode = entry.mode & 0777;
        if (entry.type == TarEntry.DIRECTORY) {
            enter(target);
            later.add(() -> attributes(entry, target)); // its time, and that it may not be written
            return;
        }
        FileCopy.removeIfThere(target);
        var process = target.process();
        switch (entry.type) {
            case TarEntry.FILE -> file(entry, target);
            case TarEntry.LINK ->
                process.linkat(AT_FDCWD, target(directory, entry.link).path(), AT_FDCWD, target.path(), 0);
            case TarEntry.SYMLINK -> process.symlinkat(entry.link.getBytes(TarEntry.BYTES), AT_FDCWD, target.path());
            case TarEntry.FIFO -> process.mknodat(AT_FDCWD, target.path(), Mode.S_IFIFO | mode, 0);
            case TarEntry.CHAR, TarEntry.DISK -> {
                int type = entry.type == TarEntry.CHAR ? Mode.S_IFCHR : Mode.S_IFBLK;
                process.mknodat(AT_FDCWD, target.path(), type | mode, Dev.make(entry.major, entry.minor));
            }
            default -> throw Errno.EOPNOTSUPP.error();
        }
        if (entry.type != TarEntry.LINK) {
            attributes(entry, target);
        }
    }

    private void file(TarEntry entry, Place target) throws IOException {
        int fd = target.open(O_WRONLY | O_CREAT | O_EXCL, 0600);
        try {
            if (entry.records.containsKey("GNU.sparse.major")) {
                sparse(entry, target, fd);
            } else {
                copy(target, fd, 0, entry.size);
            }
        } finally {
            target.process().close(fd);
        }
    }

    private void copy(Place target, int fd, long off, long length) throws IOException {
        for (long done = 0; done < length; ) {
            int n = take(length - done);
            for (int put = 0; put < n; ) {
                put += target.process()
                        .pwrite(fd, MemorySegment.ofArray(bytes).asSlice(put, n - put), off + done + put);
            }
            done += n;
        }
    }

    /// As [TarWriter] writes it.
    private void sparse(TarEntry entry, Place target, int fd) throws IOException {
        String size = entry.records.getOrDefault("GNU.sparse.realsize", "");
        if (!"1".equals(entry.records.get("GNU.sparse.major")) || !size.matches("[0-9]{1,18}")) {
            throw Errno.EOPNOTSUPP.error();
        }
        long before = left;
        long count = number();
        if (count > MAX_PARTS) {
            throw EINVAL.error("a file of %d parts", count);
        }
        var map = new ArrayList<Long>();
        for (long i = 0; i < 2 * count; i++) {
            map.add(number());
        }
        long used = before - left;
        for (long pad = -used & (TarEntry.BLOCK - 1); pad > 0; pad--) {
            take(1);
        }
        target.process().ftruncate(fd, Long.parseLong(size));
        for (int i = 0; i < map.size(); i += 2) {
            copy(target, fd, map.get(i), map.get(i + 1));
        }
    }

    /// Digits and a newline.
    private long number() throws IOException {
        long number = 0;
        for (int digits = 0; digits < 20; digits++) {
            take(1);
            if (bytes[0] == '\n' && digits > 0) {
                return number;
            }
            if (bytes[0] < '0' || bytes[0] > '9') {
                break;
            }
            number = number * 10 + bytes[0] - '0';
        }
        throw EINVAL.error("a damaged map of holes");
    }

    /// As far as the target has them; without the owner there are no set-id bits.
    private void attributes(TarEntry entry, Place target) {
        var process = target.process();
        try {
            int mode = entry.mode;
            try {
                process.fchownat(AT_FDCWD, target.path(), (int) entry.uid, (int) entry.gid, AT_SYMLINK_NOFOLLOW);
            } catch (ErrnoException e) {
                FileCopy.tolerate(e);
                mode &= ~SET_ID;
            }
            for (var record : entry.records.entrySet()) {
                if (record.getKey().startsWith(TarEntry.XATTR)) {
                    xattr(target, record.getKey().substring(TarEntry.XATTR.length()), record.getValue());
                }
            }
            if (entry.type != TarEntry.SYMLINK) {
                process.fchmodat(AT_FDCWD, target.path(), mode, 0);
            }
            TimeSpec time = TimeSpec.of(entry.mtime);
            process.utimensat(AT_FDCWD, target.path(), time, time, AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            context.complain("cannot set attributes of", target, e);
        }
    }

    private static void xattr(Place target, String name, String value) throws ErrnoException {
        try {
            Name key = Name.of(name.getBytes(TarEntry.BYTES));
            byte[] bytes = value.getBytes(TarEntry.BYTES);
            target.process().setxattrat(AT_FDCWD, target.path(), AT_SYMLINK_NOFOLLOW, key, bytes, 0);
        } catch (ErrnoException e) {
            FileCopy.tolerate(e);
        }
    }
}
