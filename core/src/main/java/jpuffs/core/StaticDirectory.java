// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A directory whose entries never change. A cookie is the position of an entry among the sorted names, from 1.
final class StaticDirectory implements Node {
    /// @param ino 0 if the node chooses its own
    /// @param type the type bits of its mode, 0 if not known
    record Child(Name name, Node node, long ino, int type) {}

    private final Attr attr;
    private final Name[] names;
    private final Child[] children;

    /// @param children sorted by name
    StaticDirectory(Attr attr, Child[] children) {
        this.attr = attr;
        this.children = children;
        this.names = Arrays.stream(children).map(Child::name).toArray(Name[]::new);
    }

    @Override
    public Attr getattr() {
        return attr;
    }

    @Override
    public @Nullable Node lookup(Name name) {
        int at = Arrays.binarySearch(names, name);
        return at < 0 ? null : children[at].node;
    }

    @Override
    public void readdir(long cookie, DirSink sink) {
        for (long at = cookie; at < children.length; at++) {
            Child child = children[(int) at];
            if (!sink.add(child.name, child.ino, child.type, at + 1)) {
                return;
            }
        }
    }

    @Override
    public Handle open(int flags) {
        return new Handle(this, flags) {
            @Override
            public int caching() {
                return KEEP_CACHE | CACHE_DIR | NOFLUSH;
            }
        };
    }
}
