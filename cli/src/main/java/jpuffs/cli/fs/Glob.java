// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// Patterns of glob(7): `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before a character that stands for itself.
/// What a `*` or `?` matches does not begin with a dot.
final class Glob {
    private final String pattern;

    Glob(String pattern) {
        this.pattern = pattern;
    }

    private static boolean isPattern(String text) {
        return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
    }

    /// The files that a path on an image stands for, by name; itself if it is no pattern, or nothing matches. On
    /// the host the shell has done that.
    static List<Place> expand(Place place) {
        String text = new String(place.path(), UTF_8);
        if (place.prefix().isEmpty() || !isPattern(text)) {
            return List.of(place);
        }
        List<Place> found = List.of(place.with(new byte[] {'/'}));
        for (String component : text.split("/", -1)) {
            if (!component.isEmpty()) {
                found = step(found, component);
            }
        }
        return found.isEmpty() ? List.of(place.with(plain(text).getBytes(UTF_8))) : found;
    }

    private static List<Place> step(List<Place> directories, String component) {
        var found = new ArrayList<Place>();
        var glob = new Glob(component);
        for (Place directory : directories) {
            if (!isPattern(component)) {
                Place child = directory.child(Name.of(plain(component)));
                found.addAll(exists(child) ? List.of(child) : List.of());
                continue;
            }
            for (Place child : entries(directory)) {
                String name = child.base().toString();
                if (glob.matches(name) && (!name.startsWith(".") || component.startsWith("."))) {
                    found.add(child);
                }
            }
        }
        return found;
    }

    private static boolean exists(Place place) {
        try {
            place.lstat();
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static List<Place> entries(Place directory) {
        try {
            return directory.list();
        } catch (ErrnoException e) {
            return List.of(); // as a shell does
        }
    }

    private static String plain(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }

    /// Whether all of `name` matches. Takes at most the product of both lengths.
    boolean matches(String name) {
        int[] text = name.codePoints().toArray();
        int at = 0;
        int p = 0;
        int star = -1; // the last * met, and where its text ends now
        int mark = 0;
        while (at < text.length) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = at;
            } else if (p < pattern.length() && matchesOne(p, text[at])) {
                p = next(p);
                at++;
            } else if (star >= 0) {
                p = star + 1;
                at = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /// Behind the element at `p`.
    private int next(int p) {
        return switch (pattern.charAt(p)) {
            case '[' -> setEnd(p) < 0 ? p + 1 : setEnd(p) + 1;
            case '\\' -> p + 1 < pattern.length() ? p + 1 + Character.charCount(pattern.codePointAt(p + 1)) : p + 1;
            default -> p + Character.charCount(pattern.codePointAt(p));
        };
    }

    /// Where the set ends that begins at `p`, or -1 if it does not end: then the bracket stands for itself.
    private int setEnd(int p) {
        boolean not = p + 1 < pattern.length() && "!^".indexOf(pattern.charAt(p + 1)) >= 0;
        return pattern.indexOf(']', p + (not ? 3 : 2)); // a ] that comes first is one of the set
    }

    private boolean matchesOne(int p, int c) {
        char first = pattern.charAt(p);
        if (first == '[' && setEnd(p) > 0) {
            return inSet(pattern.substring(p + 1, setEnd(p)), c);
        }
        if (first == '\\' && p + 1 < pattern.length()) {
            return pattern.codePointAt(p + 1) == c;
        }
        return first == '?' || pattern.codePointAt(p) == c;
    }

    private static boolean inSet(String set, int c) {
        boolean not = set.startsWith("!") || set.startsWith("^");
        int[] all = set.substring(not ? 1 : 0).codePoints().toArray();
        boolean in = false;
        for (int i = 0; i < all.length; i++) {
            boolean range = i + 2 < all.length && all[i + 1] == '-';
            in |= range ? c >= all[i] && c <= all[i + 2] : c == all[i];
            i += range ? 2 : 0;
        }
        return in != not;
    }
}
