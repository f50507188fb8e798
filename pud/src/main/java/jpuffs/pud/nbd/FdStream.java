// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.sys.Fd;

/// A socket as it is.
record FdStream(Fd fd) implements Stream {
    @Override
    public long read(MemorySegment dst) {
        return fd.tryRead(dst);
    }

    @Override
    public long read(List<MemorySegment> dst) {
        return fd.tryReadv(dst);
    }

    @Override
    public boolean isDirect() {
        return true;
    }

    @Override
    public long write(List<MemorySegment> src) {
        return src.size() == 1 ? fd.tryWrite(src.getFirst()) : fd.tryWritev(src);
    }

    @Override
    public long flush() {
        return 0;
    }
}
