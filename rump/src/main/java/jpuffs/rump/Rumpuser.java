// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import java.security.SecureRandom;
import java.time.ZoneId;
import jpuffs.core.Time;

/// The only door from the runnable kernel and its file systems to the host: clock, time zone, randomness, threads.
/// Disks are [jpuffs.core.BlockDevice]s. (NetBSD: rumpuser(3).)
///
/// As it is, it is the host's: [#HOST]. A test extends it with a clock that stands, numbers that repeat and threads
/// it runs itself.
public class Rumpuser {
    /// The clock, the randomness and the threads of the JVM.
    public static final Rumpuser HOST = new Rumpuser();

    protected Rumpuser() {}

    /// The time of day, for the times of files.
    public Time now() {
        return Time.now();
    }

    /// A clock that never goes back, in nanoseconds, for intervals.
    public long nanoTime() {
        return System.nanoTime();
    }

    /// Fills `bytes` with numbers nobody can guess: for UUIDs and hash seeds.
    public void random(byte[] bytes) {
        new SecureRandom().nextBytes(bytes);
    }

    /// The time zone, for file systems that keep times of the day.
    public ZoneId zone() {
        return ZoneId.systemDefault();
    }

    /// Starts a kernel thread, which does not keep the JVM from ending. It ends when it is interrupted.
    public Thread startThread(String name, Runnable body) {
        return Thread.ofPlatform().daemon().name(name).start(body);
    }
}
