// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import jpuffs.core.Name;

/// The hashes of names by which indexed directories are sorted (kernel:
/// Documentation/filesystems/ext4/directory.rst): legacy, the first rounds of MD4, and TEA, each with the bytes of
/// the name signed or unsigned.
final class DirHash {
    private static final int HALF_MD4 = 1;
    private static final int TEA = 2;
    private static final int UNSIGNED = 3; // added to the others

    private static final int[] START = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    private static final int K2 = 013240474631;
    private static final int K3 = 015666365641;
    private static final int END = 0xfffffffe; // what no name has

    private final int version;
    private final boolean unsigned;
    private final int[] start;
    private final int[] in = new int[8];
    private final int[] state = new int[4];

    /// @param version 0 to 5, as an index has it
    DirHash(int version, boolean unsigned, int[] seed) {
        this.version = version % UNSIGNED;
        this.unsigned = unsigned || version >= UNSIGNED;
        this.start = (seed[0] | seed[1] | seed[2] | seed[3]) == 0 ? START : seed;
    }

    /// Hash, an even number, in the upper half and a second one in the lower.
    long hash(Name name) {
        System.arraycopy(start, 0, state, 0, 4);
        int major;
        int minor = 0;
        switch (version) {
            case HALF_MD4 -> {
                for (int at = 0; at < name.length(); at += 32) {
                    fill(name, at, 8);
                    halfMd4();
                }
                major = state[1];
                minor = state[2];
            }
            case TEA -> {
                for (int at = 0; at < name.length(); at += 16) {
                    fill(name, at, 4);
                    tea();
                }
                major = state[0];
                minor = state[1];
            }
            default -> major = legacy(name);
        }
        major &= ~1;
        return (long) (major == END ? END - 2 : major) << 32 | minor & 0xffffffffL;
    }

    private int byteAt(Name name, int i) {
        return unsigned ? name.byteAt(i) & 0xff : name.byteAt(i);
    }

    private int legacy(Name name) {
        int hash = 0x12a3fe2d;
        int other = 0x37abe8f9;
        for (int i = 0; i < name.length(); i++) {
            int next = other + (hash ^ byteAt(name, i) * 7152373);
            if (next < 0) {
                next -= 0x7fffffff;
            }
            other = hash;
            hash = next;
        }
        return hash << 1;
    }

    /// Fills `in` with the name's bytes from `at`, behind their end with the length.
    private void fill(Name name, int at, int words) {
        int rest = name.length() - at;
        int pad = rest | rest << 8;
        pad |= pad << 16;
        int value = pad;
        int word = 0;
        int length = Math.min(rest, 4 * words);
        for (int i = 0; i < length; i++) {
            value = byteAt(name, at + i) + (value << 8);
            if (i % 4 == 3) {
                in[word++] = value;
                value = pad;
            }
        }
        if (word < words) {
            in[word++] = value;
        }
        while (word < words) {
            in[word++] = pad;
        }
    }

    private void tea() {
        int sum = 0;
        int b0 = state[0];
        int b1 = state[1];
        for (int round = 0; round < 16; round++) {
            sum += 0x9e3779b9;
            b0 += (b1 << 4) + in[0] ^ b1 + sum ^ (b1 >>> 5) + in[1];
            b1 += (b0 << 4) + in[2] ^ b0 + sum ^ (b0 >>> 5) + in[3];
        }
        state[0] += b0;
        state[1] += b1;
    }

    private void halfMd4() {
        int[] v = state.clone();
        int[][] orders = {{0, 1, 2, 3, 4, 5, 6, 7}, {1, 3, 5, 7, 0, 2, 4, 6}, {3, 7, 2, 6, 1, 5, 0, 4}};
        int[][] shifts = {{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}};
        int[] constants = {0, K2, K3};
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 8; i++) {
                int a = -i & 3;
                int b = v[a + 1 & 3];
                int c = v[a + 2 & 3];
                int d = v[a + 3 & 3];
                int f = mix(round, b, c, d);
                v[a] = Integer.rotateLeft(v[a] + f + in[orders[round][i]] + constants[round], shifts[round][i & 3]);
            }
        }
        for (int i = 0; i < 4; i++) {
            state[i] += v[i];
        }
    }

    private static int mix(int round, int x, int y, int z) {
        return switch (round) {
            case 0 -> z ^ x & (y ^ z);
            case 1 -> (x & y) + ((x ^ y) & z);
            default -> x ^ y ^ z;
        };
    }
}
