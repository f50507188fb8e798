// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jpuffs.rumpfs.io.Le;

/// The 32 bytes of a file in its directory. (FAT32 specification, "Directory Structure".)
final class EntryRec {
    static final int SIZE = 32;
    static final int NAME_LENGTH = 11;

    static final int ATTR_READ_ONLY = 0x01;
    static final int ATTR_VOLUME = 0x08;
    static final int ATTR_DIRECTORY = 0x10;
    static final int ATTR_ARCHIVE = 0x20;
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

    EntryRec(MemorySegment raw) {
        this.raw = raw;
    }

    /// A new one.
    static EntryRec of(byte[] name, int attributes) {
        var rec = new EntryRec(MemorySegment.ofArray(new byte[SIZE]));
        rec.setName(name);
        Le.put8(rec.raw, ATTR, attributes);
        return rec;
    }

    EntryRec copy() {
        return new EntryRec(MemorySegment.ofArray(raw.toArray(JAVA_BYTE)));
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

    int attributes() {
        return Le.u8(raw, ATTR);
    }

    boolean has(int attribute) {
        return (attributes() & attribute) != 0;
    }

    void set(int attribute, boolean on) {
        Le.put8(raw, ATTR, on ? attributes() | attribute : attributes() & ~attribute);
    }

    boolean isLongName() {
        return (attributes() & ATTR_MASK) == ATTR_LONG_NAME;
    }

    /// Which parts of the short name are to be shown in small letters.
    int caseBits() {
        return Le.u8(raw, CASE);
    }

    int cluster(FatKind kind) {
        long high = kind == FatKind.FAT32 ? Le.u16(raw, CLUSTER_HIGH) : 0;
        return (int) (high << 16 | Le.u16(raw, CLUSTER_LOW));
    }

    void setCluster(int cluster, FatKind kind) {
        if (kind == FatKind.FAT32) {
            Le.put16(raw, CLUSTER_HIGH, cluster >>> 16);
        }
        Le.put16(raw, CLUSTER_LOW, cluster);
    }

    long length() {
        return Le.u32(raw, LENGTH);
    }

    void setLength(long length) {
        Le.put32(raw, LENGTH, length);
    }

    /// Date and time of the last change of the content, as [FatTime] has them.
    int modified() {
        return Le.u16(raw, DATE) << 16 | Le.u16(raw, TIME);
    }

    void setModified(int dateTime) {
        Le.put16(raw, DATE, dateTime >>> 16);
        Le.put16(raw, TIME, dateTime);
    }

    int accessed() {
        return Le.u16(raw, ACCESS_DATE) << 16;
    }

    void setAccessed(int dateTime) {
        Le.put16(raw, ACCESS_DATE, dateTime >>> 16);
    }

    int born() {
        return Le.u16(raw, BIRTH_DATE) << 16 | Le.u16(raw, BIRTH_TIME);
    }

    int bornHundredths() {
        return Le.u8(raw, BIRTH_HUNDREDTHS);
    }

    void setBorn(int dateTime, int hundredths) {
        Le.put16(raw, BIRTH_DATE, dateTime >>> 16);
        Le.put16(raw, BIRTH_TIME, dateTime);
        Le.put8(raw, BIRTH_HUNDREDTHS, hundredths);
    }

    /// What belongs to the file and not to its name: all but the name and how it is shown.
    void copyFileOf(EntryRec other) {
        byte[] name = name();
        int cases = caseBits();
        raw.copyFrom(other.raw);
        setName(name);
        Le.put8(raw, CASE, cases);
    }
}
