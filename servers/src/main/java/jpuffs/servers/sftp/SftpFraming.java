// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import static jpuffs.core.Errno.EPROTO;

import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Channel;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.Framing;
import org.jspecify.annotations.Nullable;

/// length[4] type[1] id[4] body; big-endian; the length counts what follows it. INIT and VERSION have no id.
final class SftpFraming implements Framing {
    /// The largest packet taken from a server, or sent. OpenSSH's own limit is 256 KiB.
    static final int MAX = 1 << 20;

    static final int TYPE = 4;
    static final int ID = 5;
    static final int BODY = 9;
    private static final int MIN = 5;

    /// The tag of INIT and VERSION; ids have 32 bits.
    private static final long GREETING = -1;

    private @Nullable SftpConnection connection;
    private boolean greeted;
    private @Nullable ErrnoException broken;

    void connection(SftpConnection connection, boolean greeted) {
        this.connection = connection;
        this.greeted = greeted;
    }

    @Override
    public int maxSize() {
        return MAX;
    }

    @Override
    public long length(FrameBuf head) throws ErrnoException {
        if (head.size() < 4) {
            return MORE;
        }
        long length = head.u32(0) + 4;
        if (length > MAX || length < MIN) {
            throw fail(greeted ? EPROTO.error("the server sent a packet of %d bytes", length) : noSftp(head));
        }
        return length;
    }

    /// What stands where the first packet should: in most cases the output of a shell's start-up file.
    private static ErrnoException noSftp(FrameBuf head) throws ErrnoException {
        String text = Replies.printable(head.seek(0).string(Math.min(head.size(), 100)));
        return EPROTO.error("the server sent no SFTP but \"%s\": does a start-up file of the shell print that?", text);
    }

    @Override
    public long tag(FrameBuf frame) throws ErrnoException {
        int type = frame.u8(TYPE);
        if (type == Sftp.INIT || type == Sftp.VERSION) {
            return GREETING;
        }
        if (frame.size() < BODY) {
            throw fail(EPROTO.error("the server sent a packet of type %d with %d bytes", type, frame.size()));
        }
        greeted = true;
        return frame.u32(ID);
    }

    @Override
    public void stray(Channel channel, FrameBuf frame) {
        try (frame) {
            String what = frame.u8(TYPE) == Sftp.VERSION ? "a second VERSION" : "a reply to request " + frame.u32(ID);
            fail(EPROTO.error("the server sent %s, which nobody asked for", what));
        } catch (ErrnoException e) {
            fail(e);
        }
        channel.close(EPROTO);
    }

    @Override
    public void closed(Channel channel, Channel.Side side, ErrnoException why) {
        if (connection != null) {
            connection.lost(broken == null ? why : broken);
        }
    }

    /// What is behind the error that the channel tells.
    ErrnoException reason(ErrnoException told) {
        return broken == null ? told : broken;
    }

    ErrnoException fail(ErrnoException why) {
        if (broken == null) {
            broken = why;
        }
        return why;
    }
}
