// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import jpuffs.core.Time;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.FatTime;
import jpuffs.rumpfs.fat.FileRec;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.Le;

/// The 32 bytes of a file in its directory. (FAT32 specification, "Directory Structure".)
final class EntryRec extends FileRec {
    static final int NAME_LENGTH = 11;

    static final int ATTR_VOLUME = 0x08;
    static final int ATTR_LONG_NAME = 0x0f;
    static final int ATTR_MASK = 0x3f;

    /// In place of the first byte of a name: nothing is here, and nothing was ever behind it.
    static final int LAST = 0;

    /// Something was here.
    static final int REMOVED = 0xe5;

    /// Stands for a first byte 0xe5 of a name.
    private static final int E5 = 0x05;

    private static final int ATTR = 11;
    private static final int CASE = 12;
    private static final int BIRTH_HUNDREDTHS = 13;
    private static final int BIRTH_TIME = 14;
    private static final int BIRTH_DATE = 16;
    private static final int ACCESS_DATE = 18;
    private static final int CLUSTER_HIGH = 20;
    private static final int TIME = 22;
    private static final int DATE = 24;
    private static final int CLUSTER_LOW = 26;
    private static final int LENGTH = 28;

    final MemorySegment raw;
    private final FatKind kind;
    private final ZoneId zone;

    /// One whose times nobody asks for.
    EntryRec(MemorySegment raw, FatKind kind) {
        this(raw, kind, ZoneOffset.UTC);
    }

    /// @param zone of its times, which are those of the host's zone: all systems write so
    EntryRec(MemorySegment raw, FatKind kind, ZoneId zone) {
        this.raw = raw;
        this.kind = kind;
        this.zone = zone;
    }

    /// A new one.
    static EntryRec of(FatKind kind, ZoneId zone, byte[] name, int attributes) {
        var rec = new EntryRec(MemorySegment.ofArray(new byte[Slots.SIZE]), kind, zone);
        rec.setName(name);
        rec.setAttributes(attributes);
        return rec;
    }

    @Override
    public EntryRec copy() {
        return new EntryRec(MemorySegment.ofArray(raw.toArray(JAVA_BYTE)), kind, zone);
    }

    int firstByte() {
        return Le.u8(raw, 0);
    }

    /// The eleven bytes: eight, and three behind the dot.
    byte[] name() {
        byte[] name = raw.asSlice(0, NAME_LENGTH).toArray(JAVA_BYTE);
        name[0] = name[0] == E5 ? (byte) REMOVED : name[0];
        return name;
    }

    void setName(byte[] name) {
        byte[] bytes = Arrays.copyOf(name, NAME_LENGTH);
        bytes[0] = bytes[0] == (byte) REMOVED ? E5 : bytes[0];
        MemorySegment.copy(bytes, 0, raw, JAVA_BYTE, 0, NAME_LENGTH);
    }

    @Override
    public int attributes() {
        return Le.u8(raw, ATTR);
    }

    @Override
    public void setAttributes(int attributes) {
        Le.put8(raw, ATTR, attributes);
    }

    boolean isLongName() {
        return (attributes() & ATTR_MASK) == ATTR_LONG_NAME;
    }

    /// Which parts of the short name are to be shown in small letters.
    int caseBits() {
        return Le.u8(raw, CASE);
    }

    int cluster() {
        long high = kind == FatKind.FAT32 ? Le.u16(raw, CLUSTER_HIGH) : 0;
        return (int) (high << 16 | Le.u16(raw, CLUSTER_LOW));
    }

    void setCluster(int cluster) {
        if (kind == FatKind.FAT32) {
            Le.put16(raw, CLUSTER_HIGH, cluster >>> 16);
        }
        Le.put16(raw, CLUSTER_LOW, cluster);
    }

    @Override
    public void setChain(Chain chain) {
        setCluster(chain.first());
    }

    @Override
    public long length() {
        return Le.u32(raw, LENGTH);
    }

    @Override
    public void setLength(long length) {
        Le.put32(raw, LENGTH, length);
    }

    private Time time(int date, int time, int hundredths) {
        int dateTime = Le.u16(raw, date) << 16 | time;
        return FatTime.time(dateTime, hundredths, zone);
    }

    @Override
    public Time modified() {
        return time(DATE, Le.u16(raw, TIME), 0);
    }

    @Override
    public void setModified(Time time) {
        int dateTime = FatTime.of(time, zone);
        Le.put16(raw, DATE, dateTime >>> 16);
        Le.put16(raw, TIME, dateTime);
    }

    @Override
    public Time accessed() {
        return time(ACCESS_DATE, 0, 0);
    }

    @Override
    public void setAccessed(Time time) {
        Le.put16(raw, ACCESS_DATE, FatTime.of(time, zone) >>> 16);
    }

    @Override
    public Time born() {
        return time(BIRTH_DATE, Le.u16(raw, BIRTH_TIME), Le.u8(raw, BIRTH_HUNDREDTHS));
    }

    @Override
    public void setBorn(Time time) {
        int dateTime = FatTime.of(time, zone);
        Le.put16(raw, BIRTH_DATE, dateTime >>> 16);
        Le.put16(raw, BIRTH_TIME, dateTime);
        Le.put8(raw, BIRTH_HUNDREDTHS, FatTime.hundredths(time, zone));
    }

    /// What belongs to the file and not to its name: all but the name and how it is shown.
    @Override
    public void copyFileOf(FileRec other) {
        byte[] name = name();
        int cases = caseBits();
        raw.copyFrom(((EntryRec) other).raw);
        setName(name);
        Le.put8(raw, CASE, cases);
    }
}
