// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.nio.ByteBuffer;
import java.time.ZoneId;
import java.time.ZoneOffset;
import jpuffs.core.Time;
import jpuffs.rump.Rumpuser;

/// A host on which nothing depends on when and where it is: the clock stands, the zone is UTC, and the random
/// numbers follow from a seed.
final class FixedHost extends Rumpuser {
    private final Time time;
    private final byte[] seed;
    private int blocks;

    FixedHost(Time time, byte[] seed) {
        this.time = time;
        this.seed = seed;
    }

    @Override
    public Time now() {
        return time;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public ZoneId zone() {
        return ZoneOffset.UTC;
    }

    @Override
    public void random(byte[] bytes) {
        for (int done = 0; done < bytes.length; ) {
            byte[] counter = ByteBuffer.allocate(Integer.BYTES).putInt(blocks++).array();
            byte[] block = Fingerprint.sha256(seed, counter);
            int n = Math.min(block.length, bytes.length - done);
            System.arraycopy(block, 0, bytes, done, n);
            done += n;
        }
    }
}
