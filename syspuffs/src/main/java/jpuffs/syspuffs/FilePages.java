// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.core.OpenFlags;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// The pages of one file. A page is known as a whole, up to the end of the file: one that is shorter than [#PAGE]
/// is the last.
///
/// Pages that were written and not sent are sent before the server is asked for anything about the file, so what it
/// says of size and times is right, and a page is only read when the server knows what we know.
///
/// The lock is held while the server is asked; who holds it takes no other of its kind but to try.
final class FilePages {
    static final int PAGE = 4096;

    private static final int WRITE_THROUGH = OpenFlags.O_APPEND | OpenFlags.O_SYNC | OpenFlags.O_DSYNC;

    /// One page.
    private static final class Page {
        private final byte[] bytes = new byte[PAGE]; // zeros behind length
        private int length;
        private boolean dirty;
    }

    /// What the server has said of a content.
    private record Seen(long size, Time mtime) {}

    private final PageCache cache;
    private final RemoteNode node;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<Long, Page> pages = new TreeMap<>(); // guarded by the lock
    private @Nullable RemoteHandle writer; // of the dirty pages; null if there are none
    private long end; // of the file, while there are dirty pages
    private long nextRead;
    private @Nullable Errno failure; // of a write that was told as a success
    private volatile boolean stale;
    private volatile boolean empty = true;
    private volatile @Nullable Seen seen;

    FilePages(PageCache cache, RemoteNode node) {
        this.cache = cache;
        this.node = node;
    }

    boolean isEmpty() {
        return empty;
    }

    /// The content may have changed by others: pages are dropped when next somebody looks. Takes no lock.
    void invalidate() {
        stale = true;
    }

    /// The server tells attributes: with another size or time, somebody else has written. Takes no lock.
    void learn(Attr attr) {
        var now = new Seen(attr.size(), attr.mtime());
        Seen before = seen;
        if (before != null && !before.equals(now)) {
            stale = true;
        }
        seen = now;
    }

    /// As [RemoteHandle#read].
    int read(RemoteHandle handle, MemorySegment dst, long off, int flags) throws IOException {
        lock.lock();
        try {
            refresh();
            int size = (int) Math.min(dst.byteSize(), Integer.MAX_VALUE - PAGE);
            int done = 0;
            while (done < size) {
                Page page = page(handle, off + done, size - done, flags);
                int from = (int) ((off + done) % PAGE);
                int count = Math.min(size - done, page.length - from);
                if (count <= 0) {
                    break;
                }
                MemorySegment.copy(page.bytes, from, dst, JAVA_BYTE, done, count);
                done += count;
            }
            nextRead = off + done;
            cache.shrink(this);
            return done;
        } finally {
            lock.unlock();
        }
    }

    /// The page at `off`, read if need be with the others that are wanted, and more where reading goes on.
    private Page page(RemoteHandle handle, long off, int wanted, int flags) throws IOException {
        long index = off / PAGE;
        Page known = pages.get(index);
        if (known != null) {
            return known;
        }
        send();
        long ahead = off == nextRead || off == 0 ? cache.caching().readahead() : 0;
        long bytes = Math.min(off % PAGE + wanted + ahead, handle.maxRead());
        int count = (int) Math.max(1, (bytes + PAGE - 1) / PAGE);
        Long next = pages.ceilingKey(index);
        if (next != null) {
            count = (int) Math.min(count, next - index);
        }
        byte[] content = new byte[count * PAGE];
        int length = handle.readThrough(MemorySegment.ofArray(content), index * PAGE, flags);
        var first = new Page();
        for (int i = 0; i < count && i * PAGE <= length; i++) {
            Page page = i == 0 ? first : new Page();
            page.length = Math.min(PAGE, length - i * PAGE);
            System.arraycopy(content, i * PAGE, page.bytes, 0, page.length);
            put(index + i, page);
        }
        return first;
    }

    private void put(long index, Page page) {
        boolean isNew = pages.put(index, page) == null;
        empty = false;
        cache.used(this, isNew ? 1 : 0);
    }

    /// As [RemoteHandle#write].
    int write(RemoteHandle handle, MemorySegment src, long off, int flags) throws IOException {
        lock.lock();
        try {
            refresh();
            if (cache.caching().writeBack() && canWait(handle, src, off, flags)) {
                keep(src, off);
                writer = handle;
                long last = (off + src.byteSize() - 1) / PAGE;
                pages.subMap(off / PAGE, true, last, true).values().forEach(page -> page.dirty = true);
                cache.shrink(this);
                return (int) src.byteSize();
            }
            send();
            int count = handle.writeThrough(src, off, flags);
            seen = null; // it has changed by us
            dropRange(off, off + count);
            return count;
        } finally {
            lock.unlock();
        }
    }

    /// Whether a write can be sent later: not where the server decides where it goes, or what it does to set-id
    /// bits; and not where a page would have to be read by a file that is open for writing only.
    private boolean canWait(RemoteHandle handle, MemorySegment src, long off, int flags) throws IOException {
        if (((handle.flags() | flags) & WRITE_THROUGH) != 0
                || src.byteSize() == 0
                || src.byteSize() > handle.maxWrite()) {
            return false;
        }
        if (writer == null) {
            Attr attr = handle.getattr();
            if ((attr.mode() & (Mode.S_ISUID | Mode.S_ISGID)) != 0) {
                return false;
            }
            end = attr.size();
        }
        boolean readable = (handle.flags() & OpenFlags.O_ACCMODE) == OpenFlags.O_RDWR;
        return load(handle, off, off + src.byteSize(), readable, flags);
    }

    /// Sees to it that the first and the last page of a write are known, or need not be.
    private boolean load(RemoteHandle handle, long from, long to, boolean readable, int flags) throws IOException {
        for (long index : new long[] {from / PAGE, (to - 1) / PAGE}) {
            boolean whole = from <= index * PAGE && to >= Math.min(end, (index + 1) * PAGE);
            boolean behind = index * PAGE >= end;
            if (pages.containsKey(index) || whole || behind) {
                continue;
            }
            if (!readable) {
                return false;
            }
            page(handle, index * PAGE, PAGE, flags);
        }
        return true;
    }

    /// Puts what is written into pages, and what lies between the old end and it: zeros.
    private void keep(MemorySegment src, long off) {
        if (off > end) {
            pages.headMap(off / PAGE).values().forEach(page -> page.length = PAGE);
        }
        long to = off + src.byteSize();
        for (long index = off / PAGE; index * PAGE < to; index++) {
            Page page = pages.get(index);
            if (page == null) {
                page = new Page();
                put(index, page);
            }
            int from = (int) Math.max(0, off - index * PAGE);
            int until = (int) Math.min(PAGE, to - index * PAGE);
            MemorySegment.copy(src, JAVA_BYTE, index * PAGE + from - off, page.bytes, from, until - from);
            page.length = Math.max(page.length, until);
        }
        end = Math.max(end, to);
    }

    /// Sends what was not sent yet.
    ///
    /// @throws IOException what became of an earlier write that was told as a success
    void flush() throws IOException {
        lock.lock();
        try {
            send();
            Errno told = failure;
            failure = null;
            if (told != null) {
                throw told.error("written before");
            }
        } finally {
            lock.unlock();
        }
    }

    /// As [#flush] for who has other questions: a failure is told later.
    void settle() {
        lock.lock();
        try {
            send();
        } finally {
            lock.unlock();
        }
    }

    /// As [#settle], and forgets the pages: what follows changes them.
    void settleAndDrop() {
        lock.lock();
        try {
            drop();
        } finally {
            lock.unlock();
        }
    }

    private void send() {
        RemoteHandle by = writer;
        writer = null; // first: what follows asks about the file
        if (by == null) {
            return;
        }
        long first = -1;
        long next = -1;
        int most = Math.max(1, by.maxWrite() / PAGE);
        for (Map.Entry<Long, Page> each : pages.entrySet()) {
            long index = each.getKey();
            if (first >= 0 && (!each.getValue().dirty || index != next || next - first >= most)) {
                send(by, first, next);
                first = -1;
            }
            if (each.getValue().dirty) {
                first = first < 0 ? index : first;
                next = index + 1;
                each.getValue().dirty = false;
            }
        }
        if (first >= 0) {
            send(by, first, next);
        }
        seen = null;
    }

    private void send(RemoteHandle by, long first, long next) {
        long length = Math.min(next * PAGE, end) - first * PAGE;
        byte[] content = new byte[(int) length];
        pages.subMap(first, next).forEach((index, page) -> {
            int at = (int) ((index - first) * PAGE);
            System.arraycopy(page.bytes, 0, content, at, Math.min(PAGE, content.length - at));
        });
        try {
            int done = 0;
            while (done < content.length) {
                MemorySegment rest = MemorySegment.ofArray(content).asSlice(done);
                done += by.writeThrough(rest, first * PAGE + done, by.flags());
            }
        } catch (IOException e) {
            failure = Errno.of(e);
            stale = true; // it is not what the server has
        }
    }

    /// Drops what may have changed by others; what was written here is sent first.
    private void refresh() {
        if (stale) {
            drop();
        }
    }

    /// Sends and forgets all. For those who have the lock.
    void drop() {
        send();
        stale = false;
        int count = pages.size();
        pages.clear();
        empty = true;
        cache.used(this, -count);
    }

    /// There is no such file any more: what was not sent is lost. Asks nothing.
    void forget() {
        if (lock.tryLock()) {
            try {
                writer = null;
                drop();
            } finally {
                lock.unlock();
            }
        }
    }

    /// As [#drop], unless somebody is at work on the file.
    void dropIfFree() {
        if (lock.tryLock()) {
            try {
                drop();
            } finally {
                lock.unlock();
            }
        } else {
            Connection.LOG.log(Level.DEBUG, () -> node + " is in use and keeps its pages");
        }
    }

    /// Forgets the pages of a range, and the last one, whose length may have changed.
    private void dropRange(long from, long to) {
        int before = pages.size();
        pages.subMap(from / PAGE, true, Math.max(from, to - 1) / PAGE, true).clear();
        pages.values().removeIf(page -> page.length < PAGE);
        empty = pages.isEmpty();
        cache.used(this, pages.size() - before);
    }
}
