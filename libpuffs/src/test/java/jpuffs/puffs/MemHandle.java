// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.io.IOException;
import jpuffs.core.Handle;

/// An open file of [MemFs].
final class MemHandle extends Handle {
    private final MemNode node;
    private boolean released;

    MemHandle(MemNode node, int flags) {
        super(node, flags);
        this.node = node;
        node.handles++;
        node.fs.openHandles++;
    }

    @Override
    public void flush() throws IOException {
        node.fs.enter("flush");
    }

    @Override
    public void release() throws IOException {
        if (released) {
            node.fs.complaints.add("node " + node.ino + " released twice");
            return;
        }
        released = true;
        node.handles--;
        node.fs.openHandles--;
        node.fs.enter("release");
    }
}
