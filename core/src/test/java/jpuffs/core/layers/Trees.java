// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Shorthands for tests on trees.
final class Trees {
    private Trees() {}

    static Name name(String text) {
        return Name.of(text);
    }

    static Node get(Node directory, String path) throws IOException {
        Node node = directory;
        for (String name : path.split("/", -1)) {
            node = Objects.requireNonNull(node.lookup(name(name)), path);
        }
        return node;
    }

    static List<String> list(Node directory) throws IOException {
        var names = new ArrayList<String>();
        directory.readdir(0, (name, ino, mode, cookie) -> names.add(name.toString()));
        names.sort(null);
        return names;
    }

    static String read(Node file) throws IOException {
        var bytes = new byte[100];
        int count = file.read(MemorySegment.ofArray(bytes), 0);
        return new String(bytes, 0, count, StandardCharsets.UTF_8);
    }

    static void assertFails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
