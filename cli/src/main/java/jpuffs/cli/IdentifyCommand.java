// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.PartitionEntry;
import jpuffs.rump.disk.Partitions;
import jpuffs.rump.image.ImageDisk;
import jpuffs.rump.image.ImageInfo;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.RumpFsTypes;
import org.jspecify.annotations.Nullable;

/// `puffs identify`: what is on a disk, as it says itself: the container it is in, a file system, or partitions and
/// what is on each.
final class IdentifyCommand {
    /// A disk or a part of it.
    ///
    /// @param container null for a disk that is in none, and for a part of one
    /// @param table the kind of table that the partition is in, or empty
    /// @param partition null for the whole
    /// @param identity null for no known file system
    private record Found(
            String source,
            @Nullable ImageInfo container,
            String table,
            @Nullable PartitionEntry partition,
            @Nullable FsIdentity identity) {}

    private IdentifyCommand() {}

    /// Prints what is on an image.
    ///
    /// @return 0 if a file system was found, else 2, as blkid(8) has it
    static int run(String image, boolean json, PrintStream out) throws Failure {
        DiskName name = DiskName.parse(image);
        try (BlockDevice whole = HostImages.whole(name, true)) {
            List<Found> all = look(name, whole);
            if (json) {
                out.println(json(all));
            } else {
                all.forEach(found -> out.println(text(found)));
            }
            return all.stream().anyMatch(found -> found.identity != null) ? ExitCode.OK : ExitCode.SYSTEM;
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "cannot read " + image + ": " + Reason.of(e));
        }
    }

    private static List<Found> look(DiskName name, BlockDevice whole) throws IOException {
        var all = new ArrayList<Found>();
        ImageInfo container = whole instanceof ImageDisk disk ? disk.info() : null;
        FsIdentity identity = RumpFsTypes.identify(name.in(whole));
        Partitions table =
                identity == null && name.partition().isEmpty() ? Partitions.read(whole) : new Partitions("", List.of());
        if (table.entries().isEmpty() || container != null) {
            all.add(new Found(name.toString(), container, "", null, identity));
        }
        for (PartitionEntry entry : table.entries()) {
            String part = name.withPartition(entry.id()).toString();
            all.add(new Found(part, null, table.scheme(), entry, RumpFsTypes.identify(entry.of(whole))));
        }
        return all;
    }

    private static String text(Found found) {
        var line = new StringBuilder(found.source).append(':');
        ImageInfo container = found.container;
        if (container != null) {
            text(line, container);
        }
        FsIdentity is = found.identity;
        if (is == null && container == null) {
            line.append(" no known file system");
        } else if (is != null) {
            line.append(' ').append(is.version());
            add(line, "type", is.type());
            add(line, "label", is.label());
            add(line, "uuid", is.uuid());
            add(line, "size", String.valueOf(is.bytes()));
            add(line, "blocks", String.valueOf(is.blockSize()));
            add(line, "state", is.state());
            add(line, "features", String.join(",", is.features()));
        }
        PartitionEntry part = found.partition;
        if (part != null) {
            add(line, "partition-table", found.table);
            add(line, "partition-type", part.type());
            add(line, "partition-name", part.name());
            add(line, "partition-size", String.valueOf(part.size()));
        }
        return line.toString();
    }

    private static void text(StringBuilder line, ImageInfo is) {
        add(line, "container", is.format());
        add(line, "container-version", is.version());
        add(line, "container-size", String.valueOf(is.size()));
        add(line, "container-unit", is.unit() == 0 ? "" : String.valueOf(is.unit()));
        add(line, "container-state", is.state());
        add(line, "container-features", String.join(",", is.features()));
        add(line, "backing", is.backing());
        add(line, "snapshots", String.join(",", is.snapshots()));
    }

    private static void add(StringBuilder line, String key, String value) {
        if (!value.isEmpty()) {
            boolean quoted = value.chars().anyMatch(c -> c <= ' ' || c == '"');
            line.append(' ').append(key).append('=');
            if (quoted) {
                Json.quote(line, value);
            } else {
                line.append(value);
            }
        }
    }

    private static String json(List<Found> all) {
        var json = new StringBuilder("[");
        String comma = "\n  {";
        for (Found found : all) {
            Json.member(json.append(comma), "source", found.source);
            if (found.container != null) {
                members(json, found.container);
            }
            FsIdentity is = found.identity;
            if (is != null) {
                members(json, is);
            }
            PartitionEntry part = found.partition;
            if (part != null) {
                Json.member(json.append(", "), "partitionTable", found.table);
                Json.member(json.append(", "), "partitionType", part.type());
                Json.member(json.append(", "), "partitionName", part.name());
                json.append(", \"partitionStart\": ").append(part.start());
                json.append(", \"partitionSize\": ").append(part.size());
            }
            json.append('}');
            comma = ",\n  {";
        }
        return json.append("\n]").toString();
    }

    private static void members(StringBuilder json, FsIdentity is) {
        Json.member(json.append(", "), "type", is.type());
        Json.member(json.append(", "), "version", is.version());
        Json.member(json.append(", "), "label", is.label());
        Json.member(json.append(", "), "uuid", is.uuid());
        json.append(", \"size\": ").append(is.bytes());
        json.append(", \"blockSize\": ").append(is.blockSize());
        Json.member(json.append(", "), "state", is.state());
        list(json, "features", is.features());
    }

    private static void members(StringBuilder json, ImageInfo is) {
        Json.member(json.append(", \"container\": {"), "format", is.format());
        Json.member(json.append(", "), "version", is.version());
        json.append(", \"size\": ").append(is.size());
        json.append(", \"unit\": ").append(is.unit());
        Json.member(json.append(", "), "state", is.state());
        Json.member(json.append(", "), "backing", is.backing());
        list(json, "features", is.features());
        list(json, "snapshots", is.snapshots());
        json.append('}');
    }

    private static void list(StringBuilder json, String name, List<String> values) {
        Json.quote(json.append(", "), name);
        json.append(": [");
        String comma = "";
        for (String value : values) {
            Json.quote(json.append(comma), value);
            comma = ", ";
        }
        json.append(']');
    }
}
