// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;

/// A disk in a sparse VMDK file, read-only: `monolithicSparse`, and `streamOptimized` with its compressed grains
/// (VMware: Virtual Disk Format 5.0). Little-endian; offsets in it are in sectors.
final class VmdkDisk extends MappedDisk {
    private static final int SECTOR = 512;
    private static final int ZEROED_GRAINS = 4;
    private static final int COMPRESSED = 1 << 16;
    private static final int MAX_DIRECTORY = 32 << 20;
    private static final int MAX_DESCRIPTOR = 1 << 20;
    private static final int MAX_GRAIN = 8 << 20;
    private static final int CACHED_TABLES = 2 << 20;

    // Possessive, and within a line: else a megabyte of empty lines would take hours
    private static final Pattern SETTING = Pattern.compile("(?m)^[ \t]*+(\\w++)[ \t]*+=[ \t]*+\"?([^\"\r\n]*)\"?");
    private static final Pattern FLAT =
            Pattern.compile("(?m)^[ \t]*+(?:RW|RDONLY)[ \t]++(\\d{1,18})[ \t]++(?:FLAT|VMFS)"
                    + "[ \t]++\"([^\"\r\n]++)\"[ \t]++(\\d{1,18})");

    private final long size;
    private final int grainBytes;
    private final int perTable;
    private final int flags;
    private final String type;
    private final ByteBuffer directory;
    private final LruMap<Long, ByteBuffer> tables;
    private final LruMap<Long, MemorySegment> grains;

    VmdkDisk(ImageFile file) throws IOException {
        super(file);
        ByteBuffer head = Tables.le(Tables.read(file, 0, SECTOR, "the header"));
        if (head.getLong(56) == -1) { // streamed: the footer knows
            head = Tables.le(Tables.read(file, Math.max(0, file.length() - 2 * SECTOR), SECTOR, "the footer"));
        }
        this.flags = head.getInt(8);
        long grain = head.getLong(20);
        this.perTable = head.getInt(44);
        int version = head.getInt(4);
        if (version < 1 || version > 3 || head.getShort(77) > 1) {
            throw EOPNOTSUPP.error("%s: VMDK version %d, compression %d", file.path(), version, head.getShort(77));
        }
        if (grain < 1
                || grain > MAX_GRAIN / SECTOR
                || Long.bitCount(grain) != 1
                || perTable < 1
                || perTable > 1 << 16) {
            throw bad("grains of " + grain + " sectors, tables of " + perTable + " entries");
        }
        this.grainBytes = (int) grain * SECTOR;
        long capacity = head.getLong(12);
        long each = grain * perTable;
        long entries = capacity / each + (capacity % each == 0 ? 0 : 1);
        if (capacity < 0 || entries > MAX_DIRECTORY / 4) {
            throw bad(capacity + " sectors");
        }
        this.size = capacity * SECTOR;
        this.directory =
                Tables.le(Tables.read(file, sectors(head.getLong(56)), (int) entries * 4, "the grain directory"));
        this.type = type(descriptor(file, head.getLong(28), head.getLong(36)));
        this.tables = new LruMap<>(Math.max(4, CACHED_TABLES / (perTable * 4)));
        this.grains = new LruMap<>(Math.max(2, (4 << 20) / grainBytes));
    }

    private ErrnoException bad(String what) {
        return EUCLEAN.error("%s: not a sound VMDK image: %s", file().path(), what);
    }

    private long sectors(long count) throws ErrnoException {
        if (count < 0 || count > Long.MAX_VALUE / SECTOR) {
            throw bad("something at sector " + count);
        }
        return count * SECTOR;
    }

    private String descriptor(ImageFile file, long at, long count) throws IOException {
        if (at == 0 || count <= 0 || count > MAX_DESCRIPTOR / SECTOR) {
            return "";
        }
        byte[] text = Tables.readSome(file, sectors(at), (int) count * SECTOR);
        return Tables.text(text, 0, text.length);
    }

    private String type(String descriptor) throws ErrnoException {
        String parent = setting(descriptor, "parentCID");
        if (!parent.isEmpty() && !parent.equals("ffffffff")) {
            throw EOPNOTSUPP.error(
                    "%s stands on another VMDK (%s)", file().path(), setting(descriptor, "parentFileNameHint"));
        }
        String name = setting(descriptor, "createType");
        if (!List.of("", "monolithicSparse", "streamOptimized").contains(name)) {
            throw EOPNOTSUPP.error("%s: VMDK of type %s", file().path(), name);
        }
        return name;
    }

    private static String setting(String descriptor, String name) {
        Matcher settings = SETTING.matcher(descriptor);
        while (settings.find()) {
            if (settings.group(1).equals(name)) {
                return settings.group(2);
            }
        }
        return "";
    }

    /// Opens the disk of a descriptor that is a file of its own, with its content as it is in one other.
    static BlockDevice flat(Chain chain, ImageFile file) throws IOException {
        String text = new String(Tables.readSome(file, 0, (int) Math.min(file.length(), MAX_DESCRIPTOR)), UTF_8);
        Matcher extents = FLAT.matcher(text);
        if (!setting(text, "createType").equals("monolithicFlat") || !extents.find()) {
            throw EOPNOTSUPP.error("%s: VMDK of type %s", file.path(), setting(text, "createType"));
        }
        long size = Long.parseLong(extents.group(1));
        if (size > Long.MAX_VALUE / SECTOR || !extents.group(3).equals("0")) {
            throw EOPNOTSUPP.error("%s: an extent that does not begin at 0", file.path());
        }
        return new FlatDisk(file, chain.open(extents.group(2), "raw"), size * SECTOR);
    }

    @Override
    public ImageInfo info() {
        return new ImageInfo("vmdk", type, size, grainBytes, "", "", List.of(), List.of());
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    long unit() {
        return grainBytes;
    }

    @Override
    Run map(long off) throws IOException {
        long grain = off / grainBytes;
        long within = off % grainBytes;
        long left = grainBytes - within;
        long sector = grain / perTable * 4 >= directory.capacity() ? 0 : entry(grain);
        if (sector == 0 || sector == 1 && (flags & ZEROED_GRAINS) != 0) {
            return new Run(Run.Kind.ZERO, 0, left);
        }
        boolean packed = (flags & COMPRESSED) != 0;
        return new Run(packed ? Run.Kind.COMPRESSED : Run.Kind.DATA, sector * SECTOR + (packed ? 0 : within), left);
    }

    private long entry(long grain) throws IOException {
        long table = directory.getInt((int) (grain / perTable) * 4) & 0xffffffffL;
        if (table == 0) {
            return 0;
        }
        ByteBuffer known = tables.get(table);
        if (known == null) {
            known = Tables.le(Tables.read(file(), table * SECTOR, perTable * 4, "a grain table"));
            tables.put(table, known);
        }
        return known.getInt((int) (grain % perTable) * 4) & 0xffffffffL;
    }

    /// A grain behind its head: its first sector on the disk, and its size.
    @Override
    MemorySegment unpack(Run run, long off) throws IOException {
        MemorySegment known = grains.get(run.at());
        if (known != null) {
            return known;
        }
        ByteBuffer head = Tables.le(Tables.read(file(), run.at(), 12, "a grain"));
        int packed = head.getInt(8);
        if (head.getLong(0) != off / grainBytes * (grainBytes / SECTOR)
                || packed < 0
                || packed > 2 * grainBytes + SECTOR) {
            throw bad("the grain at " + run.at() + " is another one");
        }
        byte[] content = new byte[grainBytes];
        byte[] bytes = Tables.read(file(), run.at() + 12, packed, "a grain");
        int count = (int) Math.min(grainBytes, size - off / grainBytes * grainBytes);
        Deflate.inflate(bytes, 0, content, count, false, file().path() + ": the grain at " + run.at());
        MemorySegment segment = MemorySegment.ofArray(content);
        grains.put(run.at(), segment);
        return segment;
    }

    @Override
    public void close() throws IOException {
        file().close();
    }
}
