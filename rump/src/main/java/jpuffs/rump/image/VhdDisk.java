// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;

/// A disk in a VHD file, fixed or dynamic (Microsoft: Virtual Hard Disk Image Format Specification 1.0).
/// Big-endian.
///
/// Of a dynamic one, the footer at the end has a copy at the beginning. A block takes the place of the footer, and
/// a new footer is there before. Bitmaps of sectors are set whole, and not looked at, as zeros are where they are
/// not set.
final class VhdDisk extends BlocksDisk {
    private static final int SECTOR = 512;
    private static final int FIXED = 2;
    private static final int DYNAMIC = 3;
    private static final int DIFFERENCING = 4;
    private static final int NONE = -1;
    private static final long SPARSE_COOKIE = 0x6378737061727365L; // "cxsparse"
    private static final int CHECKSUM_AT = 64;
    private static final int SPARSE_CHECKSUM_AT = 36;
    private static final int MAX_TABLE = 64 << 20;

    private final byte[] footer;
    private final long size;
    private final int blockBytes;
    private final long tableOffset;
    private final int[] table; // sectors, empty: fixed
    private final Set<Long> full = ConcurrentHashMap.newKeySet(); // blocks whose bitmap is set

    VhdDisk(ImageFile file) throws IOException {
        super(file);
        this.footer = footer(file);
        ByteBuffer foot = Tables.be(footer);
        this.size = foot.getLong(48) & -SECTOR;
        int type = foot.getInt(60);
        if (type == DIFFERENCING) {
            throw EOPNOTSUPP.error("%s is a differencing VHD, which stands on another", file.path());
        }
        if (type != FIXED && type != DYNAMIC || size < 0) {
            throw bad("type " + type + ", " + size + " bytes");
        }
        if (type == FIXED) {
            this.blockBytes = 0;
            this.tableOffset = 0;
            this.table = new int[0];
            if (size > file.length() - SECTOR) {
                throw bad("it ends before its " + size + " bytes do");
            }
            return;
        }
        byte[] bytes = Tables.read(file, foot.getLong(16), 1024, "the dynamic header");
        ByteBuffer head = Tables.be(bytes);
        if (head.getLong(0) != SPARSE_COOKIE || !isSumRight(bytes, SPARSE_CHECKSUM_AT)) {
            throw bad("no dynamic header");
        }
        this.tableOffset = head.getLong(16);
        this.blockBytes = head.getInt(32);
        int entries = head.getInt(28);
        if (blockBytes < SECTOR || Integer.bitCount(blockBytes) != 1) {
            throw bad("blocks of " + blockBytes + " bytes");
        }
        if (entries < 0 || entries > MAX_TABLE / 4 || entries < size / blockBytes + (size % blockBytes == 0 ? 0 : 1)) {
            throw bad("a table of " + entries + " entries for " + size + " bytes");
        }
        this.table = new int[entries];
        Tables.be(Tables.read(file, tableOffset, entries * 4, "the block table"))
                .asIntBuffer()
                .get(table);
    }

    private ErrnoException bad(String what) {
        return EUCLEAN.error("%s: not a sound VHD image: %s", file().path(), what);
    }

    /// The one at the end, or where that is damaged the copy at the beginning.
    private static byte[] footer(ImageFile file) throws IOException {
        for (long at : new long[] {Math.max(0, file.length() - SECTOR), 0}) {
            byte[] bytes = Tables.readSome(file, at, SECTOR);
            if (Tables.be(bytes).getLong(0) == 0x636f6e6563746978L && isSumRight(bytes, CHECKSUM_AT)) {
                return bytes;
            }
        }
        throw EUCLEAN.error("%s: not a sound VHD image: no footer with a right checksum", file.path());
    }

    /// The complement of the sum of all bytes but its own.
    private static boolean isSumRight(byte[] bytes, int at) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += i >= at && i < at + 4 ? 0 : bytes[i] & 0xff;
        }
        return ~sum == Tables.be(bytes).getInt(at);
    }

    private boolean isFixed() {
        return blockBytes == 0;
    }

    @Override
    public ImageInfo info() {
        String version = isFixed() ? "fixed" : "dynamic";
        return new ImageInfo("vhd", version, size, blockBytes, "", "", List.of(), List.of());
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    long blockBytes() {
        return isFixed() ? Math.max(size, 1) : blockBytes;
    }

    private int bitmapBytes() {
        return (blockBytes / SECTOR / 8 + SECTOR - 1) & -SECTOR;
    }

    @Override
    Run map(long off) throws IOException {
        if (isFixed()) {
            return new Run(Run.Kind.DATA, off, size - off);
        }
        int block = (int) (off / blockBytes);
        long within = off % blockBytes;
        long left = blockBytes - within;
        if (block >= table.length || table[block] == NONE) {
            return new Run(Run.Kind.ZERO, 0, left);
        }
        return new Run(Run.Kind.DATA, bitmapOffset(block) + bitmapBytes() + within, left);
    }

    private long bitmapOffset(long block) throws ErrnoException {
        long off = (table[(int) block] & 0xffffffffL) * SECTOR;
        long tableEnd = tableOffset + table.length * 4L;
        boolean inTable = off < tableEnd && off + bitmapBytes() + blockBytes > tableOffset;
        if (off < 3 * SECTOR || inTable) {
            throw bad("block " + block + " at " + off);
        }
        return off;
    }

    @Override
    void begin() {
        // the format has nothing to say it by
    }

    @Override
    void touch(long block) throws IOException {
        if (isFixed() || full.contains(block)) {
            return;
        }
        byte[] set = set();
        if (!Arrays.equals(Tables.readSome(file(), bitmapOffset(block), set.length), set)) {
            file().write(MemorySegment.ofArray(set), bitmapOffset(block));
        }
        full.add(block);
    }

    private byte[] set() {
        byte[] bitmap = new byte[bitmapBytes()];
        Arrays.fill(bitmap, (byte) 0xff);
        return bitmap;
    }

    @Override
    void add(long block) throws IOException {
        long last = Math.max(0, file().length() - SECTOR);
        boolean isFooter = Tables.be(Tables.readSome(file(), last, SECTOR)).getLong(0)
                == Tables.be(footer).getLong(0);
        long free = isFooter ? last : file().length();
        long at = Math.max(free, tableOffset + table.length * 4L) + SECTOR - 1 & -SECTOR;
        long end = at + bitmapBytes() + blockBytes;
        if (end / SECTOR >= 0xffffffffL) {
            throw EFBIG.error("%s: a VHD file ends at 2 TiB", file().path());
        }
        file().write(MemorySegment.ofArray(footer), end);
        file().write(MemorySegment.ofArray(set()), at);
        file().write(MemorySegment.ofArray(new byte[SECTOR]), at + bitmapBytes());
        table[(int) block] = (int) (at / SECTOR);
        full.add(block);
    }

    @Override
    void writeTable(SortedSet<Long> blocks) throws IOException {
        for (long block : blocks) {
            byte[] entry = new byte[4];
            Tables.be(entry).putInt(0, table[(int) block]);
            file().write(MemorySegment.ofArray(entry), tableOffset + block * 4);
        }
    }
}
