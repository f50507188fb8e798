// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;

/// A mount that puffs serves, or did until its server died.
///
/// @param info what the kernel says of it
record PuffsMount(MountInfo info) {
    private static final String TYPE = "fuse.puffs";

    /// All there are in this mount namespace, in the order of mounting.
    static List<PuffsMount> all() throws IOException {
        var all = new ArrayList<PuffsMount>();
        for (MountInfo info : Mounts.list()) {
            if (isPuffs(info)) {
                all.add(new PuffsMount(info));
            }
        }
        return all;
    }

    /// Whether puffs serves `mount`.
    static boolean isPuffs(MountInfo mount) {
        return mount.type().equals(TYPE) || mount.type().startsWith(TYPE + "|");
    }

    String source() {
        return info.source().toString();
    }

    String dir() {
        return info.mountPoint().toString();
    }

    /// The type as `puffs mount` names it; `puffs` for a server that gave none.
    String type() {
        String type = info.type();
        return type.equals(TYPE) ? "puffs" : type.substring(TYPE.length() + 1);
    }

    /// The options of mount and file system, each once; first `ro` if either is read-only, else `rw`.
    List<String> options() {
        var options = new LinkedHashSet<String>(List.of(info.options().split(",", -1)));
        options.addAll(List.of(info.superOptions().split(",", -1)));
        boolean readOnly = options.remove("ro");
        options.remove("rw");
        options.addFirst(readOnly ? "ro" : "rw");
        return List.copyOf(options);
    }
}
