// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.io.Le;

/// Discs made by hand, of what no program writes.
final class IsoMaker {
    private static final int FIRST = 20 * Disc.SECTOR;
    private static final int SIZE = 1 << 20;

    private final int blockSize;
    private final MemorySegment image = MemorySegment.ofArray(new byte[SIZE]);
    private int used = FIRST;

    /// Of the root's record in itself.
    byte[] rootSystemUse = new byte[0];

    IsoMaker(int blockSize) {
        this.blockSize = blockSize;
    }

    /// With Rock Ridge.
    static IsoMaker posix() {
        var maker = new IsoMaker(Disc.SECTOR);
        maker.rootSystemUse = join(sp(0), er());
        return maker;
    }

    static byte[] sp(int skip) {
        return entry("SP", 1, 0xbe, 0xef, skip);
    }

    static byte[] er() {
        byte[] id = "RRIP_1991A".getBytes(US_ASCII);
        return join(new byte[] {'E', 'R', (byte) (8 + id.length), 1, (byte) id.length, 0, 0, 1}, id);
    }

    static byte[] entry(String signature, int version, int... bytes) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(signature.getBytes(US_ASCII));
        out.write(4 + bytes.length);
        out.write(version);
        for (int b : bytes) {
            out.write(b);
        }
        return out.toByteArray();
    }

    static byte[] name(String name) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        return join(new byte[] {'N', 'M', (byte) (5 + bytes.length), 1, 0}, bytes);
    }

    /// An entry of numbers of 32 bits, each in both orders.
    static byte[] numbers(String signature, long... numbers) {
        var s = MemorySegment.ofArray(new byte[4 + 8 * numbers.length]);
        Le.putBytes(s, 0, signature.getBytes(US_ASCII));
        Le.put8(s, 2, (int) s.byteSize());
        Le.put8(s, 3, 1);
        for (int i = 0; i < numbers.length; i++) {
            both(s, 4 + 8 * i, numbers[i]);
        }
        return Le.bytes(s, 0, (int) s.byteSize());
    }

    private static void both(MemorySegment s, int at, long number) {
        Le.put32(s, at, number);
        Le.put32(s, at + 4, Integer.reverseBytes((int) number));
    }

    static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(out::writeBytes);
        return out.toByteArray();
    }

    /// Takes room; answers its first block.
    int reserve(int length) {
        int at = used;
        used += (length + blockSize - 1) / blockSize * blockSize;
        return at / blockSize;
    }

    /// Takes room that begins with a sector.
    int reserveSectors(int length) {
        used = (used + Disc.SECTOR - 1) / Disc.SECTOR * Disc.SECTOR;
        return reserve((length + Disc.SECTOR - 1) / Disc.SECTOR * Disc.SECTOR);
    }

    int data(byte[] bytes) {
        int block = reserve(bytes.length);
        put(block, bytes);
        return block;
    }

    void put(int block, byte[] bytes) {
        Le.putBytes(image, (long) block * blockSize, bytes);
    }

    byte[] rec(String name, int flags, int block, long length, byte[]... systemUse) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        byte[] more = join(systemUse);
        int begin = 33 + bytes.length + (bytes.length + 1) % 2;
        int size = begin + more.length + more.length % 2;
        var s = MemorySegment.ofArray(new byte[size]);
        Le.put8(s, 0, size);
        both(s, 2, block);
        both(s, 10, length);
        Le.putBytes(s, 18, new byte[] {100, 2, 29, 12, 34, 56, 4});
        Le.put8(s, 25, flags);
        Le.put8(s, 32, bytes.length);
        Le.putBytes(s, 33, bytes);
        Le.putBytes(s, begin, more);
        return Le.bytes(s, 0, size);
    }

    byte[] file(String name, byte[] content, byte[]... systemUse) {
        return rec(name, 0, data(content), content.length, systemUse);
    }

    /// Writes a directory of one or more sectors.
    void directory(int block, int length, byte[] systemUse, byte[]... recs) {
        int at = 0;
        var all = new ArrayList<byte[]>(List.of(
                rec("\0", DirRec.DIRECTORY, block, length, systemUse), rec("\1", DirRec.DIRECTORY, block, length)));
        all.addAll(List.of(recs));
        for (byte[] rec : all) {
            if (at % Disc.SECTOR + rec.length > Disc.SECTOR) {
                at = (at / Disc.SECTOR + 1) * Disc.SECTOR;
            }
            Le.putBytes(image, (long) block * blockSize + at, rec);
            at += rec.length;
        }
    }

    /// The disc whose root has these records.
    BlockDevice disc(byte[]... recs) throws IOException {
        int length = 4 * Disc.SECTOR;
        int root = reserveSectors(length);
        directory(root, length, rootSystemUse, recs);
        return disc(root, length);
    }

    BlockDevice disc(int root, long length) throws IOException {
        MemorySegment primary = image.asSlice(16 * Disc.SECTOR, Disc.SECTOR);
        Le.putBytes(primary, 0, "\1CD001\1".getBytes(US_ASCII));
        Le.putBytes(primary, 40, "BY HAND                         ".getBytes(US_ASCII));
        both(primary, 80, SIZE / blockSize);
        Le.put16(primary, 128, blockSize);
        Le.putBytes(primary, 156, rec("\0", DirRec.DIRECTORY, root, length));
        Le.putBytes(image, 17 * Disc.SECTOR, "\377CD001\1".getBytes(ISO_8859_1));
        MemoryDisk disk = MemoryDisk.ofSize(SIZE);
        disk.write(image, 0);
        return disk;
    }
}
