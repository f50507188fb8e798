// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;

/// What a program says on its standard error. It goes to the log; the last lines are the reason when it ends.
final class Complaints {
    private static final int KEPT = 3; // lines
    private static final int LONGEST = 300;
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Fd from;
    private final Deque<String> last = new ArrayDeque<>(); // guarded by this
    private final StringBuilder line = new StringBuilder();
    private final Thread reader;

    /// @param from the end to read of a pipe, which it takes over
    Complaints(Fd from) {
        this.from = from;
        reader = Thread.ofPlatform().daemon().name("psshfs-stderr").start(this::read);
    }

    /// Whether our own standard error is a terminal: then the program is to talk to the user, who may have to type
    /// a password after what it says.
    static boolean areShown() {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }

    private void read() {
        try (from;
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            for (int n = from.read(buffer); n > 0; n = from.read(buffer)) {
                new String(buffer.asSlice(0, n).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE), UTF_8)
                        .chars()
                        .forEach(this::add);
            }
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "standard error", e);
        }
        add('\n');
    }

    private void add(int c) {
        if (c != '\n') {
            if (line.length() < LONGEST && c >= ' ' && c != 0x7f) {
                line.append((char) c);
            }
            return;
        }
        String text = line.toString().strip();
        line.setLength(0);
        if (text.isEmpty() || text.startsWith("@")) { // ssh frames its warnings
            return;
        }
        Psshfs.LOG.log(Level.INFO, text);
        synchronized (this) {
            if (last.size() == KEPT) {
                last.remove();
            }
            last.add(text);
        }
    }

    /// The last lines, in one; empty if it has said nothing. For when the program has ended; waits a little for
    /// what it said last.
    String text() {
        try {
            var unused = reader.join(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return String.join("; ", last);
        }
    }
}
