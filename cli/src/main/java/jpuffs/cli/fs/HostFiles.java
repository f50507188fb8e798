// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.io.IOException;
import java.nio.file.Path;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.servers.nullfs.NullFs;

/// The files of the host as one run of a tool has them: what a name was found to be it stays until the tool changes
/// it, and when the host writes what was written is left to the host, both as with the tools of the host.
///
/// @param mirror of the root
record HostFiles(NullFs mirror) implements FileSystem, AutoCloseable {
    /// As [NullFs#open]. Passed through, so that nothing is asked of a file that is read for the sake of a kernel's
    /// cache.
    static HostFiles open() throws ErrnoException {
        return new HostFiles(NullFs.open(Path.of("/"), new NullFs.Options(true)));
    }

    @Override
    public Node root() {
        return mirror.root();
    }

    @Override
    public StatFs statfs() throws IOException {
        return mirror.statfs();
    }

    @Override
    public boolean isThreadSafe() {
        return mirror.isThreadSafe();
    }

    @Override
    public boolean isPrivate() {
        return true;
    }

    @Override
    public boolean keepsAcls() {
        return mirror.keepsAcls();
    }

    @Override
    public void close() {
        mirror.close();
    }
}
