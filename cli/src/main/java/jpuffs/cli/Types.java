// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import jpuffs.rumpfs.RumpFsTypes;
import org.jspecify.annotations.Nullable;

/// All types of file server: those listed here, and the file systems of the rump kernel. A new server is a class
/// and a line here.
///
/// A list in place of a ServiceLoader: a mount loads the one class it needs (docs/notes/008-cli.md). Rump file
/// systems are asked for only where a name is not in the list.
final class Types {
    private static final List<String> NAMES = List.of("dtfs", "nio", "null", "psshfs");

    private Types() {}

    /// The type that goes by `name`, its own or an alias; null if there is none.
    static @Nullable FileServerType find(String name) {
        return switch (name) {
            case "dtfs" -> new DtfsType();
            case "nio", "niofs" -> new NioType();
            case "null", "nullfs" -> new NullType();
            case "psshfs", "sshfs" -> new PsshfsType();
            default -> RumpType.find(name);
        };
    }

    /// As [#find].
    ///
    /// @throws Failure if there is none: it lists the types
    static FileServerType get(String name) throws Failure {
        FileServerType type = find(name);
        if (type == null) {
            List<String> known = all().stream().map(FileServerType::name).toList();
            throw Failure.usage("unknown type " + name + Similar.hint(name, known) + "; there are: " + names());
        }
        return type;
    }

    /// All of them, by name.
    static List<FileServerType> all() {
        var types = new ArrayList<FileServerType>();
        for (String name : NAMES) {
            FileServerType type = find(name);
            if (type != null) {
                types.add(type);
            }
        }
        RumpFsTypes.all().forEach(type -> types.add(new RumpType(type)));
        return types;
    }

    /// Their names in one line.
    static String names() {
        return all().stream().map(FileServerType::name).collect(joining(", "));
    }
}
