// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOSYS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.DirSink;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// READDIR and READDIRPLUS.
class ReaddirTest extends SessionFixture {
    /// An entry of a reply; the node id is 0 without a look-up.
    record Dirent(long nodeid, long ino, long off, int type, String name) {}

    static List<Dirent> entries(Reply reply, boolean plus) {
        ByteBuffer b = reply.ok().buffer();
        var entries = new ArrayList<Dirent>();
        int at = 0;
        while (at < b.capacity()) {
            long nodeid = plus ? b.getLong(at) : 0;
            int dirent = plus ? at + Wire.EntryOut.SIZE : at;
            int length = b.getInt(dirent + 16);
            var name = new byte[length];
            b.get(dirent + Wire.Dirent.SIZE, name);
            String text = new String(name, StandardCharsets.UTF_8);
            entries.add(new Dirent(nodeid, b.getLong(dirent), b.getLong(dirent + 8), b.getInt(dirent + 20), text));
            at = dirent + Wire.Dirent.padded(length);
        }
        assertThat(at).isEqualTo(b.capacity());
        return entries;
    }

    private List<Dirent> page(boolean plus, long fh, long off, int size) {
        Reply reply = kernel.readdir(plus, ROOT, fh, off, size);
        assertThat(reply.bytes().length).isLessThanOrEqualTo(size);
        return entries(reply, plus);
    }

    private List<String> names(boolean plus, long fh, int size) {
        var names = new ArrayList<String>();
        long off = 0;
        List<Dirent> page = page(plus, fh, off, size);
        while (!page.isEmpty()) {
            page.forEach(entry -> names.add(entry.name));
            forgetAll(page);
            off = page.getLast().off;
            page = page(plus, fh, off, size);
        }
        return names;
    }

    private void forgetAll(List<Dirent> page) {
        page.stream().filter(entry -> entry.nodeid != 0).forEach(entry -> kernel.forget(entry.nodeid, 1));
    }

    private List<String> makeFiles(int count) {
        var names = new ArrayList<>(List.of(".", ".."));
        for (int i = 0; i < count; i++) {
            String name = "x".repeat(i % 40) + i;
            fs.root.addFile(name, "");
            names.add(name);
        }
        return names;
    }

    @Test
    void withoutOpening() throws IOException {
        List<String> expected = makeFiles(100);
        fs.listsUnopened = true;
        start();
        kernel.call(Opcode.OPENDIR, ROOT, DirectKernel.body().u64(0)).fails(ENOSYS);
        assertThat(names(true, 0, 1000)).isEqualTo(expected);
        kernel.call(Opcode.FSYNCDIR, ROOT, DirectKernel.body().zeros(16)).ok();
        assertThat(session.files.size()).isZero();
        long file = kernel.find(ROOT, expected.getLast());
        kernel.read(file, 0, 0, 10).fails(EBADF);
        kernel.forget(file, 1);
    }

    @ParameterizedTest
    @CsvSource({"false,88", "false,200", "false,4096", "false,65536", "true,256", "true,1000", "true,65536"})
    void everyEntryIsToldOnceWhateverTheRoom(boolean plus, int size) throws IOException {
        List<String> expected = makeFiles(100);
        start();
        assertThat(names(plus, kernel.opendir(ROOT), size)).isEqualTo(expected);
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    @Test
    void noRoomForOneEntryIsAnEmptyPage() throws IOException {
        makeFiles(1);
        start();
        long fh = kernel.opendir(ROOT);
        assertThat(page(false, fh, 0, 31)).isEmpty();
        assertThat(page(false, fh, 0, 0)).isEmpty();
        assertThat(page(true, fh, 2, 159)).isEmpty();
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    @Test
    void offsetsResumeAnywhere() throws IOException {
        List<String> expected = makeFiles(10);
        start();
        long fh = kernel.opendir(ROOT);
        List<Dirent> all = page(false, fh, 0, 4096);
        for (int i = 0; i < all.size(); i++) {
            List<String> rest = page(false, fh, all.get(i).off, 4096).stream()
                    .map(Dirent::name)
                    .toList();
            assertThat(rest).isEqualTo(expected.subList(i + 1, expected.size()));
        }
    }

    @Test
    void entriesThatGoOrComeMeanwhileDisturbNoOthers() throws IOException {
        List<String> expected = makeFiles(9);
        start();
        long fh = kernel.opendir(ROOT);
        List<Dirent> first = page(false, fh, 0, 5 * 32);
        assertThat(first).hasSize(5);
        fs.root.unlink(Name.of(first.getLast().name)); // the one the cookie came with
        fs.root.unlink(Name.of(expected.get(6)));
        fs.root.addFile("late", "");
        List<String> rest = page(false, fh, first.getLast().off, 4096).stream()
                .map(Dirent::name)
                .toList();
        assertThat(rest)
                .startsWith(expected.get(5))
                .doesNotContain(expected.get(4), expected.get(6))
                .containsAll(expected.subList(7, expected.size()));
    }

    @Test
    void theDotsHaveTheNumbersThatStatTells() throws IOException {
        MemNode directory = fs.root.addDirectory("d");
        start();
        long id = kernel.find(ROOT, "d");
        List<Dirent> entries = entries(kernel.readdir(true, id, kernel.opendir(id), 0, 4096), true);
        assertThat(entries)
                .containsExactly(
                        new Dirent(0, directory.ino, 1, Mode.S_IFDIR >> 12, "."),
                        new Dirent(0, fs.root.ino, 2, Mode.S_IFDIR >> 12, ".."));
        List<Dirent> root = page(false, kernel.opendir(ROOT), 0, 64);
        assertThat(root).extracting(Dirent::ino).containsExactly(fs.root.ino, fs.root.ino);
    }

    @Test
    void plusCountsALookupOfEachEntryButTheDots() throws IOException {
        makeFiles(3);
        start();
        List<Dirent> page = page(true, kernel.opendir(ROOT), 0, 4096);
        assertThat(page).extracting(entry -> entry.nodeid != 0).containsExactly(false, false, true, true, true);
        assertThat(session.nodes.size()).isEqualTo(4);
        forgetAll(page);
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    @Test
    void plusShowsAnEntryWhoseLookupFailsWithoutAttributes() throws IOException {
        makeFiles(3);
        start();
        fs.before = name -> {
            if (name.equals("lookup") && fs.calls("lookup") == 1) {
                throw EIO.error();
            }
        };
        List<Dirent> page = page(true, kernel.opendir(ROOT), 2, 4096);
        assertThat(page).extracting(entry -> entry.nodeid != 0).containsExactly(true, false, false);
        fs.before = _ -> {};
        page = page(true, kernel.opendir(ROOT), 2, 4096);
        assertThat(page).extracting(entry -> entry.nodeid != 0).containsExactly(true, true, true);
    }

    @Test
    void argumentsAreChecked() throws IOException {
        start();
        long fh = kernel.opendir(ROOT);
        kernel.readdir(false, ROOT, fh, -1, 4096).fails(EINVAL);
        kernel.readdir(false, ROOT, fh, 0, -1).fails(EINVAL);
        kernel.readdir(false, ROOT, fh, 0, 1 + (1 << 20)).fails(EINVAL);
        kernel.readdir(false, ROOT, fh + 1, 0, 4096).fails(EBADF);
        assertThat(page(false, fh, Long.MAX_VALUE, 4096)).isEmpty();
    }

    // Directories that misbehave

    /// A directory with files, as far as names go.
    private abstract static class Odd implements Node {
        long reclaimed;
        long answered;

        @Override
        public Attr getattr() {
            return Attr.directory(0755);
        }

        @Override
        public @Nullable Node lookup(Name name) throws IOException {
            var node = new Node() {
                @Override
                public Attr getattr() {
                    return Attr.file(0644, 0);
                }

                @Override
                public void reclaim(long answers) {
                    reclaimed += answers;
                }
            };
            answered++;
            return node;
        }

        void end(Session session) {
            session.close();
            assertThat(reclaimed).isEqualTo(answered);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDirectoryThatGoesOnAfterNoCannotSkipEntries(boolean plus) throws IOException {
        var root = new Odd() {
            @Override
            public void readdir(long cookie, DirSink sink) {
                if (cookie < 1) {
                    sink.add(Name.of("x".repeat(200)), 0, 0, 1);
                }
                sink.add(Name.of("small"), 0, 0, 2);
            }
        };
        start(FileSystem.of(root), MountOptions.defaults());
        long fh = kernel.opendir(ROOT);
        int room = plus ? 300 : 150;
        assertThat(page(plus, fh, 2, room)).isEmpty();
        assertThat(page(plus, fh, 3, room)).hasSize(1);
        root.end(session);
    }

    @Test
    void whatComesAfterTheEndIsNotTaken() throws IOException {
        var root = new Odd() {
            private @Nullable DirSink kept;

            @Override
            public void readdir(long cookie, DirSink sink) {
                if (kept != null) {
                    assertThat(kept.add(Name.of("late"), 0, 0, 1)).isFalse();
                }
                kept = sink;
            }
        };
        start(FileSystem.of(root), MountOptions.defaults());
        long fh = kernel.opendir(ROOT);
        assertThat(page(false, fh, 2, 4096)).isEmpty();
        assertThat(page(false, fh, 2, 4096)).isEmpty();
    }

    static List<Name> impossibleNames() {
        return List.of(Name.of(""), Name.of("a/b"), Name.of("a\0b"), Name.of("x".repeat(256)));
    }

    @ParameterizedTest
    @MethodSource("impossibleNames")
    void impossibleNamesAreRefused(Name name) throws IOException {
        refused((_, sink) -> {
            sink.add(Name.of("good"), 0, 0, 1);
            sink.add(name, 0, 0, 2);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void impossibleCookiesAreRefused(long cookie) throws IOException {
        refused((_, sink) -> sink.add(Name.of("good"), 0, 0, cookie));
    }

    @Test
    void aDirectoryThatFailsHalfwayLeavesNoLookups() throws IOException {
        refused((_, sink) -> {
            sink.add(Name.of("good"), 0, 0, 1);
            throw new IllegalStateException("on purpose");
        });
    }

    private interface Reading {
        void readdir(long cookie, DirSink sink) throws IOException;
    }

    private void refused(Reading reading) throws IOException {
        var root = new Odd() {
            @Override
            public void readdir(long cookie, DirSink sink) throws IOException {
                reading.readdir(cookie, sink);
            }
        };
        start(FileSystem.of(root), MountOptions.defaults());
        kernel.readdir(true, ROOT, kernel.opendir(ROOT), 0, 4096).fails(EIO);
        assertThat(session.nodes.size()).isEqualTo(1);
        root.end(session);
    }

    @Test
    void lookupsThatFailInAnyWayLeaveTheEntry() throws IOException {
        var root = new Odd() {
            @Override
            public @Nullable Node lookup(Name name) throws IOException {
                return switch (name.toString()) {
                    case "gone" -> null;
                    case "eio" -> throw EIO.error();
                    case "bug" -> throw new IllegalStateException("on purpose");
                    case "overflow" -> throw new StackOverflowError("on purpose");
                    case "root" -> this;
                    default -> super.lookup(name);
                };
            }

            @Override
            public void readdir(long cookie, DirSink sink) {
                long next = 1;
                for (String name : List.of("gone", "eio", "bug", "overflow", "root", "good")) {
                    sink.add(Name.of(name), 0, Mode.S_IFREG, next++);
                }
            }
        };
        start(FileSystem.of(root), MountOptions.defaults());
        List<Dirent> page = page(true, kernel.opendir(ROOT), 2, 4096);
        assertThat(page).extracting(Dirent::name).containsExactly("gone", "eio", "bug", "overflow", "root", "good");
        assertThat(page)
                .extracting(entry -> entry.nodeid != 0)
                .containsExactly(false, false, false, false, false, true);
        root.end(session);
    }
}
