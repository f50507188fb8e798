// SPDX-License-Identifier: BSD-2-Clause
import module jpuffs.servers;

/// rot13: a directory whose names and contents are rotated by 13 letters. Run with: ./puffs run Rot13.java
/// SOURCE MOUNTPOINT
void main(String[] args) throws Exception {
    try (var source = NullFs.open(Path.of(args[0]), new NullFs.Options(false))) {
        var rotated = NameMod.over(NodeLayer.over(source, RotatedFile::new), new RotatedNames());
        try (var server = FileServer.mount(Path.of(args[1]), rotated)) {
            server.await(); // until unmounted
        }
    }
}

static int rot13(int c) {
    int letter = c | 0x20;
    if (letter >= 'a' && letter <= 'm') return c + 13;
    return letter >= 'n' && letter <= 'z' ? c - 13 : c;
}

/// Names: the same way there and back.
static final class RotatedNames implements NameMod {
    @Override public Name below(Name name) { return rotated(name); }
    @Override public Name above(Name name) { return rotated(name); }

    private static Name rotated(Name name) {
        byte[] bytes = name.toBytes();
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) rot13(bytes[i]);
        return Name.of(bytes);
    }
}

/// Contents: a layer over each file, and over each open file, that rotates what goes through.
static final class RotatedFile extends NodeLayer {
    RotatedFile(Node below) { super(below, RotatedFile::new); }

    @Override public int read(MemorySegment dst, long off) throws IOException {
        int count = super.read(dst, off);
        rotate(dst, dst, count);
        return count;
    }

    @Override public int write(MemorySegment src, long off) throws IOException {
        try (var arena = Arena.ofConfined()) {
            return super.write(rotatedCopy(src, arena), off);
        }
    }

    @Override protected Handle layer(Handle open) {
        return new HandleLayer(this, open) {
            @Override public int read(MemorySegment dst, long off) throws IOException {
                int count = super.read(dst, off);
                rotate(dst, dst, count);
                return count;
            }

            @Override public int write(MemorySegment src, long off) throws IOException {
                try (var arena = Arena.ofConfined()) {
                    return super.write(rotatedCopy(src, arena), off);
                }
            }
        };
    }

    /// A buffer is lent to us: what is to be written may not be changed in place.
    private static MemorySegment rotatedCopy(MemorySegment src, Arena arena) {
        var copy = arena.allocate(src.byteSize());
        rotate(src, copy, src.byteSize());
        return copy;
    }

    private static void rotate(MemorySegment from, MemorySegment to, long count) {
        for (long i = 0; i < count; i++) {
            to.set(ValueLayout.JAVA_BYTE, i, (byte) rot13(from.get(ValueLayout.JAVA_BYTE, i)));
        }
    }
}
