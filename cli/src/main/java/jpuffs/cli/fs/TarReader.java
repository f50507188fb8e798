// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Reads an archive (pax, ustar, GNU) from its beginning to its end.
///
/// ```
/// var archive = new TarReader(in);
/// archive.each(member -> archive.content(member, (bytes, off) -> ...));
/// ```
final class TarReader {
    /// So much a [Sink] gets at once at most.
    static final int BUFFER = 256 << 10;

    private static final int MAX_RECORDS = 1 << 20;
    private static final int MAX_PARTS = 1 << 20;

    private final InputStream in;
    private final byte[] bytes = new byte[BUFFER];
    private final Map<String, String> global = new HashMap<>();
    private long left; // of the member's data and padding

    TarReader(InputStream in) {
        this.in = in;
    }

    /// Is told of each member in its turn; its content can be read then, and not later.
    @FunctionalInterface
    interface Members {
        void member(TarEntry entry) throws IOException;
    }

    /// Takes the content of a file.
    @FunctionalInterface
    interface Sink {
        /// Takes a stretch of it.
        ///
        /// @param data borrowed until return
        /// @param off where it is in the file
        void data(MemorySegment data, long off) throws IOException;
    }

    /// Tells the names: tar -t.
    static void list(Context context) throws IOException {
        new TarReader(context.in()).each(entry -> context.out().println(TarEntry.shown(entry.name)));
    }

    /// Tells of all members.
    ///
    /// @throws IOException EINVAL for what is no archive, an EOFException for one that is cut off, and what
    ///     `members` throws
    void each(Members members) throws IOException {
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
                    members.member(entry);
                    skip();
                    records = new HashMap<>(global);
                }
            }
        }
    }

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

    // Content

    static boolean isSparse(TarEntry entry) {
        return entry.records.containsKey("GNU.sparse.major");
    }

    /// The bytes of a regular file, its holes among them.
    ///
    /// @throws ErrnoException EOPNOTSUPP for holes in a way that is not known
    static long size(TarEntry entry) throws ErrnoException {
        if (!isSparse(entry)) {
            return entry.size;
        }
        String size = entry.records.getOrDefault("GNU.sparse.realsize", "");
        if (!"1".equals(entry.records.get("GNU.sparse.major")) || !size.matches("[0-9]{1,18}")) {
            throw Errno.EOPNOTSUPP.error();
        }
        return Long.parseLong(size);
    }

    /// Tells what is in the regular file that [#each] tells of now, but for its holes.
    ///
    /// @throws IOException as [#size], EINVAL for a damaged map of holes, and what `sink` throws
    void content(TarEntry entry, Sink sink) throws IOException {
        if (!isSparse(entry)) {
            part(sink, 0, entry.size);
            return;
        }
        long size = size(entry);
        for (long[] part : map()) {
            if (part[0] < 0 || part[1] < 0 || part[0] > size - part[1]) {
                throw EINVAL.error("a damaged map of holes");
            }
            part(sink, part[0], part[1]);
        }
    }

    private void part(Sink sink, long off, long length) throws IOException {
        for (long done = 0; done < length; ) {
            int n = take(length - done);
            sink.data(MemorySegment.ofArray(bytes).asSlice(0, n), off + done);
            done += n;
        }
    }

    /// Offsets and lengths, as [TarWriter] writes them: at the begin of the data.
    private List<long[]> map() throws IOException {
        long before = left;
        long count = number();
        if (count > MAX_PARTS) {
            throw EINVAL.error("a file of %d parts", count);
        }
        var map = new ArrayList<long[]>();
        for (long i = 0; i < count; i++) {
            map.add(new long[] {number(), number()});
        }
        long used = before - left;
        for (long pad = -used & (TarEntry.BLOCK - 1); pad > 0; pad--) {
            take(1);
        }
        return map;
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
}
