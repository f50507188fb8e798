// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fcntl;
import org.jspecify.annotations.Nullable;

/// A connection to a serial line. Threads of its own read and write the socket: an interrupt of a caller, which
/// would close it, only ends the wait for a queue.
final class SerialLine {
    private static final Logger LOG = System.getLogger("jpuffs.pud.serial");
    private static final int CAPACITY = 64 << 10;
    private static final int PIECE = 8 << 10;

    /// How long a server that takes nothing is waited for in the end, as closing_wait of the kernel's serial lines.
    private static final Duration LINGER = Duration.ofSeconds(30);

    private final Pollers pollers = new Pollers();
    private final ByteQueue received = new ByteQueue(CAPACITY, pollers::wake);
    private final ByteQueue sending = new ByteQueue(CAPACITY, pollers::wake);
    private final LinkedBlockingQueue<byte[]> commands = new LinkedBlockingQueue<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final Socket socket;
    private final @Nullable ComPort port;
    private final Thread receiver;
    private volatile boolean lost;

    /// @param socket connected; the line's from now on
    /// @param telnet whether the server speaks RFC 2217
    SerialLine(Socket socket, boolean telnet) {
        this.socket = socket;
        this.port = telnet ? new ComPort(commands::add) : null;
        receiver = Thread.ofVirtual().name("serial-in").start(() -> {
            run(this::receive);
            close();
        });
        Thread.ofVirtual().name("serial-out").start(() -> run(this::send));
        if (telnet) {
            Thread.ofVirtual().name("serial-commands").start(() -> run(this::command));
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void run(Work work) {
        try {
            work.run();
        } catch (IOException | InterruptedException e) {
            LOG.log(Level.DEBUG, "serial line: " + e.getMessage());
            close();
        }
    }

    private void receive() throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[PIECE];
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            MemorySegment rest = port == null
                    ? MemorySegment.ofArray(bytes).asSlice(0, count)
                    : MemorySegment.ofArray(port.decode(bytes, count));
            while (rest.byteSize() > 0) {
                rest = rest.asSlice(received.write(rest, 0));
            }
        }
    }

    private void send() throws IOException {
        byte[] bytes = new byte[PIECE];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int count = sending.read(segment, 0); count > 0; count = sending.read(segment, 0)) {
            byte[] coded = port == null ? bytes : ComPort.encode(bytes, count);
            write(coded, port == null ? count : coded.length);
        }
        socket.shutdownOutput(); // the server then hangs up, and has all that was sent
    }

    private void command() throws IOException, InterruptedException {
        while (true) {
            byte[] bytes = commands.take();
            if (bytes.length == 0) { // the end
                return;
            }
            write(bytes, bytes.length);
        }
    }

    private void write(byte[] bytes, int length) throws IOException {
        writing.lock(); // so that a command does not stand within an escaped byte
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes, 0, length);
        } finally {
            writing.unlock();
        }
    }

    /// What came, to be read.
    ByteQueue received() {
        return received;
    }

    /// What is to be sent, to be written.
    ByteQueue sending() {
        return sending;
    }

    /// Control of the line; null for one that is bytes and no more.
    @Nullable
    ComPort port() {
        return port;
    }

    void addPoller(Runnable waker) {
        pollers.add(waker);
    }

    /// Forgets what came.
    void flushReceived() throws ErrnoException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[CAPACITY]);
        try {
            received.read(bytes, Fcntl.O_NONBLOCK);
        } catch (ErrnoException e) {
            if (e.errno() != EAGAIN) {
                throw e;
            }
        }
    }

    /// Waits until what was written is on its way to the server.
    void drain(int flags) throws ErrnoException {
        sending.awaitRoom(CAPACITY, flags);
    }

    /// Whether it is of no more use.
    boolean isLost() {
        return lost;
    }

    /// Hangs up when what was written is sent, or after [#LINGER].
    void finish() {
        sending.close();
        Thread.ofVirtual().start(() -> {
            try {
                receiver.join(LINGER);
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "serial line", e);
            }
            close();
        });
    }

    /// Waits until a line that was to [#finish] has. May yield.
    ///
    /// @throws ErrnoException EINTR
    void awaitEnd() throws ErrnoException {
        try {
            receiver.join(LINGER);
        } catch (InterruptedException e) {
            throw EINTR.error();
        }
    }

    /// Hangs up at once: readers get what is left, writers EIO.
    void close() {
        lost = true;
        received.close();
        sending.close();
        commands.add(new byte[0]);
        if (port != null) {
            port.close();
        }
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "serial line: " + e.getMessage());
        }
    }
}
