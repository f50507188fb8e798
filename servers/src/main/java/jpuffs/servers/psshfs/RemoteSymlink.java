// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.lang.System.Logger.Level;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A symbolic link.
final class RemoteSymlink extends RemoteNode {
    private static final int MAX_TARGET = 4095;

    private @Nullable Name target;
    private long at;

    RemoteSymlink(Psshfs fs, long ino, FileAttrs attrs, long when) {
        super(fs, ino, attrs, when);
    }

    /// A link that was just made here.
    void target(Name made) {
        target = made;
        at = System.nanoTime();
    }

    @Override
    public byte[] readlink() throws IOException {
        Name known = target;
        if (known == null || !fs.times().isLinkFresh(at)) {
            Name path = path();
            long when = System.nanoTime();
            known = fs.link().safely(c -> read(c, path));
            target = known;
            at = when;
        }
        String root = new String(fs.rootPath().toBytes(), ISO_8859_1);
        byte[] seen = fs.options().symlinks().seen(known.toBytes(), root, depth());
        if (seen.length == 0) {
            String shown = known.toString();
            Psshfs.LOG.log(Level.DEBUG, () -> "a link to " + shown + " is refused: it may lead out of the mount");
            throw EPERM.error("a link to %s may lead out of the mount (no_contain_symlinks allows it)", shown);
        }
        return seen;
    }

    private static Name read(SftpConnection c, Name path) throws IOException {
        try (FrameBuf reply = c.call(Requests.readlink(c, path))) {
            Name found = Replies.name(c, reply);
            if (found.length() == 0
                    || found.length() > MAX_TARGET
                    || found.toString().indexOf('\0') >= 0) {
                throw c.violated("the server sent a bad target of %d bytes for a link", found.length());
            }
            return found;
        }
    }

    /// How many directories it is below the root.
    private int depth() throws ErrnoException {
        return isNamed() ? place().parent().depth() : 0;
    }

    @Override
    FrameBuf setRequest(SftpConnection c, Name path, FileAttrs wanted) throws ErrnoException {
        if (fs.follows() || !c.has(Sftp.LSETSTAT)) {
            if (!fs.follows()) {
                throw jpuffs.core.Errno.EOPNOTSUPP.error("the server cannot change links");
            }
            return Requests.setstat(c, path, wanted);
        }
        return Requests.lsetstat(c, path, wanted);
    }
}
