// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

/// A child process. Closing it lets go of the descriptor only: the child goes on, and one whose status nobody asked
/// for stays a zombie until this process ends.
public record Child(int pid, PidFd pidFd) implements AutoCloseable {
    @Override
    public void close() {
        pidFd.close();
    }
}
