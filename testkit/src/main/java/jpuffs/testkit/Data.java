// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.util.Random;

/// Bytes to write.
final class Data {
    private Data() {}

    /// `size` bytes that `seed` makes, none of them 0.
    static byte[] of(int size, long seed) {
        var random = new Random(seed);
        byte[] data = new byte[size];
        random.nextBytes(data);
        for (int i = 0; i < size; i++) {
            data[i] = data[i] == 0 ? 1 : data[i];
        }
        return data;
    }
}
