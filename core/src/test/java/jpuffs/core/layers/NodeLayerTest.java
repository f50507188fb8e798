// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.layers.Trees.assertFails;
import static jpuffs.core.layers.Trees.get;
import static jpuffs.core.layers.Trees.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NodeLayerTest {
    private static class Plain extends NodeLayer {
        Plain(Node below) {
            super(below, Plain::new);
        }
    }

    private static final class Other extends NodeLayer {
        Other(Node below) {
            super(below, Other::new);
        }
    }

    /// Says "loud" instead of anything else.
    private static final class Loud extends NodeLayer {
        Loud(Node below) {
            super(below, Loud::new);
        }

        @Override
        protected Handle layer(Handle open) {
            return new HandleLayer(this, open) {
                @Override
                public int read(MemorySegment dst, long off) {
                    dst.setString(0, "loud");
                    return 4;
                }
            };
        }
    }

    private final MemoryPaths paths = new MemoryPaths();
    private final FileSystem below = PathView.of(paths);
    private final FileSystem fs = NodeLayer.over(below, Plain::new);

    /// An argument for a parameter of that type.
    private static @Nullable Object argument(Class<?> type, Node node) {
        return switch (type.getSimpleName()) {
            case "long" -> 7L;
            case "int" -> 7;
            case "boolean" -> true;
            case "byte[]" -> new byte[1];
            case "Name" -> name("x");
            case "Node" -> node;
            case "Handle" -> new HandleLayer(new Plain(node), new Handle(node, 0));
            case "SetAttr" -> SetAttr.none();
            case "Cred" -> Cred.ROOT;
            case "MemorySegment" -> MemorySegment.NULL;
            case "DirSink" -> (jpuffs.core.DirSink) (name, ino, mode, cookie) -> true;
            default -> null;
        };
    }

    private static @Nullable Object result(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "long" -> 9L;
            case "int" -> 9;
            case "boolean" -> true;
            case "Attr" -> Attr.of(0);
            case "Handle" -> new Handle(() -> Attr.of(0), 0);
            case "Node" -> (Node) () -> Attr.of(0);
            case "List" -> List.of();
            default -> null;
        };
    }

    /// Every operation there is arrives below.
    @Test
    void passesEveryOperationOn() throws ReflectiveOperationException {
        for (Class<?> type : List.of(Node.class, FileSystem.class)) {
            for (Method method : type.getMethods()) {
                if (!Modifier.isStatic(method.getModifiers())) {
                    assertPassedOn(type, method);
                }
            }
        }
    }

    private static void assertPassedOn(Class<?> type, Method method) throws ReflectiveOperationException {
        var called = new ArrayList<String>();
        Object target = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, m, args) -> {
            called.add(m.getName());
            return result(m.getReturnType());
        });
        Object layer = target instanceof Node node ? new Plain(node) : NodeLayer.over((FileSystem) target, Plain::new);
        Node other = new Plain(() -> Attr.of(0));
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(parameter -> argument(parameter, other))
                .toArray();
        Object result = method.invoke(layer, arguments);
        String expected = method.getName().equals("entry") ? "lookup" : method.getName();
        assertThat(called).as(method.toString()).containsExactly(expected);
        if (result instanceof Node) {
            assertThat(result).as(method.toString()).isInstanceOf(Plain.class);
        }
        if (result instanceof Handle handle) {
            assertThat(handle.node()).as(method.toString()).isInstanceOf(Plain.class);
        }
    }

    @Test
    void openFilesPassEveryOperationOn() {
        Set<String> own = Set.copyOf(Arrays.stream(HandleLayer.class.getDeclaredMethods())
                .map(Method::getName)
                .toList());
        assertThat(Arrays.stream(Handle.class.getDeclaredMethods())
                        .filter(m -> Modifier.isPublic(m.getModifiers()) && !Modifier.isFinal(m.getModifiers()))
                        .map(Method::getName))
                .isNotEmpty()
                .allSatisfy(method -> assertThat(own).contains(method));
    }

    @Test
    void openFilesUseTheOpenFilesBelow() throws IOException {
        paths.put("f", "text");
        Handle handle = get(fs.root(), "f").open(2);
        assertThat(handle.flags()).isEqualTo(2);
        assertThat(handle.getattr().size()).isEqualTo(4);
        assertThat(handle.caching()).isEqualTo(Handle.NOFLUSH);
        assertThat(handle.backingFd()).isEqualTo(-1);
        handle.setattr(SetAttr.none().withMode(0600));
        handle.write(MemorySegment.ofArray(new byte[] {'!'}), 4);
        assertThat(Trees.read(handle.node())).isEqualTo("text!");
        handle.fsync(true);
        handle.flush();
        handle.release();
        assertFails(Errno.EXDEV, () -> handle.copyFileRange(0, new Handle(fs.root(), 0), 0, 1));
    }

    @Test
    void layersOverOneNodeAreEqual() throws IOException {
        paths.put("f", "text");
        Node f = get(fs.root(), "f");
        assertThat(f).isEqualTo(get(fs.root(), "f")).hasSameHashCodeAs(get(fs.root(), "f"));
        assertThat(f).isNotEqualTo(fs.root()).isNotEqualTo(new Other(get(below.root(), "f")));
        assertThat(f)
                .isInstanceOfSatisfying(
                        Plain.class, plain -> assertThat(plain.below()).isInstanceOf(PathNode.class));
        assertThat(fs.root().lookup(name("none"))).isNull();
        assertThat(fs.root().entry(name("none"))).isNull();
        assertThat(fs.byIno(77)).isNull();
    }

    @Test
    void nodesOfOtherLayersAreOnOtherFileSystems() throws IOException {
        Node stranger = new Other(below.root());
        Node root = fs.root();
        Name x = name("x");
        assertFails(Errno.EXDEV, () -> root.link(stranger, x));
        assertFails(Errno.EXDEV, () -> root.rename(x, below.root(), x, 0));
        assertFails(Errno.EXDEV, () -> root.copyFileRange(0, stranger, 0, 1));
    }

    @Test
    void aSubclassChangesWhatIsRead() throws IOException {
        paths.put("f", "quiet");
        Node f = get(NodeLayer.over(below, Loud::new).root(), "f");
        var bytes = new byte[5];
        assertThat(f.open(0).read(MemorySegment.ofArray(bytes), 0)).isEqualTo(4);
        assertThat(bytes).startsWith('l', 'o', 'u', 'd');
    }
}
