// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import jpuffs.core.Cred;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ReaddirTest {
    private static final long SEED = Long.getLong("jpuffs.seed", System.nanoTime());
    private static final int MANY = 200_000;

    private final Fixture t = new Fixture(Tmpfs.Options.DEFAULT);

    @AfterEach
    void close() {
        t.close();
    }

    /// Reads up to `most` entries after `cookie` into `names`; returns the cookie to go on with.
    private static long page(Node directory, long cookie, int most, List<String> names) throws IOException {
        var last = new long[] {cookie};
        int end = names.size() + most;
        directory.readdir(cookie, (name, ino, mode, next) -> {
            if (names.size() == end) {
                return false;
            }
            assertThat(next).isPositive().isGreaterThan(last[0]);
            names.add(name.toString());
            last[0] = next;
            return true;
        });
        return last[0];
    }

    @Test
    void tellsNameNumberAndType() throws IOException {
        Node d = t.directory("d");
        Node f = t.file("f");
        t.root.symlink(name("l"), new byte[] {'x'}, Cred.ROOT);
        var seen = new ArrayList<List<Object>>();
        t.root.readdir(0, (name, ino, mode, cookie) -> seen.add(List.of(name, ino, mode)));
        assertThat(seen)
                .startsWith(
                        List.of(name("d"), d.getattr().ino(), Mode.S_IFDIR),
                        List.of(name("f"), f.getattr().ino(), Mode.S_IFREG))
                .hasSize(3);
        assertThat(seen.getLast().getLast()).isEqualTo(Mode.S_IFLNK);
    }

    @Test
    void whatIsThereAllTheTimeIsToldOnceWhateverElseHappens() throws IOException {
        var random = new Random(SEED);
        for (int round = 0; round < 30; round++) {
            Node d = t.directory("d" + round);
            var stay = new HashSet<String>();
            var others = new ArrayList<String>();
            for (int i = 0; i < 500; i++) {
                t.file(d, "f" + i);
                if (random.nextBoolean()) {
                    stay.add("f" + i);
                } else {
                    others.add("f" + i);
                }
            }
            var told = new ArrayList<String>();
            int fresh = 0;
            long cookie = 0;
            for (long before = -1; before != cookie && told.size() < 5000; ) {
                before = cookie;
                cookie = page(d, cookie, 1 + random.nextInt(20), told);
                for (int i = random.nextInt(40); i > 0; i--) {
                    if (random.nextInt(3) > 0 && !others.isEmpty()) {
                        d.unlink(name(others.remove(random.nextInt(others.size()))));
                    } else if (fresh < 300) {
                        String name = "g" + fresh++;
                        t.file(d, name);
                        others.add(name);
                    }
                }
            }
            assertThat(told).as("-Djpuffs.seed=" + SEED).doesNotHaveDuplicates().containsAll(stay);
        }
    }

    @Test
    void removingWhileReadingEmptiesTheDirectory() throws IOException {
        Node d = t.directory("d");
        for (int i = 0; i < 10_000; i++) {
            t.file(d, "f" + i);
        }
        long cookie = 0;
        for (var names = new ArrayList<String>(); ; names.clear()) {
            cookie = page(d, cookie, 100, names);
            if (names.isEmpty()) {
                break;
            }
            for (String name : names) {
                d.unlink(name(name));
            }
        }
        t.root.rmdir(name("d"));
    }

    @Test
    void readingTheFirstAgainAndAgainIsNoTrouble() throws IOException {
        Node d = t.directory("d");
        for (int i = 0; i < MANY / 4; i++) {
            t.file(d, "f" + i).reclaim(1);
        }
        var names = new ArrayList<String>();
        for (int i = 0; i < MANY / 4; i++) {
            names.clear();
            page(d, 0, 1, names);
            d.unlink(name(names.getFirst()));
        }
        assertThat(Fixture.list(d)).isEmpty();
    }

    @Test
    void twoHundredThousandEntries() throws IOException {
        Node d = t.directory("d");
        for (int i = 0; i < MANY; i++) {
            t.file(d, "file" + i).reclaim(1);
        }
        assertThat(t.usedInodes()).isEqualTo(MANY + 2);
        var names = new ArrayList<String>();
        for (long cookie = 0, before = -1; before != cookie; ) {
            before = cookie;
            cookie = page(d, cookie, 1000, names);
        }
        assertThat(names)
                .isEqualTo(IntStream.range(0, MANY).mapToObj(i -> "file" + i).toList());
        for (int i = MANY - 1; i >= 0; i -= 2) {
            d.unlink(name("file" + i));
        }
        assertThat(d.lookup(name("file1"))).isNull();
        assertThat(d.lookup(name("file2"))).isNotNull();
        for (int i = 0; i < MANY; i += 2) {
            d.unlink(name("file" + i));
        }
        t.root.rmdir(name("d"));
    }

    @Test
    void theIndexAgreesWithAMap() {
        var random = new Random(SEED);
        var entries = new Entries();
        Map<String, Inode> model = new HashMap<>();
        Inode[] inodes = {(Inode) t.root, (Inode) t.root};
        for (int step = 0; step < 100_000; step++) {
            String name = "n" + random.nextInt(step / 20_000 % 2 == 0 ? 3000 : 30);
            if (model.containsKey(name)) {
                assertThat(entries.get(name(name))).isNotNull();
                entries.remove(name(name));
                model.remove(name);
            } else {
                assertThat(entries.get(name(name))).isNull();
                entries.add(name(name), inodes[step & 1]);
                model.put(name, inodes[step & 1]);
            }
            assertThat(entries.size()).as("-Djpuffs.seed=" + SEED).isEqualTo(model.size());
        }
        var listed = new HashSet<String>();
        entries.list(0, (name, ino, mode, cookie) -> listed.add(name.toString()));
        assertThat(listed).isEqualTo(model.keySet());
    }
}
