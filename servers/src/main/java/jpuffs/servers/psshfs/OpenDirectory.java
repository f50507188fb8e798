// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import jpuffs.core.DirSink;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.servers.sftp.FileAttrs;

/// An open directory: the entries as they were when reading began, which makes cookies that stay good.
final class OpenDirectory extends Handle {
    private final RemoteDirectory directory;
    private List<Map.Entry<Name, FileAttrs>> entries = List.of();
    private boolean begun;

    OpenDirectory(RemoteDirectory directory, int flags) {
        super(directory, flags);
        this.directory = directory;
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        if (cookie == 0 || !begun) {
            entries = directory.listing().snapshot();
            begun = true;
        }
        for (long i = Math.min(cookie, entries.size()); i < entries.size(); i++) {
            Map.Entry<Name, FileAttrs> entry = entries.get((int) i);
            Name name = entry.getKey();
            if (!sink.add(name, directory.inoOf(name), RemoteNode.mode(entry.getValue()), i + 1)) {
                return;
            }
        }
    }
}
