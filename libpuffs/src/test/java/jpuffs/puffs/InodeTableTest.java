// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import jpuffs.core.Attr;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class InodeTableTest {
    private static final int COUNT = 100_000;

    private static final Node NODE = new Node() {
        @Override
        public Attr getattr() throws IOException {
            throw new IOException("not asked");
        }
    };

    private final InodeTable table = new InodeTable();

    private static Inode inode(long id) {
        return new Inode(id, NODE, Attr.of(Mode.S_IFREG | 0644));
    }

    @Test
    void isWhatAMapIs() {
        var random = new SplittableRandom(Long.getLong("jpuffs.seed", 1));
        var map = new HashMap<Long, Inode>();
        for (int i = 0; i < COUNT; i++) {
            long id = random.nextLong(2000) << 20; // few bits that differ, and those not the lowest
            Inode there = map.get(id);
            assertSame(there, table.get(id));
            if (random.nextBoolean()) {
                Inode made = inode(id);
                assertSame(there, table.putIfAbsent(made));
                map.putIfAbsent(id, made);
            } else if (there != null) {
                table.remove(there);
                table.remove(there);
                map.remove(id);
            }
            assertEquals(map.size(), table.size());
        }
        assertEquals(new HashSet<>(map.values()), new HashSet<>(table.values()));
        assertEquals(map.size(), table.values().size());
    }

    @Test
    void onlyWhatWasEnteredIsTakenOut() {
        Inode there = inode(7);
        table.putIfAbsent(there);
        table.remove(inode(7));
        assertSame(there, table.get(7));
        table.remove(there);
        assertNull(table.get(7));
    }

    /// What stays is found at any moment, while the table grows, and others come and go.
    @Test
    @Timeout(60)
    void isReadWhileItChanges() throws Exception {
        var stay = new Inode[200];
        for (int i = 0; i < stay.length; i++) {
            stay[i] = inode(1 + 97L * i);
            table.putIfAbsent(stay[i]);
        }
        var done = new AtomicBoolean();
        try (var readers = Executors.newFixedThreadPool(2)) {
            Future<?> first = readers.submit(() -> find(stay, done));
            Future<?> second = readers.submit(() -> find(stay, done));
            try {
                for (int i = 0; i < COUNT; i++) {
                    Inode made = inode(1_000_000 + i);
                    table.putIfAbsent(made);
                    if (i % 3 == 0) {
                        table.remove(made);
                    }
                }
            } finally {
                done.set(true);
            }
            first.get();
            second.get();
        }
    }

    private void find(Inode[] stay, AtomicBoolean done) {
        while (!done.get()) {
            for (Inode each : stay) {
                assertSame(each, table.get(each.nodeid));
            }
        }
    }
}
