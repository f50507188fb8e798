// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.ZoneId;
import java.time.ZoneOffset;
import jpuffs.core.Time;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.FatTime;
import jpuffs.rumpfs.fat.FileRec;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.Le;

/// The entries of one file: what it is, where its content is, and its name in pieces. (exFAT specification 7.4,
/// 7.6, 7.7.)
final class EntrySet extends FileRec {
    // Types of entries: those in use have the upper bit
    static final int END = 0;
    static final int IN_USE = 0x80;
    static final int BITMAP = 0x81;
    static final int UP_CASE = 0x82;
    static final int LABEL = 0x83;
    static final int FILE = 0x85;
    static final int GUID = 0xa0;
    static final int STREAM = 0xc0;
    static final int NAME = 0xc1;

    /// Entries of a file beside the first: at least its stream and one of the name.
    static final int MIN_SECONDARY = 2;

    static final int MAX_SECONDARY = 18;
    static final int UNITS = 15; // of a name in one entry

    // Of the first entry
    private static final int SECONDARY = 1;
    private static final int CHECKSUM = 2;
    private static final int ATTRIBUTES = 4;
    private static final int BORN = 8;
    private static final int MODIFIED = 12;
    private static final int ACCESSED = 16;
    private static final int BORN_HUNDREDTHS = 20;
    private static final int MODIFIED_HUNDREDTHS = 21;
    private static final int BORN_ZONE = 22;
    private static final int MODIFIED_ZONE = 23;
    private static final int ACCESSED_ZONE = 24;

    // Of the stream
    private static final int FLAGS = 33;
    private static final int NAME_LENGTH = 35;
    private static final int HASH = 36;
    private static final int VALID_LENGTH = 40;
    private static final int FIRST_CLUSTER = 52;
    private static final int LENGTH = 56;
    private static final int HAS_CLUSTERS = 1;
    private static final int CONTIGUOUS = 2;

    private static final int NAMES = 2 * Slots.SIZE;
    private static final int UTC = 0x80;
    private static final int ZONE_VALID = 0x80;
    private static final int ZONE_STEP = 15 * 60;

    /// The entries, one behind the other.
    final MemorySegment raw;

    EntrySet(MemorySegment raw) {
        this.raw = raw;
    }

    /// One without name and content.
    static EntrySet of(int attributes) {
        var set = new EntrySet(MemorySegment.ofArray(new byte[NAMES]));
        Le.put8(set.raw, 0, FILE);
        Le.put8(set.raw, Slots.SIZE, STREAM);
        set.setAttributes(attributes);
        Le.put8(set.raw, FLAGS, HAS_CLUSTERS);
        return set;
    }

    /// How many entries a file of this name has.
    static int entries(String name) {
        return MIN_SECONDARY + (name.length() + UNITS - 1) / UNITS;
    }

    /// The same file under another name.
    ///
    /// @param key the name in capital letters
    EntrySet named(String name, String key) {
        int entries = entries(name);
        var set = new EntrySet(MemorySegment.ofArray(new byte[entries * Slots.SIZE]));
        MemorySegment.copy(raw, 0, set.raw, 0, NAMES);
        Le.put8(set.raw, SECONDARY, entries - 1);
        for (int i = 0; i < entries - MIN_SECONDARY; i++) {
            Le.put8(set.raw, NAMES + (long) i * Slots.SIZE, NAME);
        }
        set.putName(name, key);
        return set;
    }

    /// Puts another name in the place of one that needs as many entries.
    void putName(String name, String key) {
        Le.put8(raw, NAME_LENGTH, name.length());
        Le.put16(raw, HASH, Sums.ofName(key));
        for (int i = 0; i < (entries(name) - MIN_SECONDARY) * UNITS; i++) {
            Le.put16(raw, unitOffset(i), i < name.length() ? name.charAt(i) : 0);
        }
    }

    private static long unitOffset(int i) {
        return NAMES + (long) (i / UNITS) * Slots.SIZE + 2 + i % UNITS * 2L;
    }

    int entries() {
        return (int) (raw.byteSize() / Slots.SIZE);
    }

    /// How many entries follow the first one, as it says itself.
    static int secondary(MemorySegment first) {
        return Le.u8(first, SECONDARY);
    }

    int nameLength() {
        return Le.u8(raw, NAME_LENGTH);
    }

    String name() {
        var name = new StringBuilder();
        for (int i = 0; i < nameLength(); i++) {
            name.append((char) Le.u16(raw, unitOffset(i)));
        }
        return name.toString();
    }

    int hash() {
        return Le.u16(raw, HASH);
    }

    boolean hasGoodSum() {
        return Le.u16(raw, CHECKSUM) == Sums.ofSet(raw);
    }

    void setSum() {
        Le.put16(raw, CHECKSUM, Sums.ofSet(raw));
    }

    /// Whether there is a stream, and all of the name.
    boolean isWhole() {
        if (Le.u8(raw, Slots.SIZE) != STREAM || nameLength() == 0) {
            return false;
        }
        int names = (nameLength() + UNITS - 1) / UNITS;
        for (int i = MIN_SECONDARY; i < MIN_SECONDARY + names; i++) {
            if (i >= entries() || Le.u8(raw, (long) i * Slots.SIZE) != NAME) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int attributes() {
        return Le.u16(raw, ATTRIBUTES);
    }

    @Override
    public void setAttributes(int attributes) {
        Le.put16(raw, ATTRIBUTES, attributes);
    }

    // Content

    @Override
    public long length() {
        return Math.max(0, Le.i64(raw, LENGTH));
    }

    @Override
    public void setLength(long length) {
        Le.put64(raw, LENGTH, length);
    }

    @Override
    public long validLength() {
        return Math.clamp(Le.i64(raw, VALID_LENGTH), 0, length());
    }

    /// What the disk says, which may be more than there is.
    long rawValidLength() {
        return Le.i64(raw, VALID_LENGTH);
    }

    /// What the disk says, which may be negative.
    long rawLength() {
        return Le.i64(raw, LENGTH);
    }

    @Override
    public void setValidLength(long length) {
        Le.put64(raw, VALID_LENGTH, length);
    }

    @Override
    public boolean keepsValidLength() {
        return true;
    }

    /// The first cluster; [Clusters#NONE] if there is none, -1 for a number that is none.
    int cluster() {
        long first = Le.u32(raw, FIRST_CLUSTER);
        return first > Integer.MAX_VALUE ? -1 : (int) first;
    }

    boolean isContiguous() {
        return (Le.u8(raw, FLAGS) & CONTIGUOUS) != 0;
    }

    void setContent(int first, boolean contiguous) {
        Le.put32(raw, FIRST_CLUSTER, first);
        boolean flag = contiguous && first != Clusters.NONE;
        Le.put8(raw, FLAGS, HAS_CLUSTERS | (flag ? CONTIGUOUS : 0));
    }

    /// The length of a directory is that of its clusters.
    @Override
    public void setChain(Chain chain) throws IOException {
        setContent(chain.first(), chain.isContiguous());
        if (isDirectory()) {
            setLength(chain.bytes());
            setValidLength(chain.bytes());
        }
    }

    /// @throws IOException EUCLEAN for one that cannot be
    Chain chain(Clusters clusters) throws IOException {
        int first = cluster();
        if (first == Clusters.NONE) {
            return Chain.contiguous(clusters, Clusters.NONE, 0);
        }
        clusters.requireCluster(first);
        int count = (int) Math.min(clusters.of(length()), clusters.count());
        return isContiguous() ? Chain.contiguous(clusters, first, count) : Chain.ofLength(clusters, first, count);
    }

    // Times: the zone is known for each

    private Time time(int at, int hundredths, int zone) {
        int octet = Le.u8(raw, zone);
        int quarters = (byte) (octet << 1) >> 1; // seven bits with sign
        ZoneId id =
                (octet & ZONE_VALID) != 0 ? ZoneOffset.ofTotalSeconds(quarters * ZONE_STEP) : ZoneId.systemDefault();
        return FatTime.time((int) Le.u32(raw, at), hundredths, id);
    }

    private void setTime(int at, int zone, Time time) {
        Le.put32(raw, at, FatTime.of(time, ZoneOffset.UTC));
        Le.put8(raw, zone, UTC);
    }

    @Override
    public Time modified() {
        return time(MODIFIED, Le.u8(raw, MODIFIED_HUNDREDTHS), MODIFIED_ZONE);
    }

    @Override
    public void setModified(Time time) {
        setTime(MODIFIED, MODIFIED_ZONE, time);
        Le.put8(raw, MODIFIED_HUNDREDTHS, FatTime.hundredths(time, ZoneOffset.UTC));
    }

    @Override
    public Time accessed() {
        return time(ACCESSED, 0, ACCESSED_ZONE);
    }

    @Override
    public void setAccessed(Time time) {
        setTime(ACCESSED, ACCESSED_ZONE, time);
    }

    @Override
    public Time born() {
        return time(BORN, Le.u8(raw, BORN_HUNDREDTHS), BORN_ZONE);
    }

    @Override
    public void setBorn(Time time) {
        setTime(BORN, BORN_ZONE, time);
        Le.put8(raw, BORN_HUNDREDTHS, FatTime.hundredths(time, ZoneOffset.UTC));
    }

    // Copies

    @Override
    public EntrySet copy() {
        return new EntrySet(MemorySegment.ofArray(raw.toArray(JAVA_BYTE)));
    }

    @Override
    public void copyFileOf(FileRec other) {
        MemorySegment from = ((EntrySet) other).raw;
        MemorySegment.copy(from, ATTRIBUTES, raw, ATTRIBUTES, Slots.SIZE - ATTRIBUTES);
        MemorySegment.copy(from, FLAGS, raw, FLAGS, 1);
        MemorySegment.copy(from, VALID_LENGTH, raw, VALID_LENGTH, NAMES - VALID_LENGTH);
    }
}
