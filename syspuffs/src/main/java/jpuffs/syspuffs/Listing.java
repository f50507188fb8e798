// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.io.IOException;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.Dirent;
import jpuffs.puffs.wire.Wire.EntryOut;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.IoIn;

/// Reads an open directory. Where the server tells entries with attributes (READDIRPLUS), what it says is kept for
/// the look-ups that follow; a server that leaves the choice is asked for them at the beginning of the directory.
final class Listing {
    private static final int ROOM = 32 << 10;

    /// The largest cookie a driver takes; the host's file systems end with [Long#MAX_VALUE].
    private static final long MAX_COOKIE = Long.MAX_VALUE - 2;

    private final SysPuffs fs;
    private final RemoteNode directory;
    private final long fh;

    private long next;
    private boolean full;

    Listing(SysPuffs fs, RemoteNode directory, long fh) {
        this.fs = fs;
        this.directory = directory;
        this.fh = fh;
    }

    /// As [jpuffs.core.Node#readdir].
    void readdir(long cookie, DirSink sink) throws IOException {
        next = cookie == MAX_COOKIE ? Long.MAX_VALUE : cookie;
        boolean more = true;
        while (more && !full) {
            more = page(sink);
        }
        directory.invalidate(); // its time of access
    }

    private boolean plus() {
        return fs.terms().has(Init.DO_READDIRPLUS) && (next == 0 || !fs.terms().has(Init.READDIRPLUS_AUTO));
    }

    /// @return whether there was something
    private boolean page(DirSink sink) throws IOException {
        boolean plus = plus();
        Opcode op = plus ? Opcode.READDIRPLUS : Opcode.READDIR;
        try (var message = new Message(op, directory.id, 40, 0).set(IoIn.FH, fh)) {
            Reply reply = fs.call(message.set(IoIn.OFFSET, next).set(IoIn.LENGTH, ROOM), ROOM);
            int head = plus ? EntryOut.SIZE : 0;
            long asked = next;
            int at = 0;
            while (at < reply.length()) {
                int length = check(reply, at, head);
                entry(reply, at, head, sink);
                at += head + Dirent.padded(length);
            }
            if (reply.length() > 0 && !full && next == asked) {
                throw reply.wrong("the entries after %d end with it", asked);
            }
            return reply.length() > 0;
        }
    }

    /// @return the length of the entry's name
    private static int check(Reply reply, int at, int head) throws ErrnoException {
        if (reply.length() - at < head + Dirent.SIZE) {
            throw reply.wrong("%d bytes behind the last entry", reply.length() - at);
        }
        int length = reply.u32(at + head + Dirent.NAMELEN);
        if (length <= 0 || length > Name.MAX || reply.length() - at < head + Dirent.padded(length)) {
            throw reply.wrong("a name of %d bytes", Integer.toUnsignedLong(length));
        }
        if (reply.u64(at + head + Dirent.OFF) <= 0) {
            throw reply.wrong("cookie %d", reply.u64(at + head + Dirent.OFF));
        }
        return length;
    }

    /// What follows one that did not fit is taken note of only, since the server has counted the look-ups.
    private void entry(Reply reply, int at, int head, DirSink sink) throws ErrnoException {
        int length = reply.u32(at + head + Dirent.NAMELEN);
        Name name = Name.of(reply.bytes(at + head + Dirent.SIZE, length));
        long off = reply.u64(at + head + Dirent.OFF);
        if (name.isDot() || name.isDotDot()) {
            next = full ? next : off;
            return;
        }
        try {
            name.checkComponent();
        } catch (ErrnoException _) {
            throw reply.wrong("name '%s'", name);
        }
        if (head > 0 && reply.u64(at + EntryOut.NODEID) != 0) {
            RemoteNode child = fs.nodes.learn(reply, at, 0);
            fs.names.enter(directory.id, name, child, RemoteNode.entryUntil(reply, at));
        }
        if (!full) {
            int mode = (reply.u32(at + head + Dirent.TYPE) & 0xf) << 12;
            full = !sink.add(name, reply.u64(at + head + Dirent.INO), mode, Math.min(off, MAX_COOKIE));
            next = full ? next : off;
        }
    }
}
