// SPDX-License-Identifier: BSD-2-Clause
import module jpuffs.puffs;

/// hello: one read-only file. Run with: ./puffs run Hello.java MOUNTPOINT
void main(String[] args) throws Exception {
    byte[] text = "Hello, world!\n".getBytes();
    var hello = new Node() {
        @Override public Attr getattr() { return Attr.file(0444, text.length); }
        @Override public int read(MemorySegment dst, long off) { return Bytes.copyOut(text, off, dst); }
    };
    try (var server = FileServer.mount(Path.of(args[0]), Tree.of("hello.txt", hello))) {
        server.await(); // until unmounted
    }
}
