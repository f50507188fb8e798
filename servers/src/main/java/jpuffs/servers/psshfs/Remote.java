// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is mounted: `[user@]host[:path]`.
///
/// @param user null for the one that ssh chooses
/// @param host a name, an address, or a name in the configuration of ssh; an IPv6 address without its brackets
/// @param path on the server; empty for the home directory
public record Remote(@Nullable String user, String host, String path) {
    private static final Pattern FORM =
            Pattern.compile("(?:([^:\\[]+)@)?(?:\\[([^\\]]*)\\]|([^:\\[]*))(?::(.*))?", Pattern.DOTALL);

    /// Reads the form of the command line; an IPv6 address stands in brackets.
    ///
    /// @throws IllegalArgumentException with what is wrong, for text that is none, or a user or host that a
    ///     program could take for something else
    public static Remote parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("not [user@]host[:path]: " + text);
        }
        String host = m.group(2) == null ? m.group(3) : m.group(2);
        String path = m.group(4) == null ? "" : m.group(4);
        return new Remote(m.group(1), host, path);
    }

    public Remote {
        if (user != null) {
            check("user", user);
        }
        check("host", host);
        if (path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a path has no NUL");
        }
    }

    private static void check(String what, String value) {
        boolean odd =
                value.chars().anyMatch(c -> c <= ' ' || c == 0x7f || (c == '/' || c == '@') && what.equals("host"));
        if (value.isEmpty() || value.startsWith("-") || odd) {
            throw new IllegalArgumentException("not a " + what + ": '" + value + "'");
        }
    }

    /// As `mount` shows it.
    @Override
    public String toString() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return (user == null ? "" : user + "@") + name + ":" + path;
    }
}
