// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Blocking;
import jpuffs.eventloop.Channel;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.Framing;
import jpuffs.sys.Fd;
import jpuffs.sys.StreamSocket;
import org.jspecify.annotations.Nullable;

/// A disk that a server of the network block device protocol has: ours, nbdkit, qemu-nbd, nbd-server.
///
/// One connection with many requests under way, on a loop and a thread of its own. Any thread may call, call
/// contexts of other loops too: callers park until the reply is there; an interrupt does not end the wait, as the
/// buffer is in use. When the connection is lost, all requests fail with EIO, for good.
public final class NbdDevice implements BlockDevice {
    private static final int SECTOR = 512;
    private static final int MAX_BLOCK = 64 << 10;

    private final EventLoop loop;
    private final Thread thread;
    private final Channel channel;
    private final ClientHandshake.Export export;
    private final @Nullable TlsTunnel tunnel; // that the channel goes through
    private long requests; // of the loop

    private NbdDevice(Fd fd, ClientHandshake.Export export, @Nullable TlsTunnel tunnel) throws IOException {
        this.export = export;
        this.tunnel = tunnel;
        loop = EventLoop.open();
        channel = loop.attach(fd, new ReplyFraming());
        thread = Thread.ofPlatform().daemon().name("nbd-client").start(this::run);
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException e) {
            NbdServer.LOG.log(Level.ERROR, "event loop", e);
        }
    }

    /// Connects to an export.
    ///
    /// @param uri `nbd://HOST[:PORT]/NAME` or `nbd+unix:///NAME?socket=PATH`; with `nbds` for `nbd` through
    ///     TLS, and then `tls-certificates=DIR` as a parameter, with keys and certificates as [NbdTls] has them
    /// @throws IOException EINVAL for another URI; ECONNREFUSED, ENOENT, EACCES, EPROTO. May yield
    public static NbdDevice open(String uri) throws IOException {
        NbdUri where = NbdUri.parse(uri);
        NbdTls tls = where.secure() ? NbdTls.client(where.certificates()) : null;
        return Blocking.call(() -> connect(where, tls));
    }

    private static NbdDevice connect(NbdUri where, @Nullable NbdTls tls) throws IOException {
        Fd fd = StreamSocket.connect(where.address());
        TlsTunnel tunnel = null;
        try {
            var handshake = new ClientHandshake(fd);
            handshake.greet();
            if (tls != null) {
                handshake.startTls();
                tunnel = TlsTunnel.open(fd, tls.clientEngine(where.host(), Nbd.PORT));
                fd = tunnel.inner();
                handshake.through(fd);
            }
            ClientHandshake.Export export = handshake.go(where.name());
            if (export.size() % Math.max(SECTOR, export.minBlock()) != 0) {
                throw EINVAL.error("it has %d bytes, no whole number of blocks", export.size());
            }
            return new NbdDevice(fd, export, tunnel);
        } catch (IOException e) {
            fd.close();
            if (tunnel != null) {
                tunnel.close();
            }
            throw e;
        }
    }

    /// Simple replies. How long one is, only its request knows: the low half of the cookie has it.
    private static final class ReplyFraming implements Framing {
        @Override
        public long length(FrameBuf head) throws ErrnoException {
            if (head.size() < Nbd.SIMPLE_REPLY_SIZE) {
                return MORE;
            }
            if (head.i32(0) != Nbd.SIMPLE_REPLY_MAGIC) {
                throw Errno.EPROTO.error("a reply with magic %x", head.i32(0));
            }
            return Nbd.SIMPLE_REPLY_SIZE + (head.i32(4) == 0 ? head.u32(12) : 0);
        }

        /// The cookie, in requests and in replies.
        @Override
        public long tag(FrameBuf frame) throws ErrnoException {
            return frame.u64(8);
        }

        @Override
        public int maxSize() {
            return Nbd.MAX_PAYLOAD + Nbd.REQUEST_SIZE;
        }
    }

    private boolean has(int flag) {
        return (export.flags() & flag) != 0;
    }

    @Override
    public long size() {
        return export.size();
    }

    @Override
    public int blockSize() {
        return Math.clamp(export.minBlock(), SECTOR, MAX_BLOCK);
    }

    @Override
    public boolean isReadOnly() {
        return has(Nbd.READ_ONLY);
    }

    @Override
    public boolean canTrim() {
        return has(Nbd.SEND_TRIM);
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        for (long done = 0; done < dst.byteSize(); ) {
            long length = Math.min(export.maxPayload(), dst.byteSize() - done);
            call(Nbd.CMD_READ, off + done, length, dst.asSlice(done, length));
            done += length;
        }
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        checkWritable();
        for (long done = 0; done < src.byteSize(); ) {
            long length = Math.min(export.maxPayload(), src.byteSize() - done);
            call(Nbd.CMD_WRITE, off + done, length, src.asSlice(done, length));
            done += length;
        }
    }

    private void checkWritable() throws ErrnoException {
        if (isReadOnly()) {
            throw EROFS.error();
        }
    }

    @Override
    public void flush() throws IOException {
        if (has(Nbd.SEND_FLUSH)) {
            call(Nbd.CMD_FLUSH, 0, 0, null);
        }
    }

    @Override
    public void trim(long off, long len) throws IOException {
        checkWritable();
        if (has(Nbd.SEND_TRIM)) {
            range(Nbd.CMD_TRIM, off, len);
        }
    }

    @Override
    public void zero(long off, long len) throws IOException {
        checkWritable();
        if (has(Nbd.SEND_WRITE_ZEROES)) {
            range(Nbd.CMD_WRITE_ZEROES, off, len);
        } else {
            BlockDevice.super.zero(off, len);
        }
    }

    /// Lengths have 32 bits.
    private void range(int command, long off, long len) throws IOException {
        for (long done = 0; done < len; ) {
            long length = Math.min(1L << 30, len - done);
            call(command, off + done, length, null);
            done += length;
        }
    }

    /// Makes a request on a context of our loop and waits for it.
    ///
    /// @param data what to write, or where to read to
    private void call(int command, long off, long length, @Nullable MemorySegment data) throws IOException {
        var done = new CompletableFuture<@Nullable Void>();
        try {
            loop.spawn(() -> {
                try {
                    exchange(command, off, length, data);
                    done.complete(null);
                } catch (Throwable e) {
                    done.completeExceptionally(e);
                }
            });
            done.join();
        } catch (RejectedExecutionException e) {
            throw EIO.error("the device is closed");
        } catch (CompletionException e) {
            throw failure(e.getCause());
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case null, default -> throw new AssertionError(cause);
        };
    }

    private void exchange(int command, long off, long length, @Nullable MemorySegment data) throws ErrnoException {
        boolean reads = command == Nbd.CMD_READ;
        long cookie = requests++ << 32 | (reads ? length : 0);
        try (FrameBuf request = channel.frame(Nbd.REQUEST_SIZE + (int) (command == Nbd.CMD_WRITE ? length : 0))) {
            request.put32(Nbd.REQUEST_MAGIC)
                    .put16(0)
                    .put16(command)
                    .put64(cookie)
                    .put64(off)
                    .put32(length);
            if (data != null && !reads) {
                request.put(data);
            }
            try (FrameBuf reply = reply(request)) {
                int error = reply.i32(4);
                if (error != 0) {
                    throw Errno.of(error)
                            .error("the server says: %s", Errno.of(error).text());
                }
                if (data != null && reads) {
                    data.copyFrom(reply.view(Nbd.SIMPLE_REPLY_SIZE, (int) length));
                }
            }
        }
    }

    private FrameBuf reply(FrameBuf request) throws ErrnoException {
        try {
            return channel.call(request);
        } catch (ErrnoException e) {
            throw EIO.error(
                    "the connection to the server is lost: %s", e.errno().text());
        }
    }

    /// Says goodbye and hangs up; what is under way fails.
    @Override
    public void close() {
        if (!thread.isAlive()) {
            return;
        }
        loop.spawn(() -> {
            try (FrameBuf goodbye = channel.frame()) {
                goodbye.put32(Nbd.REQUEST_MAGIC)
                        .put16(0)
                        .put16(Nbd.CMD_DISC)
                        .put64(0)
                        .put64(0)
                        .put32(0);
                channel.directSend(goodbye);
            } catch (ErrnoException e) {
                NbdServer.LOG.log(Level.DEBUG, "goodbye: " + e.getMessage());
            }
            channel.close();
            loop.stop();
        });
        loop.close();
        if (tunnel != null) {
            tunnel.close();
        }
    }
}
