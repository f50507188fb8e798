// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.EntryOut;
import org.jspecify.annotations.Nullable;

/// Which of the server's files are known here. The server counts the look-ups it has answered for each, and keeps a
/// file until they were taken back: a FORGET says how many.
final class NodeTable {
    /// Files kept that no operation has answered: only a listing has told of them.
    private static final int MAX_IDLE = 1024;

    private final SysPuffs fs;
    private final Forgets forgets;
    private final Map<Long, RemoteNode> nodes = new ConcurrentHashMap<>();
    private final Set<RemoteNode> idle = new LinkedHashSet<>();

    NodeTable(SysPuffs fs, Forgets forgets) {
        this.fs = fs;
        this.forgets = forgets;
    }

    /// What a fuse_entry_out tells of: the node, and its attributes, which it keeps.
    ///
    /// @param type the file type it must have, 0 for any
    /// @throws ErrnoException EPROTO if that cannot be
    RemoteNode learn(Reply reply, int at, int type) throws ErrnoException {
        long id = reply.u64(at + EntryOut.NODEID);
        if (id == Wire.ROOT_ID || id == 0) {
            throw reply.wrong("node id %d for a file that is not the root", id);
        }
        RemoteNode node = null;
        try {
            Attr attr = Attrs.read(reply, at + EntryOut.ATTR);
            if (type != 0 && Mode.type(attr.mode()) != type) {
                throw reply.wrong("a file of type %o, asked for was %o", Mode.type(attr.mode()), type);
            }
            node = enter(id, reply.u64(at + EntryOut.GENERATION), attr, reply);
            long until = Attrs.until(reply, at + EntryOut.ATTR_VALID, at + EntryOut.ATTR_VALID_NSEC);
            node.remember(attr, until);
            return node;
        } finally {
            if (node == null) {
                forgets.add(id, 1);
            }
        }
    }

    private synchronized RemoteNode enter(long id, long generation, Attr attr, Reply reply) throws ErrnoException {
        RemoteNode node = nodes.get(id);
        if (node != null && node.generation() != generation) {
            remove(node); // its id was given to another file
            node = null;
        }
        if (node == null) {
            node = new RemoteNode(fs, id, generation, Mode.type(attr.mode()));
            nodes.put(id, node);
            idle.add(node);
            if (idle.size() > MAX_IDLE) {
                remove(idle.iterator().next());
            }
        } else if (node.type != Mode.type(attr.mode())) {
            throw reply.wrong("node %d was of type %o, is of %o", id, node.type, Mode.type(attr.mode()));
        }
        node.lookups++;
        return node;
    }

    /// The root, which is never forgotten.
    synchronized RemoteNode root(int type) {
        var root = new RemoteNode(fs, Wire.ROOT_ID, 0, type);
        nodes.put(Wire.ROOT_ID, root);
        return root;
    }

    /// The node with this id, if it is known. Takes no lock.
    @Nullable
    RemoteNode find(long id) {
        return nodes.get(id);
    }

    /// Whether an operation has answered the node already.
    synchronized boolean isUsed(RemoteNode node) {
        return node.answers > 0;
    }

    /// An operation answers the node.
    ///
    /// @return false if it was forgotten meanwhile
    synchronized boolean answer(RemoteNode node) {
        if (nodes.get(node.id) != node) {
            return false;
        }
        node.answers++;
        idle.remove(node);
        return true;
    }

    /// As [jpuffs.core.Node#reclaim].
    void reclaim(RemoteNode node, long answers) {
        synchronized (this) {
            node.answers -= answers;
            if (node.answers > 0 || node.id == Wire.ROOT_ID) {
                return;
            }
            remove(node);
        }
        forgets.flush();
    }

    /// Sends what was written and not sent yet, of all files.
    void settle() {
        nodes.values().forEach(RemoteNode::settle);
    }

    private void remove(RemoteNode node) {
        if (nodes.remove(node.id, node) && node.id != Wire.ROOT_ID) {
            forgets.add(node.id, node.lookups);
        }
        node.forget();
        idle.remove(node);
    }
}
