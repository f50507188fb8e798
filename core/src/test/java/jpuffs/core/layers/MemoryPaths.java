// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.Errno.ENOTEMPTY;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import jpuffs.core.Attr;
import jpuffs.core.Bytes;
import jpuffs.core.Cred;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// Files in a map from path to content, as a server that thinks in paths has them.
final class MemoryPaths implements PathFileSystem {
    static final StatFs STATFS = new StatFs(512, 1, 2, 3, 4, 5, 255);

    private final Map<String, Attr> attrs = new TreeMap<>();
    private final Map<String, byte[]> contents = new HashMap<>();
    private final Map<String, Map<Name, byte[]>> xattrs = new HashMap<>();
    private long lastIno = 1;

    MemoryPaths() {
        put(NamePath.ROOT, Attr.directory(0755), new byte[0]);
    }

    void put(NamePath path, Attr attr, byte[] content) {
        attrs.put(path.toString(), attr.withIno(lastIno++));
        contents.put(path.toString(), content);
    }

    void put(String path, String content) {
        put(NamePath.of(path), Attr.file(0644, content.length()), content.getBytes(StandardCharsets.UTF_8));
    }

    /// Somebody else removes a file.
    void vanish(String path) {
        attrs.remove(NamePath.of(path).toString());
    }

    private byte[] content(NamePath path) {
        return Objects.requireNonNull(contents.get(path.toString()));
    }

    @Override
    public @Nullable Attr getattr(NamePath path) {
        Attr attr = attrs.get(path.toString());
        return attr == null || attr.isDirectory() ? attr : attr.withSize(content(path).length);
    }

    @Override
    public Collection<Name> list(NamePath path) {
        return attrs.keySet().stream()
                .map(NamePath::of)
                .filter(other -> !other.isRoot() && other.parent().equals(path))
                .map(NamePath::name)
                .toList();
    }

    @Override
    public int read(NamePath path, MemorySegment dst, long off) {
        return Bytes.copyOut(content(path), off, dst);
    }

    @Override
    public int write(NamePath path, MemorySegment src, long off) {
        byte[] old = content(path);
        byte[] bytes = Arrays.copyOf(old, Math.max(old.length, (int) (off + src.byteSize())));
        MemorySegment.copy(src, ValueLayout.JAVA_BYTE, 0, bytes, (int) off, (int) src.byteSize());
        contents.put(path.toString(), bytes);
        return (int) src.byteSize();
    }

    @Override
    public void setattr(NamePath path, SetAttr change) {
        attrs.computeIfPresent(path.toString(), (key, attr) -> change.applyTo(attr, Time.EPOCH));
    }

    @Override
    public void mknod(NamePath path, int mode, int rdev, Cred cred) {
        put(path, Attr.of(mode), new byte[0]);
    }

    @Override
    public void mkdir(NamePath path, int mode, Cred cred) {
        put(path, Attr.directory(mode & Mode.PERMISSIONS), new byte[0]);
    }

    @Override
    public void symlink(NamePath path, byte[] target, Cred cred) {
        put(path, Attr.symlink(target.length), target);
    }

    @Override
    public byte[] readlink(NamePath path) {
        return content(path);
    }

    @Override
    public void unlink(NamePath path) {
        attrs.remove(path.toString());
    }

    @Override
    public void rmdir(NamePath path) throws IOException {
        if (!list(path).isEmpty()) {
            throw ENOTEMPTY.error();
        }
        attrs.remove(path.toString());
    }

    @Override
    public void rename(NamePath path, NamePath newPath, int flags) {
        if (flags == Node.RENAME_EXCHANGE) {
            move(path.toString(), "/exchange");
            move(newPath.toString(), path.toString());
            move("/exchange", newPath.toString());
        } else {
            move(path.toString(), newPath.toString());
        }
    }

    private void move(String from, String to) {
        for (String path : List.copyOf(attrs.keySet())) {
            if (path.equals(from) || path.startsWith(from + "/")) {
                String moved = to + path.substring(from.length());
                attrs.put(moved, Objects.requireNonNull(attrs.remove(path)));
                contents.put(moved, Objects.requireNonNull(contents.remove(path)));
            }
        }
    }

    private Map<Name, byte[]> xattrs(NamePath path) {
        return xattrs.computeIfAbsent(path.toString(), key -> new TreeMap<>());
    }

    @Override
    public byte @Nullable [] getxattr(NamePath path, Name name) {
        return xattrs(path).get(name);
    }

    @Override
    public List<Name> listxattr(NamePath path) {
        return List.copyOf(xattrs(path).keySet());
    }

    @Override
    public void setxattr(NamePath path, Name name, byte[] value, int flags) {
        xattrs(path).put(name, value);
    }

    @Override
    public void removexattr(NamePath path, Name name) {
        xattrs(path).remove(name);
    }

    @Override
    public StatFs statfs() {
        return STATFS;
    }
}
