// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All types of file server. A new one is a class and a line here.
///
/// A list in place of a ServiceLoader: a mount loads the one class it needs (docs/notes/008-cli.md).
final class Types {
    private static final List<String> NAMES = List.of("dtfs", "null", "psshfs");

    private Types() {}

    /// The type that goes by `name`, its own or an alias; null if there is none.
    static @Nullable FileServerType find(String name) {
        return switch (name) {
            case "dtfs" -> new DtfsType();
            case "null", "nullfs" -> new NullType();
            case "psshfs", "sshfs" -> new PsshfsType();
            default -> null;
        };
    }

    /// As [#find].
    ///
    /// @throws Failure if there is none: it lists the types
    static FileServerType get(String name) throws Failure {
        FileServerType type = find(name);
        if (type == null) {
            throw Failure.usage("unknown type " + name + Similar.hint(name, NAMES) + "; there are: " + names());
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
        return types;
    }

    /// Their names in one line.
    static String names() {
        return String.join(", ", NAMES);
    }
}
