// SPDX-License-Identifier: BSD-2-Clause
import module jpuffs.pud;

/// A device that takes everything and has nothing. Run with: ./puffs run NullDevice.java PATH
void main(String[] args) throws Exception {
    var nul = new CharDevice() {
        @Override public int read(MemorySegment dst, long off, int flags) { return 0; } // the end
        @Override public int write(MemorySegment src, long off, int flags) { return (int) src.byteSize(); }
    };
    try (var server = DeviceServer.serve(Path.of(args[0]), nul)) {
        server.await(); // until unmounted
    }
}
