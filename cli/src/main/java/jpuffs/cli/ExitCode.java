// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

/// How the command ends: the codes of mount(8) and umount(8), since scripts, fstab and systemd judge by them.
final class ExitCode {
    static final int OK = 0;

    /// The command line is wrong, or the user may not do this.
    static final int USAGE = 1;

    /// The system lacks something: memory, descriptors, the FUSE device, a program.
    static final int SYSTEM = 2;

    /// A bug of puffs.
    static final int INTERNAL = 4;

    /// Ended by a signal before the work was done.
    static final int INTERRUPTED = 8;

    /// The mount or unmount itself failed.
    static final int MOUNT = 32;

    private ExitCode() {}
}
