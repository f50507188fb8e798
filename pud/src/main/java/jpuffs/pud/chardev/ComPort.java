// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EPROTO;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import jpuffs.core.ErrnoException;

/// The client's side of the telnet COM port control option: RFC 2217, on RFC 854. Bytes go in and out by what it is
/// given; it neither reads nor writes a socket. [#decode] is for one thread, the rest for any.
final class ComPort {
    // RFC 854, RFC 856, RFC 858
    private static final int SE = 240;
    private static final int SB = 250;
    private static final int WILL = 251;
    private static final int WONT = 252;
    private static final int DO = 253;
    private static final int DONT = 254;
    private static final int IAC = 255;
    private static final int BINARY = 0;
    private static final int SUPPRESS_GO_AHEAD = 3;

    // RFC 2217
    private static final int COM_PORT = 44;
    private static final int SET_SPEED = 1;
    private static final int SET_BITS = 2;
    private static final int SET_PARITY = 3;
    private static final int SET_STOP = 4;
    private static final int SET_CONTROL = 5;
    private static final int PURGE = 12;
    private static final int OF_SERVER = 100;
    private static final int NOTIFY_MODEM_STATE = 107;
    private static final String PARITIES = " NOE";

    // Values of SET_CONTROL
    private static final int ASK_FLOW = 0;
    static final int BREAK_ON = 5;
    static final int BREAK_OFF = 6;
    static final int DTR_ON = 8;
    static final int DTR_OFF = 9;
    static final int RTS_ON = 11;
    static final int RTS_OFF = 12;

    private static final int MAX_SUBNEGOTIATION = 256;
    private static final long LIMIT_SECONDS = 10;

    private enum State {
        DATA,
        COMMAND,
        OPTION,
        SUB,
        SUB_COMMAND
    }

    private final Consumer<byte[]> send;
    private final ReentrantLock asking = new ReentrantLock();
    private final Map<Integer, CompletableFuture<byte[]>> asked = new ConcurrentHashMap<>();
    private final CompletableFuture<byte[]> agreed = new CompletableFuture<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sub = new ByteArrayOutputStream();
    private State state = State.DATA;
    private int command;
    private volatile int modem;
    private volatile boolean lost;

    /// @param send takes bytes for the server, whole commands at a time
    ComPort(Consumer<byte[]> send) {
        this.send = send;
    }

    /// Says what we want of the server, and waits for its consent.
    ///
    /// @throws ErrnoException EPROTO if it has no COM ports, ETIMEDOUT, EINTR, EIO
    void begin() throws ErrnoException {
        for (int option : new int[] {BINARY, SUPPRESS_GO_AHEAD}) {
            command(WILL, option);
            command(DO, option);
        }
        command(WILL, COM_PORT);
        if (await(agreed).length == 0) {
            throw EPROTO.error("the server has no COM port control (RFC 2217)");
        }
    }

    private void command(int word, int option) {
        send.accept(new byte[] {(byte) IAC, (byte) word, (byte) option});
    }

    private static byte[] await(CompletableFuture<byte[]> reply) throws ErrnoException {
        try {
            return reply.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw EINTR.error();
        } catch (TimeoutException e) {
            throw ETIMEDOUT.error("the server of the serial line does not answer");
        } catch (ExecutionException | CancellationException e) {
            throw EIO.error("the connection to the serial line is lost");
        }
    }

    /// Nothing more comes: who waits gets EIO.
    void close() {
        lost = true;
        agreed.cancel(false);
        asked.values().forEach(reply -> reply.cancel(false));
    }

    /// Bytes as they are sent: IAC is doubled.
    static byte[] encode(byte[] bytes, int length) {
        var out = new ByteArrayOutputStream(length + 16);
        for (int i = 0; i < length; i++) {
            out.write(bytes[i]);
            if (bytes[i] == (byte) IAC) {
                out.write(IAC);
            }
        }
        return out.toByteArray();
    }

    /// Takes what came; what of it is data.
    byte[] decode(byte[] bytes, int length) {
        data.reset();
        for (int i = 0; i < length; i++) {
            take(bytes[i] & 0xff);
        }
        return data.toByteArray();
    }

    private void take(int c) {
        switch (state) {
            case DATA -> {
                if (c == IAC) {
                    state = State.COMMAND;
                } else {
                    data.write(c);
                }
            }
            case COMMAND -> command(c);
            case OPTION -> {
                option(c);
                state = State.DATA;
            }
            case SUB -> {
                if (c == IAC) {
                    state = State.SUB_COMMAND;
                } else if (sub.size() < MAX_SUBNEGOTIATION) { // a longer one is none of ours
                    sub.write(c);
                }
            }
            case SUB_COMMAND -> {
                if (c == IAC) {
                    sub.write(c);
                    state = State.SUB;
                } else {
                    subnegotiation(sub.toByteArray());
                    state = State.DATA;
                }
            }
        }
    }

    private void command(int c) {
        command = c;
        state = switch (c) {
            case WILL, WONT, DO, DONT -> State.OPTION;
            case SB -> State.SUB;
            default -> State.DATA;
        };
        if (c == IAC) {
            data.write(c);
        }
        sub.reset();
    }

    /// What we asked for ourselves needs no answer; all else is refused.
    private void option(int option) {
        boolean ours = option == BINARY || option == SUPPRESS_GO_AHEAD;
        if (option == COM_PORT && (command == DO || command == DONT)) {
            agreed.complete(new byte[command == DO ? 1 : 0]);
        } else if (!ours && command == DO) {
            command(WONT, option);
        } else if (!ours && command == WILL) {
            command(DONT, option);
        }
    }

    private void subnegotiation(byte[] bytes) {
        if (bytes.length < 3 || bytes[0] != COM_PORT) {
            return;
        }
        int code = bytes[1] & 0xff;
        if (code == NOTIFY_MODEM_STATE) {
            modem = bytes[2] & 0xff;
            return;
        }
        CompletableFuture<byte[]> reply = asked.get(code - OF_SERVER);
        if (reply != null) {
            reply.complete(java.util.Arrays.copyOfRange(bytes, 2, bytes.length));
        }
    }

    /// The last modem state that the server told: CTS 0x10, DSR 0x20, ring 0x40, carrier 0x80.
    int modem() {
        return modem;
    }

    /// Asks or sets something, and waits for what the server says it is now. May yield.
    private byte[] ask(int code, byte[] value) throws ErrnoException {
        var reply = new CompletableFuture<byte[]>();
        try {
            asking.lockInterruptibly();
        } catch (InterruptedException e) {
            throw EINTR.error();
        }
        try {
            asked.put(code, reply);
            if (lost) {
                reply.cancel(false);
            }
            byte[] escaped = encode(value, value.length);
            ByteBuffer message = ByteBuffer.allocate(6 + escaped.length)
                    .put((byte) IAC)
                    .put((byte) SB)
                    .put((byte) COM_PORT);
            message.put((byte) code).put(escaped).put((byte) IAC).put((byte) SE);
            send.accept(message.array());
            return await(reply);
        } finally {
            asked.remove(code);
            asking.unlock();
        }
    }

    private int askByte(int code, int value) throws ErrnoException {
        return ask(code, new byte[] {(byte) value})[0] & 0xff;
    }

    /// As the line is. May yield.
    LineMode mode() throws ErrnoException {
        return set(new LineMode(0, 0, ' ', 0, LineMode.Flow.NONE), ASK_FLOW);
    }

    /// Sets all; what it is then, which need not be what was wanted. May yield.
    LineMode set(LineMode wanted) throws ErrnoException {
        return set(wanted, wanted.flow().number());
    }

    /// A value of 0 asks.
    private LineMode set(LineMode wanted, int flow) throws ErrnoException {
        byte[] speed =
                ask(SET_SPEED, ByteBuffer.allocate(4).putInt(wanted.speed()).array());
        int bits = askByte(SET_BITS, wanted.bits());
        int parity = askByte(SET_PARITY, PARITIES.indexOf(wanted.parity()));
        int stop = askByte(SET_STOP, wanted.stopBits());
        int control = askByte(SET_CONTROL, flow);
        return new LineMode(
                speed.length < 4 ? 0 : ByteBuffer.wrap(speed).getInt(),
                Math.clamp(bits, 5, 8),
                parity > 0 && parity < PARITIES.length() ? PARITIES.charAt(parity) : 'N',
                stop == 2 ? 2 : 1,
                LineMode.Flow.of(control));
    }

    /// Break, DTR and RTS on or off. May yield.
    void control(int value) throws ErrnoException {
        askByte(SET_CONTROL, value);
    }

    /// Forgets what the server has received and not sent on (1), is to send (2), or both (3). May yield.
    void purge(int what) throws ErrnoException {
        askByte(PURGE, what);
    }
}
