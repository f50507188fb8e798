// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.Pending;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// Reading of an open file. What is read at random is asked for as it is; a reader that goes on where it was is a
/// [Stream], for which more and more is asked for in advance.
final class ReadAhead {
    private static final int MAX_STREAMS = 4;

    private final OpenFile open;
    private final RemoteFile file;
    private final List<Stream> streams = new ArrayList<>(1);
    private final boolean enabled;

    ReadAhead(OpenFile open, RemoteFile file) {
        this.open = open;
        this.file = file;
        enabled = !file.fs.options().flag("no_readahead", false)
                && !file.fs.options().flag("sync_read", false);
    }

    /// Fills `dst` as [jpuffs.core.Node#read] does. Yields.
    int read(MemorySegment dst, long off) throws IOException {
        int size = (int) dst.byteSize();
        Stream stream = enabled ? stream(off, size) : null;
        if (stream == null) {
            return direct(dst, off);
        }
        stream.ask(off, size);
        int done = 0;
        while (done < size) {
            Chunk chunk = stream.find(off + done);
            int count = chunk == null ? 0 : chunk.read(dst.asSlice(done), off + done);
            if (count == 0) {
                done += direct(dst.asSlice(done), off + done);
                break;
            }
            done += count;
        }
        stream.passed(off + done);
        return done;
    }

    /// The stream that a read belongs to; null for a read that belongs to none, and may begin one.
    private @Nullable Stream stream(long off, int size) throws ErrnoException {
        for (Stream stream : streams) {
            if (stream.accepts(off)) {
                return stream;
            }
        }
        if (streams.size() == MAX_STREAMS) {
            streams.removeFirst().drop();
        }
        var begun = new Stream(open, file, off + size);
        streams.add(begun);
        if (off > 0 || file.size() <= size) {
            return null;
        }
        begun.rewind();
        return begun;
    }

    /// Reads from the server, in pieces it takes, all at a time. Again on a new connection if one is lost.
    private int direct(MemorySegment dst, long off) throws IOException {
        long left = dst.byteSize();
        if (file.isFresh()) {
            left = Math.min(left, file.size() - off); // the kernel asks for whole pages
        }
        int done = 0;
        while (done < left) {
            int count = piece(dst.asSlice(done, left - done), off + done);
            if (count == 0) {
                break;
            }
            done += count;
        }
        return done;
    }

    /// One round trip. A short answer ends it: 0 at the end of the file.
    private int piece(MemorySegment dst, long off) throws IOException {
        return file.fs.link().safely(ignored -> {
            ServerFile there = open.main();
            Name handle = there.await();
            SftpConnection c = there.connection();
            int max = c.limits().maxRead();
            var asked = new ArrayList<Pending>();
            try {
                for (long at = 0; at < dst.byteSize(); at += max) {
                    int length = (int) Math.min(max, dst.byteSize() - at);
                    asked.add(c.start(Requests.read(c, handle, off + at, length)));
                }
                return collect(c, asked, dst, max);
            } finally {
                asked.forEach(Pending::close);
            }
        });
    }

    private static int collect(SftpConnection c, List<Pending> asked, MemorySegment dst, int max)
            throws ErrnoException {
        int done = 0;
        for (Pending each : asked) {
            int wanted = (int) Math.min(max, dst.byteSize() - done);
            try (FrameBuf reply = each.await()) {
                int count = Replies.data(c, reply, wanted);
                reply.get(dst.asSlice(done, count));
                done += count;
                if (count < wanted) {
                    return done;
                }
            }
        }
        return done;
    }

    /// Forgets what was read ahead.
    void drop() {
        streams.forEach(Stream::drop);
        streams.clear();
    }
}
