// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.servers.sftp.Sftp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What servers do that are not OpenSSH's.
@Timeout(value = 120, unit = SECONDS)
class OtherServersTest {
    @TempDir
    Path dir;

    /// To Java's `Files.newByteChannel` the wish to make a file is nothing without the wish to write.
    private static final class JavaServer implements FaultyPeer.Meddler {
        @Override
        public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
            if (FaultyPeer.type(packet) == Sftp.OPEN) {
                ByteBuffer open = ByteBuffer.wrap(packet);
                int at = 13 + open.getInt(9); // length, type, id, the path with its length
                int flags = open.getInt(at);
                if ((flags & Sftp.FXF_WRITE) == 0) {
                    open.putInt(at, flags & ~(Sftp.FXF_CREAT | Sftp.FXF_EXCL));
                }
            }
            session.toServer(packet);
        }
    }

    @Test
    void aNewFileIsOpenedForReading() throws Exception {
        try (FaultyPeer peer = FaultyPeer.start()) {
            peer.meddler(new JavaServer());
            try (Client client = Client.of(peer, dir, Options.NONE)) {
                client.call(root -> {
                    Handle made = root.create(Name.of("f"), 0100444, OpenFlags.O_RDONLY, Cred.ROOT);
                    assertThat(made.read(MemorySegment.ofArray(new byte[10]), 0))
                            .isZero();
                    Client.close(made);
                    return true;
                });
            }
        }
        assertThat(dir.resolve("f")).isEmptyFile();
        assertThat(Files.getPosixFilePermissions(dir.resolve("f"))).hasSize(3);
    }

    /// MINA's looks at the path of a file that is open, and it may have lost that.
    @Test
    void anOpenFileThatCannotBeChangedIsStale() throws Exception {
        Files.writeString(dir.resolve("f"), "text");
        try (FaultyPeer peer = FaultyPeer.start()) {
            peer.meddler(new LosingServer());
            try (Client client = Client.of(peer, dir, Options.NONE)) {
                for (SetAttr wanted : List.of(
                        SetAttr.none().withSize(1),
                        SetAttr.none().withMode(0600),
                        SetAttr.none().withSize(2).withMode(0600))) {
                    assertThat(client.errno(root -> {
                                Handle open = Client.lookup(root, "f").open(OpenFlags.O_RDWR);
                                try {
                                    return open.setattr(wanted);
                                } finally {
                                    Client.close(open);
                                }
                            }))
                            .isEqualTo(Errno.ESTALE);
                }
            }
        }
    }

    /// Finds no open file to change.
    private static final class LosingServer implements FaultyPeer.Meddler {
        private final Set<Integer> lost = ConcurrentHashMap.newKeySet();

        @Override
        public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
            if (FaultyPeer.type(packet) == Sftp.FSETSTAT) {
                lost.add(FaultyPeer.id(packet));
            }
            session.toServer(packet);
        }

        @Override
        public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
            boolean gone = lost.remove(FaultyPeer.id(packet));
            session.toClient(gone ? FaultyPeer.status(packet, Sftp.NO_SUCH_FILE) : packet);
        }
    }
}
