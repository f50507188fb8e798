// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import jpuffs.servers.sftp.Sftp;

/// OpenSSH's sftp-server on a TCP port of the loopback, one for each connection, and somebody on the line who can
/// change, keep back and add packets, and cut connections.
final class FaultyPeer implements AutoCloseable {
    private static final List<String> SERVERS =
            List.of("/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server");
    private static final int MAX = 1 << 20;

    /// Who is on the line. Called by one thread for each direction of a connection.
    interface Meddler {
        /// A request, with its length before it, on its way to the server.
        default void request(Session session, byte[] packet) throws IOException {
            session.toServer(packet);
        }

        /// A reply on its way to the client.
        ///
        /// @param more whether the server has said more already
        default void reply(Session session, byte[] packet, boolean more) throws IOException {
            session.toClient(packet);
        }
    }

    /// Passes on what there is.
    static final Meddler HONEST = new Meddler() {};

    private final ServerSocket listener;
    private final String server;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();
    private volatile Meddler meddler = HONEST;
    private volatile boolean stalled;
    private volatile boolean closed;

    private FaultyPeer(ServerSocket listener, String server) {
        this.listener = listener;
        this.server = server;
    }

    static FaultyPeer start() throws IOException {
        String server = SERVERS.stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElse("");
        assumeTrue(!server.isEmpty(), "no sftp-server");
        var peer = new FaultyPeer(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()), server);
        thread(peer::accept);
        return peer;
    }

    private static void thread(Runnable body) {
        Thread.ofPlatform().daemon().name("faulty-peer").start(body);
    }

    int port() {
        return listener.getLocalPort();
    }

    void meddler(Meddler other) {
        meddler = other;
    }

    /// The connections made so far.
    int connections() {
        return sessions.size();
    }

    /// Ends all connections and their servers, at once.
    void cut() {
        sessions.forEach(Session::end);
    }

    /// From now on nothing passes, and nobody is told; or all that was kept back does.
    void stall(boolean on) {
        synchronized (this) {
            stalled = on;
            notifyAll();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                Process process = new ProcessBuilder(server)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                var session = new Session(sessions.size() + 1, socket, process);
                sessions.add(session);
                thread(session::requests);
                thread(session::replies);
            } catch (IOException e) {
                if (!closed) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    private void awaitFlow() throws IOException {
        synchronized (this) {
            while (stalled && !closed) {
                try {
                    wait(100);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }
    }

    /// One connection.
    final class Session {
        private final int number;
        private final Socket socket;
        private final Process process;
        private final OutputStream toClient;
        private final OutputStream toServer;
        private long sent;
        private long limit = Long.MAX_VALUE;

        Session(int number, Socket socket, Process process) throws IOException {
            this.number = number;
            this.socket = socket;
            this.process = process;
            toClient = new BufferedOutputStream(socket.getOutputStream());
            toServer = process.getOutputStream();
        }

        /// Counts from 1.
        int number() {
            return number;
        }

        /// The bytes sent to the client so far.
        synchronized long sent() {
            return sent;
        }

        /// Ends it once the client has got so many bytes.
        synchronized void limit(long bytes) {
            limit = bytes;
        }

        private void requests() {
            pump(true);
        }

        private void replies() {
            pump(false);
        }

        private void pump(boolean request) {
            try (InputStream in = request ? socket.getInputStream() : process.getInputStream()) {
                var data = new DataInputStream(in);
                while (true) {
                    int length = data.readInt();
                    if (length < 0 || length > MAX) {
                        throw new IOException("a packet of " + length);
                    }
                    byte[] packet =
                            ByteBuffer.allocate(4 + length).putInt(length).array();
                    data.readFully(packet, 4, length);
                    awaitFlow();
                    if (request) {
                        meddler.request(this, packet);
                    } else {
                        meddler.reply(this, packet, in.available() > 0);
                    }
                }
            } catch (IOException e) {
                end(); // so does the other direction
            }
        }

        void toServer(byte[] bytes) throws IOException {
            toServer.write(bytes);
            toServer.flush();
        }

        synchronized void toClient(byte[] bytes) throws IOException {
            int count = (int) Math.min(bytes.length, limit - sent);
            toClient.write(bytes, 0, count);
            toClient.flush();
            sent += count;
            if (sent >= limit) {
                throw new IOException("cut after " + sent + " bytes");
            }
        }

        void end() {
            process.destroyForcibly();
            try {
                socket.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    static int type(byte[] packet) {
        return packet[4] & 0xff;
    }

    static int id(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt(5);
    }

    /// A STATUS without a text; `packet` is the request or another reply to it.
    static byte[] status(byte[] packet, int code) {
        return reply(
                packet, Sftp.STATUS, ByteBuffer.allocate(12).putInt(0, code).array());
    }

    /// A reply of a type to `request`.
    static byte[] reply(byte[] request, int type, byte[] body) {
        return ByteBuffer.allocate(9 + body.length)
                .putInt(5 + body.length)
                .put((byte) type)
                .putInt(id(request))
                .put(body)
                .array();
    }

    /// The body of a STATUS.
    static byte[] status(int code) {
        return ByteBuffer.allocate(12).putInt(code).array();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        stall(false);
        listener.close();
        cut();
    }
}
