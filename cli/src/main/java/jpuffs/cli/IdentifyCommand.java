// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.PartitionEntry;
import jpuffs.rump.disk.Partitions;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.RumpFsTypes;
import org.jspecify.annotations.Nullable;

/// `puffs identify`: what is on a disk, as it says itself: a file system, or partitions and what is on each.
final class IdentifyCommand {
    /// A disk or a part of it.
    ///
    /// @param partition null for the whole
    /// @param identity null for no known file system
    private record Found(
            String source,
            @Nullable PartitionEntry partition,
            @Nullable FsIdentity identity) {}

    private IdentifyCommand() {}

    /// Prints what is on an image.
    ///
    /// @return 0 if a file system was found, else 2, as blkid(8) has it
    static int run(String image, boolean json, PrintStream out) throws Failure {
        DiskName name = DiskName.parse(image);
        try (FileDisk whole = FileDisk.open(name.image(), true)) {
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
        FsIdentity identity = RumpFsTypes.identify(name.in(whole));
        List<PartitionEntry> entries = identity == null && name.partition().isEmpty()
                ? Partitions.read(whole).entries()
                : List.of();
        if (entries.isEmpty()) {
            all.add(new Found(name.toString(), null, identity));
        }
        for (PartitionEntry entry : entries) {
            var part = new DiskName(name.image(), entry.id());
            all.add(new Found(part.toString(), entry, RumpFsTypes.identify(entry.of(whole))));
        }
        return all;
    }

    private static String text(Found found) {
        var line = new StringBuilder(found.source).append(':');
        FsIdentity is = found.identity;
        if (is == null) {
            line.append(" no known file system");
        } else {
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
            add(line, "partition-type", part.type());
            add(line, "partition-name", part.name());
            add(line, "partition-size", String.valueOf(part.size()));
        }
        return line.toString();
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
            FsIdentity is = found.identity;
            if (is != null) {
                members(json, is);
            }
            PartitionEntry part = found.partition;
            if (part != null) {
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
        json.append(", \"features\": [");
        String comma = "";
        for (String feature : is.features()) {
            Json.quote(json.append(comma), feature);
            comma = ", ";
        }
        json.append(']');
    }
}
