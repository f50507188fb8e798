// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Acl;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;

/// Access control lists as the disk has them, shorter than as attributes: version u32 = 1, then for each entry tag
/// u16 and permissions u16, and only for a named user or group the id u32 (kernel: `fs/ext4/acl.h`).
final class DiskAcl {
    private static final int VERSION = 1;
    private static final int HEADER = 4;
    private static final int SHORT = 4;
    private static final int LONG = 8;

    private DiskAcl() {}

    private static boolean isLong(int tag) {
        return tag == Acl.USER || tag == Acl.GROUP;
    }

    /// @throws IOException EINVAL
    static byte[] ofXattr(byte[] value) throws IOException {
        List<Acl.Entry> entries = Acl.parse(value).entries();
        int size = HEADER;
        for (Acl.Entry entry : entries) {
            size += isLong(entry.tag()) ? LONG : SHORT;
        }
        MemorySegment out = MemorySegment.ofArray(new byte[size]);
        Le.put32(out, 0, VERSION);
        int at = HEADER;
        for (Acl.Entry entry : entries) {
            Le.put16(out, at, entry.tag());
            Le.put16(out, at + 2, entry.permissions());
            if (isLong(entry.tag())) {
                Le.put32(out, at + 4, entry.id());
            }
            at += isLong(entry.tag()) ? LONG : SHORT;
        }
        return Le.bytes(out, 0, size);
    }

    /// @throws IOException EUCLEAN
    static byte[] toXattr(byte[] stored) throws IOException {
        MemorySegment in = MemorySegment.ofArray(stored);
        if (stored.length < HEADER || Le.i32(in, 0) != VERSION) {
            throw EUCLEAN.error("an access control list is damaged");
        }
        var entries = new ArrayList<Acl.Entry>();
        for (int at = HEADER; at < stored.length; ) {
            int tag = at + SHORT <= stored.length ? Le.u16(in, at) : 0;
            int size = isLong(tag) ? LONG : SHORT;
            if (at + size > stored.length) {
                throw EUCLEAN.error("an access control list is damaged");
            }
            entries.add(new Acl.Entry(tag, Le.u16(in, at + 2), isLong(tag) ? Le.i32(in, at + 4) : -1));
            at += size;
        }
        return encode(entries);
    }

    private static byte[] encode(List<Acl.Entry> entries) throws ErrnoException {
        try {
            return Acl.of(entries.toArray(new Acl.Entry[0])).toBytes();
        } catch (ErrnoException e) {
            throw EUCLEAN.error("an access control list is damaged: %s", e.getMessage());
        }
    }
}
