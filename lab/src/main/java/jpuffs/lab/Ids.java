// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.CopyIn;
import jpuffs.puffs.wire.Wire.Dirent;
import jpuffs.puffs.wire.Wire.EntryOut;
import jpuffs.puffs.wire.Wire.ForgetOne;
import jpuffs.puffs.wire.Wire.GetattrIn;
import jpuffs.puffs.wire.Wire.InHeader;
import jpuffs.puffs.wire.Wire.OutHeader;
import org.jspecify.annotations.Nullable;

/// What the nodes and open files of a journal are called now: servers number them as they like. Learned from
/// answers to the same request, then and now.
final class Ids {
    private static final int BATCH_AT = InHeader.SIZE + 8; // behind fuse_batch_forget_in

    private final Map<Long, Long> nodes = new HashMap<>(Map.of(0L, 0L, Wire.ROOT_ID, Wire.ROOT_ID));
    private final Map<Long, Long> files = new HashMap<>(Map.of(0L, 0L));
    private boolean known;

    /// The bytes of a message, as they lie.
    static ByteBuffer of(byte[] message) {
        return ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
    }

    /// A request of the journal, as it must be said now; null if it is about something there is not now: many
    /// servers do not survive to be asked that.
    byte @Nullable [] translate(Opcode op, byte[] request) {
        byte[] now = request.clone();
        ByteBuffer bytes = of(now);
        known = true;
        put(nodes, bytes, InHeader.NODEID);
        int args = InHeader.SIZE;
        switch (op) {
            case GETATTR, SETATTR -> put(files, bytes, args + GetattrIn.FH); // of no meaning if it is not said to be
            case READ, WRITE, READDIR, READDIRPLUS, RELEASE, RELEASEDIR, FSYNC, FSYNCDIR, FLUSH, LSEEK, FALLOCATE -> {
                put(files, bytes, args);
            }
            case GETLK, SETLK, SETLKW, IOCTL, POLL -> put(files, bytes, args);
            case RENAME, RENAME2, LINK -> put(nodes, bytes, args);
            case COPY_FILE_RANGE, COPY_FILE_RANGE_64 -> {
                put(files, bytes, args + CopyIn.FH_IN);
                put(nodes, bytes, args + CopyIn.NODEID_OUT);
                put(files, bytes, args + CopyIn.FH_OUT);
            }
            case BATCH_FORGET -> {
                for (int at = BATCH_AT; at + ForgetOne.SIZE <= now.length; at += ForgetOne.SIZE) {
                    put(nodes, bytes, at + ForgetOne.NODEID);
                }
            }
            default -> {}
        }
        return known ? now : null;
    }

    private void put(Map<Long, Long> names, ByteBuffer bytes, int at) {
        Long name = at + Long.BYTES <= bytes.limit() ? names.get(bytes.getLong(at)) : null;
        if (name == null) {
            known = false;
        } else {
            bytes.putLong(at, name);
        }
    }

    /// Takes note of what two answers to one request call things. Both are without errors.
    void learn(Opcode op, byte[] then, byte[] now) {
        int body = OutHeader.SIZE;
        switch (op) {
            case LOOKUP, MKNOD, MKDIR, SYMLINK, LINK -> learn(nodes, then, now, body + EntryOut.NODEID);
            case CREATE, TMPFILE -> {
                learn(nodes, then, now, body + EntryOut.NODEID);
                learn(files, then, now, body + EntryOut.SIZE);
            }
            case OPEN, OPENDIR -> learn(files, then, now, body);
            case READDIRPLUS -> {
                Map<String, Long> found = entries(now);
                entries(then).forEach((name, id) -> {
                    Long node = found.get(name);
                    if (node != null) {
                        nodes.put(id, node);
                    }
                });
            }
            default -> {}
        }
    }

    private static void learn(Map<Long, Long> names, byte[] then, byte[] now, int at) {
        if (at + Long.BYTES <= Math.min(then.length, now.length)) {
            names.put(of(then).getLong(at), of(now).getLong(at));
        }
    }

    /// The nodes of a listing by their names.
    private static Map<String, Long> entries(byte[] answer) {
        var entries = new HashMap<String, Long>();
        ByteBuffer bytes = of(answer);
        int at = OutHeader.SIZE;
        while (at + EntryOut.SIZE + Dirent.SIZE <= answer.length) {
            int length = bytes.getInt(at + EntryOut.SIZE + Dirent.NAMELEN);
            int name = at + EntryOut.SIZE + Dirent.SIZE;
            if (length <= 0 || length > answer.length - name) {
                break;
            }
            entries.put(new String(answer, name, length, StandardCharsets.ISO_8859_1), bytes.getLong(at));
            at += EntryOut.SIZE + Dirent.padded(length);
        }
        return entries;
    }
}
