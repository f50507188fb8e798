// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.util.ArrayDeque;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A reader that goes on where it was, and what was asked for it in advance: a row of chunks without gaps.
final class Stream {
    private static final int MAX_WINDOW = 8 << 20;

    /// What one connection carries in a round trip.
    private static final int ONE_LANE = 2 << 20;

    private static final int FIRST_WINDOW = 256 << 10;

    /// The kernel sends several reads at a time, and not always in their order.
    private static final int SLACK = 2 << 20;

    private final OpenFile open;
    private final RemoteFile file;
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private long next; // where the reader will go on
    private long asked; // up to where chunks reach
    private int window;
    private int turn;
    private final Pace.Gauge gauge = new Pace.Gauge();

    Stream(OpenFile open, RemoteFile file, long next) {
        this.open = open;
        this.file = file;
        this.next = next;
        this.asked = next;
    }

    /// It begins at the start of the file: most that do so read on. What the line holds is asked for at once: more
    /// than that would make others wait for what may not be wanted. The further connections, which are there if one
    /// did not fill the line before, open a large file by the time they are wanted.
    void rewind() throws ErrnoException {
        next = 0;
        asked = 0;
        Link link = file.fs.link();
        window = (int) Math.min(link.underWay(), ONE_LANE) / 2; // the first question doubles it
        if (file.size() >= MAX_WINDOW) {
            for (int lane = 1; lane < link.size(); lane++) {
                open.onLane(lane);
            }
        }
    }

    boolean accepts(long off) {
        boolean ahead = off >= next && off - next <= (window == 0 ? 0 : SLACK);
        return ahead || off < next && find(off) != null;
    }

    @Nullable
    Chunk find(long off) {
        for (Chunk chunk : chunks) {
            if (chunk.covers(off)) {
                return chunk;
            }
        }
        return null;
    }

    /// The reader wants `size` bytes at `off`: asks for them, if they are not, and for more in advance.
    void ask(long off, int size) throws IOException {
        if (off + size > next) {
            next = off + size;
            if (window == MAX_WINDOW) {
                gauge.at(next, System.nanoTime(), file.fs.link().pace());
            }
            window = Math.clamp(2L * window, FIRST_WINDOW, MAX_WINDOW);
        }
        if (off > asked) {
            asked = off;
        }
        long limit = Math.min(file.size(), next + window);
        ServerFile main = open.main();
        while (asked < limit && main.isLive()) {
            boolean must = asked < off + size;
            if (!must && !file.fs.readBudget().hasRoom()) {
                break;
            }
            ServerFile there = choose(main);
            int max = there.connection().limits().maxRead();
            long left = limit - asked;
            if (!must && left < max && limit < file.size()) {
                break; // less than a packet: later, together with what comes then
            }
            if (!add(there, (int) Math.min(max, left))) {
                break;
            }
        }
    }

    /// @return false if its connection was lost meanwhile: who reads asks again
    private boolean add(ServerFile there, int length) throws ErrnoException {
        var chunk = new Chunk(file.fs.readBudget(), there.connection(), asked, length);
        asked += length;
        chunks.add(chunk);
        boolean sent = false;
        try {
            chunk.ask(there.await());
            sent = true;
            return true;
        } catch (ErrnoException e) {
            if (there.isLive() || e.errno() == Errno.EINTR) {
                throw e;
            }
            return false;
        } finally {
            if (!sent) {
                chunks.remove(chunk);
                chunk.drop();
                asked = chunk.end() - length;
            }
        }
    }

    /// The lanes take turns, where there are several; where the line is long, more are begun.
    private ServerFile choose(ServerFile main) throws IOException {
        Link link = file.fs.link();
        SftpConnection c = main.connection();
        if (window >= MAX_WINDOW && c.shortestNanos() > Link.FAR_NANOS) {
            link.widen();
        }
        if (window < ONE_LANE || link.size() == 1) {
            return main;
        }
        int lane = turn++ % link.size();
        ServerFile there = lane == 0 ? main : open.onLane(lane);
        return there == null ? main : there;
    }

    /// The reader has all up to `end`: chunks that lie well behind it go.
    void passed(long end) {
        chunks.removeIf(chunk -> {
            boolean over = chunk.isRead() || chunk.end() + SLACK < end;
            if (over) {
                chunk.drop();
            }
            return over;
        });
    }

    void drop() {
        chunks.forEach(Chunk::drop);
        chunks.clear();
        asked = next;
        window = 0;
    }
}
