// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// `puffs list`: what puffs has mounted in this mount namespace. It looks at no mounted file system, so a server
/// that hangs does not keep it waiting.
final class ListCommand {
    private static final List<String> HEADING = List.of("SOURCE", "DIR", "TYPE", "PID", "OPTIONS");

    private ListCommand() {}

    /// @param json as a JSON array of objects, else as a table; nothing at all for no mounts
    static void run(boolean json, PrintStream out) throws IOException {
        List<PuffsMount> mounts = PuffsMount.all();
        Servers servers = mounts.isEmpty() ? new Servers() : Servers.find();
        if (json) {
            out.println(json(mounts, servers));
        } else if (!mounts.isEmpty()) {
            out.print(table(mounts, servers));
        }
    }

    /// The mounts in columns under a heading.
    static String table(List<PuffsMount> mounts, Servers servers) {
        var rows = new ArrayList<List<String>>(List.of(HEADING));
        for (PuffsMount mount : mounts) {
            Integer pid = servers.pidOf(mount.info().fuseConnection());
            rows.add(List.of(
                    visible(mount.source()),
                    visible(mount.dir()),
                    visible(mount.type()),
                    pid == null ? "-" : pid.toString(),
                    visible(String.join(",", mount.options()))));
        }
        var table = new StringBuilder();
        for (List<String> row : rows) {
            for (int column = 0; column < row.size() - 1; column++) {
                String cell = row.get(column);
                table.append(cell).repeat(' ', width(rows, column) - cell.length() + 2);
            }
            table.append(row.getLast()).append('\n');
        }
        return table.toString();
    }

    private static int width(List<List<String>> rows, int column) {
        int width = 0;
        for (List<String> row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return width;
    }

    /// The mounts as JSON, one on a line; `pid` is null where the server is not known.
    static String json(List<PuffsMount> mounts, Servers servers) {
        var json = new StringBuilder("[");
        String comma = "\n";
        for (PuffsMount mount : mounts) {
            json.append(comma).append("  {\"source\": ");
            Json.quote(json, mount.source());
            Json.quote(json.append(", \"dir\": "), mount.dir());
            Json.quote(json.append(", \"type\": "), mount.type());
            json.append(", \"pid\": ").append(servers.pidOf(mount.info().fuseConnection()));
            json.append(", \"options\": [");
            String between = "";
            for (String option : mount.options()) {
                Json.quote(json.append(between), option);
                between = ", ";
            }
            json.append("]}");
            comma = ",\n";
        }
        return json.append(mounts.isEmpty() ? "]" : "\n]").toString();
    }

    /// With control characters as mount(8) and proc_pid_mountinfo(5) write them, so that a name is one line and no
    /// command to the terminal.
    private static String visible(String text) {
        var visible = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                visible.append('\\').append((char) ('0' + (c >> 6)));
                visible.append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
            } else {
                visible.append(c);
            }
        }
        return visible.toString();
    }
}
