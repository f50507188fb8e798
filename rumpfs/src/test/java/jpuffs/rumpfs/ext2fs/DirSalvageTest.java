// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Blocks of entries of which only some sectors were written: a good chain comes out, with all entries that were
/// there before and after.
@Timeout(60)
class DirSalvageTest {
    private static final int SECTOR = 512;
    private static final int TYPE = 1;
    private static final int DIRECTORY = 2;

    private final SplittableRandom random = new SplittableRandom(Seeds.of("DirSalvageTest"));

    @Test
    void keepsWhatWasThereBeforeAndAfter() throws Exception {
        for (int i = 0; i < 3000; i++) {
            int size = 1024 << random.nextInt(3);
            MemorySegment before = newBlock(size);
            change(before, random.nextInt(60));
            MemorySegment after = copy(before);
            change(after, 1 + random.nextInt(20));
            check(before, after);
        }
    }

    private void check(MemorySegment before, MemorySegment after) throws ErrnoException {
        int size = (int) before.byteSize();
        MemorySegment torn = copy(before);
        for (int at = 0; at < size; at += SECTOR) {
            if (random.nextBoolean()) {
                MemorySegment.copy(after, at, torn, at, SECTOR);
            }
        }
        Map<Name, Long> expected = entries(before);
        expected.entrySet().retainAll(entries(after).entrySet());
        if (!DirBlock.isGood(torn, 0, size)) {
            new DirSalvage(torn, (ino, type) -> ino < 1_000_000 && (type == TYPE || type == DIRECTORY)).mend();
        }
        assertThat(DirBlock.isGood(torn, 0, size)).isTrue();
        assertThat(entries(torn)).containsAllEntriesOf(expected);
    }

    private static MemorySegment copy(MemorySegment block) {
        return MemorySegment.ofArray(new byte[(int) block.byteSize()]).copyFrom(block);
    }

    private static MemorySegment newBlock(int size) {
        MemorySegment block = MemorySegment.ofArray(new byte[size]);
        DirBlock.set(block, 0, 12, new DirEntry(Name.DOT, 5, DIRECTORY));
        DirBlock.set(block, 12, size - 12, new DirEntry(Name.DOT_DOT, 2, DIRECTORY));
        return block;
    }

    /// Adds and removes entries; a name has the number of its file in it.
    private void change(MemorySegment block, int operations) throws ErrnoException {
        for (int i = 0; i < operations; i++) {
            List<Name> names = new ArrayList<>(entries(block).keySet());
            if (names.size() > 2 && random.nextInt(3) == 0) {
                Name name = names.get(2 + random.nextInt(names.size() - 2));
                if (!name.isDot() && !name.isDotDot()) {
                    DirBlock.remove(block, DirBlock.find(block, (int) block.byteSize(), name));
                }
            } else {
                int ino = 10 + random.nextInt(900_000);
                Name name = Name.of("f" + ino + "y".repeat(random.nextInt(40)));
                DirBlock.add(block, (int) block.byteSize(), new DirEntry(name, ino, TYPE));
            }
        }
    }

    private static Map<Name, Long> entries(MemorySegment block) throws ErrnoException {
        var entries = new HashMap<Name, Long>();
        for (int at = 0; at < block.byteSize(); at = DirBlock.next(block, at)) {
            if (DirBlock.inode(block, at) != 0) {
                entries.put(DirBlock.name(block, at), DirBlock.inode(block, at));
            }
        }
        return entries;
    }

    @Test
    void putsDotsBack() throws Exception {
        MemorySegment block = newBlock(1024);
        DirBlock.add(block, 1024, new DirEntry(Name.of("kept"), 20, TYPE));
        block.asSlice(0, 16).fill((byte) 0);
        var salvage = new DirSalvage(block, (ino, type) -> ino == 20 && type == TYPE);
        salvage.mend();
        assertThat(salvage.hasDots()).isFalse();
        salvage.putDots(5, 2, DIRECTORY);
        assertThat(salvage.hasDots()).isTrue();
        assertThat(entries(block))
                .containsOnly(Map.entry(Name.DOT, 5L), Map.entry(Name.DOT_DOT, 2L), Map.entry(Name.of("kept"), 20L));
    }

    @Test
    void nothingOfUseIsAnEmptyBlock() throws Exception {
        var bytes = new byte[4096];
        random.nextBytes(bytes);
        MemorySegment block = MemorySegment.ofArray(bytes);
        new DirSalvage(block, (ino, type) -> false).mend();
        assertThat(DirBlock.isGood(block, 0, 4096)).isTrue();
    }
}
