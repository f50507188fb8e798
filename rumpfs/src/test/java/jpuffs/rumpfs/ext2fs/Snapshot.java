// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import jpuffs.core.Attr;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;

/// What is in a tree: for each path a line with type, permissions, owner, links, size, times and content.
final class Snapshot {
    private Snapshot() {}

    static Map<String, String> of(FileSystem fs) throws IOException {
        var lines = new TreeMap<String, String>();
        Node root = fs.root();
        add(root, "", lines);
        return lines;
    }

    private static void add(Node node, String path, Map<String, String> lines) throws IOException {
        Attr attr = node.getattr();
        String content = "";
        if (attr.isRegular()) {
            content = "crc " + checksum(node, attr.size());
        } else if (attr.isSymlink()) {
            content = "-> " + new String(node.readlink(), UTF_8);
        } else if (Mode.isDevice(attr.mode())) {
            content = "rdev " + Integer.toHexString(attr.rdev());
        }
        lines.put(path.isEmpty() ? "/" : path, line(attr, content));
        if (attr.isDirectory()) {
            for (Name name : names(node)) {
                Node child = node.lookup(name);
                if (child == null) {
                    throw new AssertionError(path + "/" + name + " is listed and not there");
                }
                add(child, path + "/" + name, lines);
                child.reclaim(1);
            }
        }
    }

    static List<Name> names(Node directory) throws IOException {
        var names = new ArrayList<Name>();
        directory.readdir(0, (name, ino, mode, cookie) -> names.add(name));
        return names;
    }

    private static String line(Attr attr, String content) {
        long size = attr.isDirectory() ? 0 : attr.size();
        String time = attr.isSymlink()
                ? ""
                : "%d.%09d".formatted(attr.mtime().seconds(), attr.mtime().nanos());
        return "%o %d %d:%d %d %s %s".formatted(attr.mode(), attr.nlink(), attr.uid(), attr.gid(), size, time, content);
    }

    private static String checksum(Node node, long size) throws IOException {
        var crc = new CRC32();
        var bytes = new byte[100_000];
        for (long at = 0; at < size; ) {
            int count = node.read(MemorySegment.ofArray(bytes), at);
            crc.update(bytes, 0, count);
            at += count;
            if (count == 0) {
                throw new AssertionError("a read at " + at + " of " + size + " bytes has nothing");
            }
        }
        return Long.toHexString(crc.getValue());
    }

    /// The same of a directory of the host.
    static Map<String, String> of(Path root) throws IOException {
        var lines = new TreeMap<String, String>();
        try (var paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                String name = "/" + root.relativize(path);
                lines.put(name, line(path));
            }
        }
        return lines;
    }

    private static String line(Path path) throws IOException {
        Map<String, Object> stat = Files.readAttributes(
                path, "unix:mode,nlink,uid,gid,size,lastModifiedTime,rdev", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) stat.get("mode");
        var time = ((java.nio.file.attribute.FileTime) stat.get("lastModifiedTime")).toInstant();
        Attr attr = Attr.of(mode)
                .withNlink((int) stat.get("nlink"))
                .withOwner((int) stat.get("uid"), (int) stat.get("gid"))
                .withSize((long) stat.get("size"))
                .withTimes(jpuffs.core.Time.of(time));
        String content = "";
        if (attr.isRegular()) {
            var crc = new CRC32();
            crc.update(Files.readAllBytes(path));
            content = "crc " + Long.toHexString(crc.getValue());
        } else if (attr.isSymlink()) {
            content = "-> " + Files.readSymbolicLink(path);
        } else if (Mode.isDevice(mode)) {
            content = "rdev " + Long.toHexString((long) stat.get("rdev"));
        }
        return line(attr, content);
    }
}
