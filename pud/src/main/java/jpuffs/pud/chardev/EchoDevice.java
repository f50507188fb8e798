// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.CharDevice;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Poll;
import org.jspecify.annotations.Nullable;

/// What is written can be read, by anybody, once its line is whole; with the editing of a terminal: backspace or
/// DEL takes back a character, `^U` the line, `^D` passes on what there is of it. One line discipline for all who
/// have it open.
///
/// Lines are 4,096 bytes at most: a longer one is passed on in pieces. Writers wait while 64 KiB are unread.
public final class EchoDevice implements CharDevice {
    private static final int CAPACITY = 64 << 10;
    private static final int MAX_LINE = 4096;
    private static final int KILL = 'U' - '@';
    private static final int END = 'D' - '@';
    private static final int BACKSPACE = 'H' - '@';
    private static final int DELETE = 0x7f;

    private final Pollers pollers = new Pollers();
    private final ByteQueue lines = new ByteQueue(CAPACITY, pollers::wake);
    private final byte[] line = new byte[MAX_LINE]; // guarded by this
    private int length;

    public EchoDevice() {}

    @Override
    public int read(MemorySegment dst, long off, int flags) throws ErrnoException {
        return lines.read(dst, flags);
    }

    /// Takes bytes up to the first that would have to wait.
    @Override
    public int write(MemorySegment src, long off, int flags) throws ErrnoException {
        int done = 0;
        while (done < src.byteSize()) {
            if (type(src.get(JAVA_BYTE, done))) {
                done++;
                continue;
            }
            try {
                lines.awaitRoom(MAX_LINE, flags);
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
        }
        return done;
    }

    /// One character comes.
    ///
    /// @return false if it would make a line whole for which there is no room; then it has not come
    private synchronized boolean type(byte c) throws ErrnoException {
        boolean whole = c == '\n' || c == END || length == MAX_LINE - 1;
        if (whole && lines.room() < MAX_LINE) {
            return false;
        }
        switch (c) {
            case BACKSPACE, DELETE -> length = Math.max(0, length - 1);
            case KILL -> length = 0;
            case END -> {}
            default -> line[length++] = c;
        }
        if (c == '\n' || c == END || length == MAX_LINE) {
            lines.write(MemorySegment.ofArray(line).asSlice(0, length), Fcntl.O_NONBLOCK);
            length = 0;
        }
        return true;
    }

    @Override
    public int poll(int events, @Nullable Runnable waker) throws IOException {
        if (waker != null) {
            pollers.add(waker);
        }
        int ready = (lines.size() > 0 ? Poll.POLLIN : 0) | (lines.room() >= MAX_LINE ? Poll.POLLOUT : 0);
        return ready & events;
    }
}
