// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EPROTO;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// The handshake with one client, fixed newstyle: options until it has chosen an export. Straight-line code on a
/// call context: every read yields.
final class Handshake {
    private static final int MAX_OPTION = 32 << 10;
    private static final int MAX_OPTIONS = 1000;
    private static final int OPTION_HEADER = 16;
    private static final int PREFERRED_BLOCK = 4096;

    private final EventLoop loop;
    private final List<NbdExport> exports;
    private final @Nullable NbdTls tls;
    private final MemorySegment buffer;
    private final Session session = new Session();
    private Stream stream;
    private Input input;

    /// @param buffer of [Input#SIZE] bytes
    Handshake(EventLoop loop, Fd fd, NbdServer server, MemorySegment buffer) {
        this.loop = loop;
        this.exports = server.exports();
        this.tls = server.tls();
        this.buffer = buffer;
        stream = new FdStream(fd);
        input = new Input(stream, buffer);
    }

    Session session() {
        return session;
    }

    Stream stream() {
        return stream;
    }

    Input input() {
        return input;
    }

    /// Shakes hands. Yields.
    ///
    /// @return whether an export was chosen; else the client has left in peace
    /// @throws IOException EPROTO, ECONNRESET, ETIMEDOUT: it is to be hung up on
    boolean run() throws IOException {
        send(reply(18).putLong(Nbd.MAGIC).putLong(Nbd.OPTION_MAGIC).putShort((short)
                (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)));
        require(4);
        int flags = input.i32(0);
        input.skip(4);
        if ((flags & ~(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)) != 0) {
            throw EPROTO.error("client flags %x", flags);
        }
        session.noZeroes = (flags & Nbd.NO_ZEROES) != 0;
        for (int i = 0; i < MAX_OPTIONS; i++) {
            Option option = readOption();
            if (option.number == Nbd.OPT_ABORT) {
                ack(option);
                return false;
            }
            if (serve(option)) {
                return true;
            }
        }
        throw EPROTO.error("more than %d options", MAX_OPTIONS);
    }

    /// An option and its data; null if that was too long and has been skipped.
    private record Option(int number, @Nullable ByteBuffer data) {}

    private Option readOption() throws IOException {
        require(OPTION_HEADER);
        if (input.u64(0) != Nbd.OPTION_MAGIC) {
            throw EPROTO.error("an option with magic %x", input.u64(0));
        }
        int number = input.i32(8);
        long length = input.u32(12);
        input.skip(OPTION_HEADER);
        if (length > MAX_OPTION) {
            skip(length);
            return new Option(number, null);
        }
        require((int) length);
        return new Option(number, ByteBuffer.wrap(input.bytes((int) length)));
    }

    private void skip(long length) throws IOException {
        for (long left = length; left > 0; ) {
            require(1);
            int count = (int) Math.min(left, input.available());
            input.skip(count);
            left -= count;
        }
    }

    /// @return whether it began the transmission phase
    private boolean serve(Option option) throws IOException {
        if (option.data == null) {
            refuse(option, Nbd.REP_ERR_TOO_BIG, "an option has at most " + MAX_OPTION + " bytes");
            return false;
        }
        boolean needsTls = tls != null && !session.secure && option.number != Nbd.OPT_STARTTLS;
        if (needsTls) {
            if (option.number == Nbd.OPT_EXPORT_NAME) {
                throw EPROTO.error("an export is wanted without TLS");
            }
            refuse(option, Nbd.REP_ERR_TLS_REQD, "this server needs TLS");
            return false;
        }
        try {
            return dispatch(option, option.data);
        } catch (MalformedOption e) {
            refuse(option, Nbd.REP_ERR_INVALID, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private boolean dispatch(Option option, ByteBuffer data) throws IOException, MalformedOption {
        switch (option.number) {
            case Nbd.OPT_EXPORT_NAME -> {
                exportName(data);
                return true;
            }
            case Nbd.OPT_INFO, Nbd.OPT_GO -> {
                return go(option, data);
            }
            case Nbd.OPT_LIST -> list(option, data);
            case Nbd.OPT_STARTTLS -> startTls(option, data);
            case Nbd.OPT_STRUCTURED_REPLY -> structured(option, data);
            case Nbd.OPT_EXTENDED_HEADERS -> {
                checkEmpty(data);
                session.extended = true;
                session.structured = true;
                ack(option);
            }
            case Nbd.OPT_LIST_META_CONTEXT -> metaContext(option, data, false);
            case Nbd.OPT_SET_META_CONTEXT -> metaContext(option, data, true);
            default -> refuse(option, Nbd.REP_ERR_UNSUP, "");
        }
        return false;
    }

    private void structured(Option option, ByteBuffer data) throws IOException, MalformedOption {
        checkEmpty(data);
        if (session.extended) {
            refuse(option, Nbd.REP_ERR_EXT_HEADER_REQD, "extended headers were agreed on");
            return;
        }
        session.structured = true;
        ack(option);
    }

    private void exportName(ByteBuffer data) throws IOException {
        NbdExport export = find(UTF_8.decode(data).toString());
        if (export == null) {
            throw EPROTO.error("an export that is not there");
        }
        session.export = export;
        ByteBuffer reply =
                reply(134).putLong(export.device().size()).putShort((short) export.flags(session.structured));
        send(reply.position(session.noZeroes ? 10 : 134));
    }

    private boolean go(Option option, ByteBuffer data) throws IOException, MalformedOption {
        String name = string(data);
        int count = u16(data);
        boolean wantsName = false;
        for (int i = 0; i < count; i++) {
            wantsName |= u16(data) == Nbd.INFO_NAME;
        }
        checkEmpty(data);
        NbdExport export = find(name);
        if (export == null) {
            refuse(option, Nbd.REP_ERR_UNKNOWN, "there is no export of that name");
            return false;
        }
        info(option, export, wantsName);
        ack(option);
        session.export = option.number == Nbd.OPT_GO ? export : null;
        return option.number == Nbd.OPT_GO;
    }

    private void info(Option option, NbdExport export, boolean wantsName) throws IOException {
        ByteBuffer info = ByteBuffer.allocate(12).putShort((short) Nbd.INFO_EXPORT);
        info.putLong(export.device().size()).putShort((short) export.flags(session.structured));
        sendOption(option, Nbd.REP_INFO, info);
        int block = export.device().blockSize();
        ByteBuffer sizes =
                ByteBuffer.allocate(14).putShort((short) Nbd.INFO_BLOCK_SIZE).putInt(block);
        sizes.putInt(Math.max(block, PREFERRED_BLOCK)).putInt(Nbd.MAX_PAYLOAD);
        sendOption(option, Nbd.REP_INFO, sizes);
        if (wantsName) {
            sendOption(option, Nbd.REP_INFO, text(Nbd.INFO_NAME, export.name()));
        }
        if (!export.description().isEmpty()) {
            sendOption(option, Nbd.REP_INFO, text(Nbd.INFO_DESCRIPTION, export.description()));
        }
    }

    private static ByteBuffer text(int type, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return ByteBuffer.allocate(2 + bytes.length).putShort((short) type).put(bytes);
    }

    private void list(Option option, ByteBuffer data) throws IOException, MalformedOption {
        checkEmpty(data);
        for (NbdExport export : exports) {
            byte[] name = export.name().getBytes(UTF_8);
            byte[] text = export.description().getBytes(UTF_8);
            ByteBuffer entry = ByteBuffer.allocate(4 + name.length + text.length);
            sendOption(
                    option, Nbd.REP_SERVER, entry.putInt(name.length).put(name).put(text));
        }
        ack(option);
    }

    private void metaContext(Option option, ByteBuffer data, boolean set) throws IOException, MalformedOption {
        String name = string(data);
        long count = u32(data);
        boolean wanted = count == 0 && !set;
        for (long i = 0; i < count; i++) {
            String query = string(data);
            wanted |= query.equals(Nbd.BASE_ALLOCATION) || (!set && query.equals("base:"));
        }
        checkEmpty(data);
        if (!session.structured) {
            throw new MalformedOption("structured replies are needed for this");
        }
        NbdExport export = find(name);
        if (export == null) {
            refuse(option, Nbd.REP_ERR_UNKNOWN, "there is no export of that name");
            return;
        }
        if (set) {
            session.statusOf = wanted ? export.name() : null;
        }
        if (wanted) {
            byte[] context = Nbd.BASE_ALLOCATION.getBytes(UTF_8);
            ByteBuffer reply = ByteBuffer.allocate(4 + context.length).putInt(set ? Nbd.BASE_ALLOCATION_ID : 0);
            sendOption(option, Nbd.REP_META_CONTEXT, reply.put(context));
        }
        ack(option);
    }

    /// What was agreed on in clear does not count any more (proto.md, STARTTLS), nor what came in clear behind the
    /// option: somebody between us may have put it there.
    private void startTls(Option option, ByteBuffer data) throws IOException, MalformedOption {
        checkEmpty(data);
        if (tls == null || session.secure) {
            refuse(option, tls == null ? Nbd.REP_ERR_POLICY : Nbd.REP_ERR_INVALID, "TLS is not to be had here");
            return;
        }
        ack(option);
        if (input.available() > 0) {
            throw EPROTO.error("%d bytes in clear behind STARTTLS", input.available());
        }
        var secure = new TlsStream(stream.fd(), tls.serverEngine());
        secure.handshake(loop);
        stream = secure;
        input = new Input(secure, buffer);
        session.secure = true;
        session.structured = false;
        session.extended = false;
        session.statusOf = null;
    }

    /// The export of that name; for an empty one the first.
    private @Nullable NbdExport find(String name) {
        for (NbdExport export : exports) {
            if (export.name().equals(name)) {
                return export;
            }
        }
        return name.isEmpty() && !exports.isEmpty() ? exports.getFirst() : null;
    }

    /// The data of an option is not what the protocol says.
    private static final class MalformedOption extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedOption(String message) {
            super(message, null, false, false);
        }
    }

    private static String string(ByteBuffer data) throws MalformedOption {
        long length = u32(data);
        checkRemaining(data, length);
        ByteBuffer text = data.slice(data.position(), (int) length);
        data.position(data.position() + (int) length);
        return UTF_8.decode(text).toString();
    }

    private static int u16(ByteBuffer data) throws MalformedOption {
        checkRemaining(data, 2);
        return data.getShort() & 0xffff;
    }

    private static long u32(ByteBuffer data) throws MalformedOption {
        checkRemaining(data, 4);
        return data.getInt() & Nbd.U32;
    }

    private static void checkRemaining(ByteBuffer data, long length) throws MalformedOption {
        if (length > data.remaining()) {
            throw new MalformedOption("the option ends too soon");
        }
    }

    private static void checkEmpty(ByteBuffer data) throws MalformedOption {
        if (data.hasRemaining()) {
            throw new MalformedOption("the option has " + data.remaining() + " bytes too many");
        }
    }

    private static ByteBuffer reply(int size) {
        return ByteBuffer.allocate(size);
    }

    private void ack(Option option) throws IOException {
        sendOption(option, Nbd.REP_ACK, ByteBuffer.allocate(0));
    }

    private void refuse(Option option, int error, String why) throws IOException {
        byte[] text = why.getBytes(UTF_8);
        sendOption(option, error, ByteBuffer.allocate(text.length).put(text));
    }

    private void sendOption(Option option, int type, ByteBuffer data) throws IOException {
        ByteBuffer reply = reply(20 + data.position()).putLong(Nbd.OPTION_REPLY_MAGIC);
        send(reply.putInt(option.number).putInt(type).putInt(data.position()).put(data.flip()));
    }

    /// Writes what was put into `bytes`. Yields.
    private void send(ByteBuffer bytes) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment rest = arena.allocate(bytes.position()).copyFrom(MemorySegment.ofBuffer(bytes.flip()));
            while (rest.byteSize() > 0) {
                rest = rest.asSlice(settle(stream.write(List.of(rest))));
            }
            while (settle(stream.flush()) != 0) {}
        }
    }

    /// `result`, or 0 after a wait for room.
    private long settle(long result) throws IOException {
        if (result == -Errno.EAGAIN.number()) {
            loop.await(stream.fd(), Epoll.EPOLLOUT);
            return 0;
        }
        if (result < 0 && result != -Errno.EINTR.number()) {
            throw Errno.of((int) -result).error();
        }
        return Math.max(0, result);
    }

    /// Waits until there are `length` bytes. Yields.
    private void require(int length) throws ErrnoException {
        while (input.available() < length) {
            if (!input.fill()) {
                int events = loop.await(stream.fd(), Epoll.EPOLLIN | Epoll.EPOLLRDHUP);
                input.ready(events);
            }
        }
    }
}
