// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Name;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.Notify;
import jpuffs.puffs.wire.Wire.RetrieveIn;

/// What a server says unasked, which ends what is known: attributes, names, pages. A STORE does no more than that,
/// and a RETRIEVE gets nothing.
final class Notifications {
    private static final int ENTRY = 16; // fuse_notify_inval_entry_out
    private static final int DELETE = 24; // fuse_notify_delete_out

    private final SysPuffs fs;

    Notifications(SysPuffs fs) {
        this.fs = fs;
    }

    /// Called with the connection's lock: it asks nothing and waits for nothing.
    void take(int code, MemorySegment body, int length) {
        boolean understood = switch (code) {
            case Notify.INVAL_INODE, Notify.STORE -> length >= 24 && inode(body, 0);
            case Notify.INVAL_ENTRY -> length > ENTRY && entry(body, length, 8, ENTRY);
            case Notify.DELETE -> length > DELETE && entry(body, length, 16, DELETE) && inode(body, 8);
            case Notify.RETRIEVE -> length == 32 && retrieve(body);
            case Notify.INC_EPOCH -> epoch();
            case Notify.POLL -> length == 8 && poll(body);
            case Notify.RESEND, Notify.PRUNE -> true; // nothing is sent twice or kept for long
            default -> false;
        };
        if (!understood) {
            fs.connection.misbehaved("notification %d of %d bytes", code, length);
        }
    }

    private boolean inode(MemorySegment body, int at) {
        RemoteNode node = fs.nodes.find(body.get(JAVA_LONG_UNALIGNED, at));
        if (node != null) {
            node.invalidate();
            node.invalidatePages();
        }
        return true;
    }

    private boolean entry(MemorySegment body, int length, int lengthAt, int nameAt) {
        int nameLength = body.get(JAVA_INT_UNALIGNED, lengthAt);
        if (nameLength <= 0 || nameLength > Name.MAX || nameLength + nameAt + 1 != length) {
            return false;
        }
        fs.names.forget(body.get(JAVA_LONG_UNALIGNED, 0), Name.of(body, nameAt, nameLength));
        return inode(body, 0);
    }

    private boolean poll(MemorySegment body) {
        fs.polls.wake(body.get(JAVA_LONG_UNALIGNED, 0));
        return true;
    }

    private boolean epoch() {
        fs.names.clear();
        return true;
    }

    private boolean retrieve(MemorySegment body) {
        long unique = body.get(JAVA_LONG_UNALIGNED, 0);
        long nodeid = body.get(JAVA_LONG_UNALIGNED, 8);
        try (var message = new Message(Opcode.NOTIFY_REPLY, nodeid, RetrieveIn.SIZE, 0)) {
            message.set(RetrieveIn.OFFSET, body.get(JAVA_LONG_UNALIGNED, 16)).set(RetrieveIn.LENGTH, 0);
            fs.connection.reply(message, unique);
        }
        return true;
    }
}
