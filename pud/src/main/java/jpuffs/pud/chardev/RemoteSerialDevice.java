// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static jpuffs.core.Errno.ECONNREFUSED;
import static jpuffs.core.Errno.EHOSTUNREACH;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOTTY;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.CharDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.IoctlMemory;
import jpuffs.eventloop.Blocking;
import jpuffs.sys.Poll;
import org.jspecify.annotations.Nullable;

/// A serial line of another machine: bytes over TCP, or telnet with the COM port control of RFC 2217, by which the
/// terminal's ioctls set speed, frame and modem lines over there (TCGETS, TCSETS, TCGETS2, TCSETS2, TIOCMGET,
/// TIOCMSET, TCSBRK, TCFLSH and their like).
///
/// Who opens the device connects, all who have it open share the connection, the last one hangs up. A connection
/// that is lost ends reads, fails writes with EIO, and is made anew by the next open. There is no line discipline:
/// all is raw.
public final class RemoteSerialDevice implements CharDevice {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final Duration BREAK = Duration.ofMillis(250);
    private static final int WINSIZE = 8;

    // asm-generic/ioctls.h; W and F of TCSETS drain first, F forgets what came
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TCSETSW = 0x5403;
    private static final int TCSETSF = 0x5404;
    private static final int TCSBRK = 0x5409;
    private static final int TCFLSH = 0x540b;
    private static final int TIOCOUTQ = 0x5411;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCMGET = 0x5415;
    private static final int TIOCMBIS = 0x5416;
    private static final int TIOCMBIC = 0x5417;
    private static final int TIOCMSET = 0x5418;
    private static final int FIONREAD = 0x541b;
    private static final int TCSBRKP = 0x5425;
    private static final int TIOCSBRK = 0x5427;
    private static final int TIOCCBRK = 0x5428;
    private static final int TCGETS2 = 0x802c_542a;
    private static final int TCSETS2 = 0x402c_542b;
    private static final int TCSETSW2 = 0x402c_542c;
    private static final int TCSETSF2 = 0x402c_542d;

    private static final int TIOCM_DTR = 0x2;
    private static final int TIOCM_RTS = 0x4;
    private static final int TIOCM_CTS = 0x20;
    private static final int TIOCM_CAR = 0x40;
    private static final int TIOCM_RNG = 0x80;
    private static final int TIOCM_DSR = 0x100;

    private final InetSocketAddress address;
    private final boolean telnet;
    private final int speed; // 0: as it is
    private final String frame; // empty: as it is
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable SerialLine line;
    private @Nullable SerialLine last; // which may be hanging up still
    private int users; // of line
    private LineMode mode = new LineMode(9600, 8, 'N', 1, LineMode.Flow.NONE);
    private volatile boolean polls; // a read does not wait: VMIN is 0
    private int outputs = TIOCM_DTR | TIOCM_RTS;

    private RemoteSerialDevice(InetSocketAddress address, boolean telnet, int speed, String frame) {
        this.address = address;
        this.telnet = telnet;
        this.speed = speed;
        this.frame = frame;
    }

    /// The line that a URL names, as pySerial has them; nothing is connected yet.
    ///
    /// @param url `socket://HOST:PORT` for bytes, or `rfc2217://HOST:PORT` with `?speed=N`, `?mode=8N1` or both
    /// @throws ErrnoException EINVAL with what is wrong
    public static RemoteSerialDevice of(String url) throws ErrnoException {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw EINVAL.error("%s: %s", url, e.getReason());
        }
        boolean telnet = "rfc2217".equals(uri.getScheme());
        if (!telnet && !"socket".equals(uri.getScheme())) {
            throw EINVAL.error("%s: begins with neither socket:// nor rfc2217://", url);
        }
        if (uri.getHost() == null || uri.getPort() < 0) {
            throw EINVAL.error("%s: no HOST:PORT", url);
        }
        int speed = 0;
        String frame = "";
        for (String option :
                uri.getQuery() == null ? new String[0] : uri.getQuery().split("&", -1)) {
            if (telnet && option.matches("speed=[1-9][0-9]{0,6}")) {
                speed = Integer.parseInt(option.substring("speed=".length()));
            } else if (telnet && option.matches("mode=[5-8][NOE][12]")) {
                frame = option.substring("mode=".length());
            } else {
                throw EINVAL.error("%s: %s is neither speed=N nor mode=8N1 of an rfc2217 line", url, option);
            }
        }
        String host = uri.getHost().replaceAll("^\\[(.*)]$", "$1");
        return new RemoteSerialDevice(InetSocketAddress.createUnresolved(host, uri.getPort()), telnet, speed, frame);
    }

    @Override
    public boolean isUnrestricted() {
        return telnet;
    }

    /// Connects, unless others have it open. ECONNREFUSED, EHOSTUNREACH, EPROTO, ETIMEDOUT, EINTR. Yields.
    @Override
    public CharDevice open(int flags) throws IOException {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw EINTR.error();
        }
        try {
            SerialLine open = line;
            if (open == null || open.isLost()) {
                if (last != null) {
                    last.awaitEnd(); // a line has one user
                }
                open = connect();
                line = open;
                users = 0;
            }
            users++;
            return new Port(open);
        } finally {
            lock.unlock();
        }
    }

    private SerialLine connect() throws IOException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            var resolved = Blocking.call(() -> new InetSocketAddress(address.getHostString(), address.getPort()));
            socket.connect(resolved, TIMEOUT_MILLIS);
        } catch (IOException | IllegalArgumentException e) {
            socket.close();
            throw Thread.interrupted() ? EINTR.error() : failure(e);
        }
        var made = new SerialLine(socket, telnet);
        ComPort port = made.port();
        boolean done = false;
        try {
            if (port != null) {
                port.begin();
                mode = port.mode();
                LineMode wanted = frame.isEmpty() ? mode : mode.withFrame(frame);
                wanted = speed == 0 ? wanted : wanted.withSpeed(speed);
                mode = wanted.equals(mode) ? mode : port.set(wanted);
            }
            done = true;
            return made;
        } finally {
            if (!done) {
                made.close();
            }
        }
    }

    private ErrnoException failure(Exception e) {
        return (e instanceof ConnectException ? ECONNREFUSED : EHOSTUNREACH)
                .error("%s: %s", address, String.valueOf(e.getMessage()));
    }

    private void close(SerialLine closed) {
        lock.lock();
        try {
            if (closed == line && --users == 0) {
                line = null;
                last = closed;
                closed.finish();
            }
        } finally {
            lock.unlock();
        }
    }

    /// One open file.
    private final class Port implements CharDevice {
        private final SerialLine open;

        Port(SerialLine open) {
            this.open = open;
        }

        @Override
        public int read(MemorySegment dst, long off, int flags) throws ErrnoException {
            if (polls && open.received().size() == 0) {
                return 0;
            }
            return open.received().read(dst, flags);
        }

        @Override
        public int write(MemorySegment src, long off, int flags) throws ErrnoException {
            return open.sending().write(src, flags);
        }

        @Override
        public int poll(int events, @Nullable Runnable waker) {
            if (waker != null) {
                open.addPoller(waker);
            }
            boolean readable = open.received().size() > 0 || open.isLost();
            boolean writable = open.sending().room() > 0 || open.isLost();
            return ((readable ? Poll.POLLIN : 0) | (writable ? Poll.POLLOUT : 0)) & events;
        }

        @Override
        public int ioctl(int command, long argument, IoctlMemory memory) throws IOException {
            ComPort port = open.port();
            if (port == null) {
                throw ENOTTY.error();
            }
            switch (command) {
                case TCGETS, TCGETS2 -> {
                    int size = command == TCGETS ? Termios.SIZE : Termios.SIZE2;
                    Termios.put(mode, polls, memory.out(argument, size));
                }
                case TCSETS, TCSETSW, TCSETSF -> set(port, memory.in(argument, Termios.SIZE), command - TCSETS);
                case TCSETS2, TCSETSW2, TCSETSF2 -> set(port, memory.in(argument, Termios.SIZE2), command - TCSETS2);
                case TCSBRK, TCSBRKP -> sendBreak(port, command == TCSBRK && argument != 0);
                case TIOCSBRK -> port.control(ComPort.BREAK_ON);
                case TIOCCBRK -> port.control(ComPort.BREAK_OFF);
                case TCFLSH -> flush(port, argument);
                case FIONREAD -> putInt(memory, argument, open.received().size());
                case TIOCOUTQ -> putInt(memory, argument, open.sending().size());
                case TIOCGWINSZ -> memory.out(argument, WINSIZE); // none
                case TIOCMGET -> putInt(memory, argument, outputs | inputs(port.modem()));
                case TIOCMBIS -> outputs(port, outputs | getInt(memory, argument));
                case TIOCMBIC -> outputs(port, outputs & ~getInt(memory, argument));
                case TIOCMSET -> outputs(port, getInt(memory, argument));
                default -> throw ENOTTY.error();
            }
            return 0;
        }

        /// @param when 0 at once, 1 when all is sent, 2 also forgetting what came
        private void set(ComPort port, MemorySegment termios, int when) throws ErrnoException {
            LineMode wanted = Termios.mode(termios);
            polls = Termios.polls(termios);
            if (when > 0) {
                open.drain(0);
            }
            if (when > 1) {
                open.flushReceived();
            }
            if (wanted.speed() == 0) {
                outputs(port, outputs & ~TIOCM_DTR);
            } else if (!wanted.equals(mode)) {
                mode = port.set(wanted);
            }
        }

        private void sendBreak(ComPort port, boolean onlyDrain) throws ErrnoException {
            open.drain(0);
            if (onlyDrain) { // tcdrain(3)
                return;
            }
            port.control(ComPort.BREAK_ON);
            try {
                Blocking.pause(BREAK);
            } finally {
                port.control(ComPort.BREAK_OFF);
            }
        }

        /// @param what TCIFLUSH 0, TCOFLUSH 1, TCIOFLUSH 2
        private void flush(ComPort port, long what) throws ErrnoException {
            if (what < 0 || what > 2) {
                throw EINVAL.error("tcflush: %d", what);
            }
            port.purge((int) what + 1);
            if (what != 1) {
                open.flushReceived();
            }
        }

        private void outputs(ComPort port, int wanted) throws ErrnoException {
            int changed = outputs ^ wanted;
            if ((changed & TIOCM_DTR) != 0) {
                port.control((wanted & TIOCM_DTR) != 0 ? ComPort.DTR_ON : ComPort.DTR_OFF);
            }
            if ((changed & TIOCM_RTS) != 0) {
                port.control((wanted & TIOCM_RTS) != 0 ? ComPort.RTS_ON : ComPort.RTS_OFF);
            }
            outputs = wanted & (TIOCM_DTR | TIOCM_RTS);
        }

        @Override
        public void close() {
            RemoteSerialDevice.this.close(open);
        }
    }

    private static int inputs(int modem) {
        return ((modem & 0x10) != 0 ? TIOCM_CTS : 0)
                | ((modem & 0x20) != 0 ? TIOCM_DSR : 0)
                | ((modem & 0x40) != 0 ? TIOCM_RNG : 0)
                | ((modem & 0x80) != 0 ? TIOCM_CAR : 0);
    }

    private static int getInt(IoctlMemory memory, long address) throws ErrnoException {
        return memory.in(address, Integer.BYTES).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    }

    private static void putInt(IoctlMemory memory, long address, int value) throws ErrnoException {
        memory.out(address, Integer.BYTES).set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    }
}
