// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import jpuffs.core.Caller;

/// Sees each operation of a file server: for counters, traces and tests. Runs on the operation's call context (on
/// each loop's of a thread-safe server) and must neither block nor fail.
public interface OperationHook {
    /// An operation begins.
    ///
    /// @param unique tells it from the others that run, until [#after]
    /// @param nodeid the kernel's id of the node, 1 for the root
    void before(Opcode op, long unique, long nodeid, Caller caller);

    /// It ended, and its reply, if it has one, is about to be sent.
    ///
    /// @param errno the error number, 0 for success
    void after(Opcode op, long unique, int errno);
}
