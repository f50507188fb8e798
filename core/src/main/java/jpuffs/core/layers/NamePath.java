// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// Where a file is: the names on the way from the root to it. Immutable.
public final class NamePath {
    public static final NamePath ROOT = new NamePath(null, null);

    private final @Nullable NamePath parent;
    private final @Nullable Name name;

    private NamePath(@Nullable NamePath parent, @Nullable Name name) {
        this.parent = parent;
        this.name = name;
    }

    /// The path of names with slashes between them; the root if empty. Slashes at the ends do not matter.
    public static NamePath of(String path) {
        NamePath at = ROOT;
        for (String part : path.split("/", -1)) {
            at = part.isEmpty() ? at : at.child(Name.of(part));
        }
        return at;
    }

    public NamePath child(Name child) {
        return new NamePath(this, child);
    }

    public boolean isRoot() {
        return parent == null;
    }

    /// The directory it is in; the root is in itself.
    public NamePath parent() {
        return parent == null ? this : parent;
    }

    /// The last name; `.` for the root.
    public Name name() {
        return name == null ? Name.DOT : name;
    }

    /// All names from the root on; none for the root.
    public List<Name> names() {
        var names = new ArrayList<Name>();
        for (NamePath at = this; at.parent != null; at = at.parent) {
            names.addFirst(at.name());
        }
        return names;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NamePath path && names().equals(path.names());
    }

    @Override
    public int hashCode() {
        return Objects.hash(names());
    }

    /// As `/usr/lib`; what is not UTF-8 becomes the replacement character.
    @Override
    public String toString() {
        return names().stream().map(Name::toString).collect(Collectors.joining("/", "/", ""));
    }
}
