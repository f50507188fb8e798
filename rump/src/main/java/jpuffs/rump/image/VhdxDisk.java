// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedSet;
import jpuffs.rump.disk.ImageFile;

/// A disk in a VHDX file, fixed or dynamic ([MS-VHDX]).
///
/// What we write to the table is one entry of eight bytes at a time, which no crash can tear, when what it leads to
/// is there: so we need no log, and leave it empty.
final class VhdxDisk extends BlocksDisk {
    private static final int PIECE = 64 << 10;
    private static final int MIB = 1 << 20;
    private static final int FULLY_PRESENT = 6;
    private static final int PARTIALLY_PRESENT = 7;
    private static final long HEAD = MIB;

    private final Vhdx head;
    private final TableCache bat;

    VhdxDisk(ImageFile plain) throws IOException {
        this(Vhdx.read(plain));
    }

    private VhdxDisk(Vhdx head) {
        super(head.file());
        this.head = head;
        this.bat = new TableCache(head.file(), PIECE, "the block table");
    }

    @Override
    public ImageInfo info() {
        String version = head.fixed() ? "fixed" : "dynamic";
        String state = head.wasDirty() ? "dirty" : "clean";
        List<String> features = List.of("sector=" + head.sectorBytes());
        return new ImageInfo("vhdx", version, head.size(), head.blockBytes(), "", state, features, List.of());
    }

    @Override
    public long size() {
        return head.size();
    }

    @Override
    public int blockSize() {
        return head.sectorBytes();
    }

    @Override
    long blockBytes() {
        return head.blockBytes();
    }

    private long piece(long block) {
        return head.bat().off() + head.entry(block) * 8 / PIECE * PIECE;
    }

    private int within(long block) {
        return (int) (head.entry(block) * 8 % PIECE);
    }

    @Override
    Run map(long off) throws IOException {
        long block = off / head.blockBytes();
        long within = off % head.blockBytes();
        long left = head.blockBytes() - within;
        if (head.entry(block) * 8 >= head.bat().length()) {
            return new Run(Run.Kind.ZERO, 0, left);
        }
        long entry = Long.reverseBytes(bat.get(piece(block)).bytes().getLong(within(block)));
        int state = (int) entry & 7;
        if (state == PARTIALLY_PRESENT) {
            throw EUCLEAN.error("%s: a block that is partly elsewhere", file().path());
        }
        if (state != FULLY_PRESENT) {
            return new Run(Run.Kind.ZERO, 0, left);
        }
        long at = entry >>> 20 << 20;
        boolean sound = at >= HEAD && at <= Long.MAX_VALUE - head.blockBytes();
        if (!sound || isTable(at)) {
            throw EUCLEAN.error("%s: block %d at %d", file().path(), block, at);
        }
        return new Run(Run.Kind.DATA, at + within, left);
    }

    private boolean isTable(long at) {
        return head.bat().overlaps(at, head.blockBytes())
                || head.metadata().overlaps(at, head.blockBytes())
                || head.log().overlaps(at, head.blockBytes());
    }

    @Override
    void begin() throws IOException {
        head.begin();
    }

    @Override
    void touch(long block) {
        // a block that is there is there whole
    }

    /// A block begins at a MiB; the file is made as long as it needs, which is a hole in it.
    @Override
    void add(long block) throws IOException {
        long at = (Math.max(file().length(), HEAD) + MIB - 1) / MIB * MIB;
        file().write(MemorySegment.ofArray(new byte[head.sectorBytes()]), at + head.blockBytes() - head.sectorBytes());
        TableCache.Table table = bat.get(piece(block));
        ByteBuffer bytes = table.bytes();
        bytes.putLong(within(block), Long.reverseBytes(at | FULLY_PRESENT));
        bat.changed(table);
    }

    @Override
    void writeTable(SortedSet<Long> blocks) throws IOException {
        for (long block : blocks) {
            byte[] entry = new byte[8];
            bat.get(piece(block)).bytes().get(within(block), entry);
            file().write(MemorySegment.ofArray(entry), head.bat().off() + head.entry(block) * 8);
        }
        bat.written();
    }
}
