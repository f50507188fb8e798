// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

/// A hold on a vnode for the length of a `try`.
record Held(Vnode vnode) implements AutoCloseable {
    @Override
    public void close() {
        vnode.release();
    }
}
