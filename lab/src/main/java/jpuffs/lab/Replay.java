// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.cli.ServerCommand;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.AttrOut;
import jpuffs.puffs.wire.Wire.AttrRec;
import jpuffs.puffs.wire.Wire.EntryOut;
import jpuffs.puffs.wire.Wire.InHeader;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;

/// Says the requests of a journal to a server again, one after the other, and tells where it answers otherwise:
/// another error, other bytes read, another mode, owner or size. Names of nodes and files are translated; times,
/// inode numbers and the order of listings may be others.
final class Replay {
    private static final int LARGEST = (1 << 20) + 8192;
    private static final long SLICE_NANOS = 100_000_000;

    private final Settings settings;
    private final List<Journal.Entry> entries;
    private final PrintStream out;
    private final Ids ids = new Ids();
    private final Map<Long, byte[]> answers = new HashMap<>();
    private int asked;
    private int differences;
    private boolean finished;

    private Replay(Settings settings, List<Journal.Entry> entries, PrintStream out) {
        this.settings = settings;
        this.entries = entries;
        this.out = out;
    }

    /// Starts the server of `settings`, and says all of it.
    ///
    /// @return the exit status: 0, or 1 if an answer differs
    static int run(Settings settings, List<Journal.Entry> entries, PrintStream out)
            throws IOException, InterruptedException {
        var replay = new Replay(settings, entries, out);
        Path source = ServerVolume.newSource();
        try {
            replay.start(ServerVolume.words(settings.command(), source));
        } finally {
            ServerVolume.removeTree(source);
        }
        out.println(replay.asked + " requests, " + replay.differences + " answers differ");
        return replay.differences == 0 ? 0 : 1;
    }

    /// The server never meets a kernel half: when all is said, one that fails to begin ends it.
    private void start(List<String> command) throws IOException {
        try {
            ServerCommand.Running unexpected = ServerCommand.start(command, end -> {
                try (Fd server = Fd.of(end.release())) {
                    converse(server);
                }
                finished = true;
                throw ENOTCONN.error("the replay is over");
            });
            unexpected.files().close();
        } catch (IOException e) {
            if (!finished) {
                throw e;
            }
        }
    }

    private void converse(Fd server) throws IOException {
        server.setNonblock(true);
        for (Journal.Entry entry : entries) {
            if (entry.direction() == Journal.ANSWER && entry.message().length >= OutHeader.SIZE) {
                answers.putIfAbsent(Ids.of(entry.message()).getLong(OutHeader.UNIQUE), entry.message());
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LARGEST, 8);
            for (Journal.Entry entry : entries) {
                if (entry.direction() == Journal.REQUEST && entry.message().length >= InHeader.SIZE) {
                    ask(server, entry.message(), buffer);
                }
            }
        }
    }

    /// Interrupts and what was never answered are left out: they depend on the moment.
    private void ask(Fd server, byte[] request, MemorySegment buffer) throws ErrnoException {
        ByteBuffer header = Ids.of(request);
        Opcode op = Opcode.of(header.getInt(InHeader.OPCODE));
        long unique = header.getLong(InHeader.UNIQUE);
        byte[] then = answers.get(unique);
        if (op == null || op == Opcode.INTERRUPT || op.isAnswered() && then == null) {
            return;
        }
        asked++;
        byte[] said = ids.translate(op, request);
        if (said == null) {
            if (op.isAnswered()) {
                differs(op, "asked", "of something that is not there");
            }
            return;
        }
        MemorySegment.copy(said, 0, buffer, JAVA_BYTE, 0, said.length);
        write(server, buffer.asSlice(0, said.length));
        if (then != null) {
            compare(op, then, await(server, unique, buffer));
        }
    }

    private void write(Fd server, MemorySegment message) throws ErrnoException {
        long end = System.nanoTime() + settings.timeout().toNanos();
        long n = server.tryWrite(message);
        while (n == -EAGAIN.number() || n == -EINTR.number()) {
            wait(server, Poll.POLLOUT, end);
            n = server.tryWrite(message);
        }
        if (n < 0) {
            throw ENOTCONN.error("the server is gone after %d requests", asked);
        }
    }

    private byte[] await(Fd server, long unique, MemorySegment buffer) throws ErrnoException {
        long end = System.nanoTime() + settings.timeout().toNanos();
        while (true) {
            long n = server.tryRead(buffer);
            if (n >= OutHeader.SIZE) {
                byte[] answer = buffer.asSlice(0, n).toArray(JAVA_BYTE);
                if (Ids.of(answer).getLong(OutHeader.UNIQUE) == unique) {
                    return answer;
                }
            } else if (n == -EAGAIN.number()) {
                wait(server, Poll.POLLIN, end);
            } else if (n != -EINTR.number()) {
                throw ENOTCONN.error("the server is gone after %d requests", asked);
            }
        }
    }

    private void wait(Fd server, int events, long end) throws ErrnoException {
        if (System.nanoTime() > end) {
            throw ETIMEDOUT.error("the server does not answer request %d", asked);
        }
        Poll.one(server.number(), events, SLICE_NANOS);
    }

    private void compare(Opcode op, byte[] then, byte[] now) {
        int errorThen = -Ids.of(then).getInt(OutHeader.ERROR);
        int errorNow = -Ids.of(now).getInt(OutHeader.ERROR);
        if (errorThen != errorNow) {
            differs(op, word(errorThen), word(errorNow));
            return;
        }
        if (errorNow != 0) {
            return;
        }
        ids.learn(op, then, now);
        switch (op) {
            case READ, READLINK, GETXATTR -> {
                if (!Arrays.equals(then, OutHeader.SIZE, then.length, now, OutHeader.SIZE, now.length)) {
                    differs(op, then.length - OutHeader.SIZE + " bytes", now.length - OutHeader.SIZE + " bytes");
                }
            }
            case GETATTR, SETATTR -> attributes(op, then, now, OutHeader.SIZE + AttrOut.ATTR);
            case LOOKUP, MKNOD, MKDIR, SYMLINK, LINK, CREATE, TMPFILE ->
                attributes(op, then, now, OutHeader.SIZE + EntryOut.ATTR);
            default -> {}
        }
    }

    private void attributes(Opcode op, byte[] then, byte[] now, int at) {
        if (then.length < at + AttrRec.SIZE || now.length < at + AttrRec.SIZE) {
            if (then.length != now.length) {
                differs(op, then.length + " bytes", now.length + " bytes");
            }
            return;
        }
        String before = attributes(Ids.of(then), at);
        String after = attributes(Ids.of(now), at);
        if (!before.equals(after)) {
            differs(op, before, after);
        }
    }

    /// The sizes of directories are their file system's affair.
    private static String attributes(ByteBuffer bytes, int at) {
        int mode = bytes.getInt(at + AttrRec.MODE);
        boolean sized = (mode & 0170000) == 0100000;
        return "mode %o, owner %d:%d%s"
                .formatted(
                        mode,
                        bytes.getInt(at + AttrRec.UID),
                        bytes.getInt(at + AttrRec.GID),
                        sized ? ", size " + bytes.getLong(at + AttrRec.FILE_SIZE) : "");
    }

    private void differs(Opcode op, String then, String now) {
        differences++;
        out.println("request " + asked + ", " + op + ": was " + then + ", is " + now);
    }

    private static String word(int errno) {
        return errno == 0 ? "success" : Errno.isDefined(errno) ? Errno.of(errno).name() : "error " + errno;
    }
}
