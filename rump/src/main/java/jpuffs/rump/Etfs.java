// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// Files of the host in the name space of a kernel (extra-terrestrial file system; NetBSD: rump_etfs_register(3)).
///
/// A key is an absolute path, compared byte for byte but for its leading slashes. A path that is a key, or goes on
/// below the key of a directory, leads there, whatever the file systems have under that name; no directory lists
/// it. Nodes are those of [HostNodes], or any others. Guarded by the kernel lock.
///
/// It is a file system of its own beside the tree: a directory whose entries have numbers for names.
final class Etfs implements FileSystem {
    private final Map<String, Name> keys = new LinkedHashMap<>();
    private final Map<Name, Node> nodes = new HashMap<>();
    private long next = 1;

    private final Node root = new Node() {
        @Override
        public Attr getattr() {
            return Attr.directory(0111).withIno(1);
        }

        @Override
        public @Nullable Node lookup(Name name) {
            return nodes.get(name);
        }
    };

    @Override
    public Node root() {
        return root;
    }

    private static String normal(byte[] path) {
        String key = new String(path, StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < key.length() && key.charAt(at) == '/') {
            at++;
        }
        return key.substring(at);
    }

    /// @throws ErrnoException EINVAL for a key without a leading slash, EEXIST
    void register(byte[] key, Node node) throws ErrnoException {
        String path = normal(key);
        if (key[0] != '/' || path.isEmpty() || path.endsWith("/")) {
            throw EINVAL.error("a key begins with a slash and does not end with one");
        }
        if (keys.containsKey(path)) {
            throw EEXIST.error();
        }
        Name name = Name.of(Long.toString(next++));
        keys.put(path, name);
        nodes.put(name, node);
    }

    /// @throws ErrnoException ENOENT
    void remove(byte[] key) throws ErrnoException {
        Name name = keys.remove(normal(key));
        if (name == null) {
            throw ENOENT.error();
        }
        nodes.remove(name);
    }

    /// The path from [#root()] on of what a path of the kernel leads to here, or null if it leads into the tree.
    byte @Nullable [] translate(byte[] path) {
        if (keys.isEmpty() || path[0] != '/') {
            return null;
        }
        String rest = normal(path);
        for (var entry : keys.entrySet()) {
            String key = entry.getKey();
            if (rest.startsWith(key) && (rest.length() == key.length() || rest.charAt(key.length()) == '/')) {
                String name = entry.getValue() + rest.substring(key.length());
                return name.getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }
}
