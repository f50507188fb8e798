// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.rumpfs.cd9660.IsoMaker.entry;
import static jpuffs.rumpfs.cd9660.IsoMaker.er;
import static jpuffs.rumpfs.cd9660.IsoMaker.join;
import static jpuffs.rumpfs.cd9660.IsoMaker.name;
import static jpuffs.rumpfs.cd9660.IsoMaker.numbers;
import static jpuffs.rumpfs.cd9660.IsoMaker.sp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.Dev;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.Time;
import jpuffs.rumpfs.FsIdentity;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the standards allow and the usual programs do not write; and damage.
@Timeout(60)
class FormatTest {
    private static final byte[] TEXT = "some text".getBytes(UTF_8);

    private final IsoMaker maker = IsoMaker.posix();

    private static Node root(BlockDevice disc, String options) throws Exception {
        return Kit.mount(disc, options).root();
    }

    private static Node root(BlockDevice disc) throws Exception {
        return root(disc, "");
    }

    private static byte[] posix(int mode, long nlink) {
        return numbers("PX", mode, nlink, 7, 8);
    }

    private static void fails(String message, ThrowingCallable call) {
        assertThatThrownBy(call).hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048})
    void logicalBlocks(int size) throws Exception {
        var disc = new IsoMaker(size);
        byte[] other = disc.file("B.TXT;1", "x".repeat(700).getBytes(UTF_8));
        Node root = root(disc.disc(disc.file("A.;1", TEXT), other));
        assertThat(Kit.list(root)).containsOnlyKeys("a", "b.txt");
        assertThat(Kit.content(Kit.find(root, "a"))).isEqualTo(TEXT);
        assertThat(Kit.content(Kit.find(root, "b.txt"))).hasSize(700);
        assertThat(Kit.find(root, "a").getattr().mode()).isEqualTo(Mode.S_IFREG | 0444);
        assertThat(root.getattr().mode()).isEqualTo(Mode.S_IFDIR | 0555);
    }

    @Test
    void blocksOfOtherSizesAreRefused() throws Exception {
        fails("EOPNOTSUPP: logical blocks of 4096", () -> root(new IsoMaker(4096).disc(0, 2048)));
        fails("EUCLEAN: logical blocks of 77", () -> root(new IsoMaker(77).disc(0, 2048)));
    }

    @Test
    void whatItSaysOfItself() throws Exception {
        FsIdentity identity = new Cd9660Type().probe(maker.disc());
        assertThat(identity).isNotNull();
        assertThat(identity.label()).isEqualTo("BY HAND");
        assertThat(identity.features()).containsExactly("rockridge");
        assertThat(identity.bytes()).isEqualTo(1 << 20);
    }

    @Test
    void theNewestVersionCounts() throws Exception {
        Node root = root(maker.disc(maker.file("A.B;2", TEXT), maker.file("A.B;1", new byte[1])), "map=off,norock");
        assertThat(Kit.list(root)).containsOnlyKeys("A.B;2", "A.B;1");
        var disc = new IsoMaker(2048);
        root = root(disc.disc(disc.file("A.B", TEXT), disc.file("A.B;1", new byte[1]), disc.file("A.B;3", TEXT)));
        assertThat(Kit.list(root)).containsOnlyKeys("a.b", "a.b.3");
        assertThat(Kit.content(Kit.find(root, "a.b"))).isEqualTo(TEXT);
    }

    @Test
    void timesOfTheLongForm() throws Exception {
        byte[] made = join("2001020304050607".getBytes(UTF_8), new byte[] {0});
        byte[] changed = join("2001020304050699".getBytes(UTF_8), new byte[] {-4});
        byte[] times = join(new byte[] {'T', 'F', 5 + 34, 1, (byte) 0x83}, made, changed);
        Attr attr =
                Kit.find(root(maker.disc(maker.file("A", TEXT, times))), "a").getattr();
        assertThat(attr.btime())
                .isEqualTo(new Time(Instant.parse("2001-02-03T04:05:06Z").getEpochSecond(), 70_000_000));
        assertThat(attr.mtime())
                .isEqualTo(new Time(Instant.parse("2001-02-03T05:05:06Z").getEpochSecond(), 990_000_000));
        assertThat(attr.atime()).isEqualTo(attr.mtime());
        assertThat(attr.ctime()).isEqualTo(attr.btime());
    }

    @Test
    void timesOfTheShortForm() throws Exception {
        Attr attr = Kit.find(root(maker.disc(maker.file("A", TEXT))), "a").getattr();
        assertThat(attr.mtime().toInstant()).isEqualTo(Instant.parse("2000-02-29T11:34:56Z"));
        assertThat(IsoTime.ofShort(MemorySegment.ofArray(new byte[7]), 0)).isEqualTo(Time.EPOCH);
        assertThat(IsoTime.ofLong(MemorySegment.ofArray(new byte[17]), 0)).isEqualTo(Time.EPOCH);
    }

    @Test
    void entriesOfOtherExtensionsAreLeftOut() throws Exception {
        maker.rootSystemUse = join(sp(0), entry("ER", 1, 1, 0, 0, 1, 'X'), er());
        byte[] ours = entry("ES", 1, 1);
        byte[] others = entry("ES", 1, 0);
        Node root = root(maker.disc(
                maker.file("A", TEXT, others, name("no"), ours, name("yes"), others, name("no"), ours, name("!")),
                maker.file("B", TEXT, ours, name("end"), entry("ST", 1), name("no"))));
        assertThat(Kit.list(root)).containsOnlyKeys("yes!", "end");
    }

    @Test
    void areasThatBeginLater() throws Exception {
        maker.rootSystemUse = join(new byte[14], sp(14), er());
        Node root = root(maker.disc(maker.file("A", TEXT, new byte[14], name("with XA"))));
        assertThat(Kit.list(root)).containsOnlyKeys("with XA");
    }

    @Test
    void continuations() throws Exception {
        int more = maker.data(name("b"));
        int first = maker.data(join(name("a"), numbers("CE", more, 0, 6), name("+")));
        byte[] rec = maker.file("A", TEXT, numbers("CE", first, 0, 6 + 28 + 6), name("1"));
        Node root = root(maker.disc(rec));
        assertThat(Kit.list(root)).containsOnlyKeys("1a+b");
    }

    @Test
    void continuationsThatMakeACircle() throws Exception {
        int block = maker.reserve(100);
        maker.put(block, join(name("a"), numbers("CE", block, 0, 34)));
        fails(
                "EUCLEAN: continuations",
                () -> Kit.list(root(maker.disc(maker.file("A", TEXT, numbers("CE", block, 0, 34))))));
        byte[] outside = maker.file("A", TEXT, numbers("CE", 0xffff_ffffL, 0, 34));
        fails("beyond the end", () -> Kit.list(root(maker.disc(outside))));
        byte[] huge = maker.file("A", TEXT, numbers("CE", block, 0, 0xffff_ffffL));
        fails("EUCLEAN: a continuation", () -> Kit.list(root(maker.disc(huge))));
    }

    @Test
    void names() throws Exception {
        Node root = root(maker.disc(
                maker.file("A.;1", TEXT, name("a/b")),
                maker.file("B.;1", TEXT, name("..")),
                maker.file("C.;1", TEXT, name("nul\0")),
                maker.file("D.;1", TEXT, name("z".repeat(150)), name("")),
                maker.file("E.;1", TEXT, entry("NM", 1, 2)),
                maker.file("F/G;1", TEXT)));
        assertThat(Kit.list(root)).containsOnlyKeys("a", "b", "c", "z".repeat(150), "e", "f.g");
    }

    @Test
    void namesOfJoliet() {
        assertThat(Names.joliet("Grüße;1".getBytes(UTF_16BE), 1)).isEqualTo(Name.of("Grüße"));
        assertThat(Names.joliet("a/b".getBytes(UTF_16BE), 1)).isEqualTo(Name.of("a_b"));
        assertThat(Names.joliet("\ud83d\ude00".getBytes(UTF_16BE), 1)).isEqualTo(Name.of("\ud83d\ude00"));
        Name cut = Names.joliet("日".repeat(100).getBytes(UTF_16BE), 0xabc);
        assertThat(cut).isEqualTo(Name.of("日".repeat(83) + "~abc"));
        assertThat(Names.joliet(new byte[0], 1)).isNull();
    }

    @Test
    void devicesInBothForms() throws Exception {
        Node root = root(maker.disc(
                maker.rec("A", 0, 0, 0, posix(Mode.S_IFBLK | 0600, 1), numbers("PN", 8, 300)),
                maker.rec("B", 0, 0, 0, posix(Mode.S_IFCHR | 0600, 1), numbers("PN", 0, Dev.make(300, 70_000)))));
        assertThat(Kit.find(root, "a").getattr().rdev()).isEqualTo(Dev.make(8, 300));
        assertThat(Kit.find(root, "b").getattr().rdev()).isEqualTo(Dev.make(300, 70_000));
    }

    @Test
    void optionsForOwnersAndModes() throws Exception {
        BlockDevice disc = maker.disc(maker.file("A", TEXT, posix(Mode.S_IFREG | 0640, 1)), maker.file("B", TEXT));
        Node root = root(disc, "uid=5,gid=6,mode=400,dmode=0711");
        assertThat(Kit.find(root, "a").getattr())
                .extracting(Attr::uid, Attr::gid, Attr::mode)
                .containsExactly(5, 6, Mode.S_IFREG | 0640);
        assertThat(Kit.find(root, "b").getattr().mode()).isEqualTo(Mode.S_IFREG | 0400);
        assertThat(root.getattr().mode()).isEqualTo(Mode.S_IFDIR | 0711);
        assertThat(Kit.find(root(disc), "a").getattr().uid()).isEqualTo(7);
        Node all = root(disc, "mode=0404,overriderockperm");
        assertThat(Kit.find(all, "a").getattr().mode()).isEqualTo(Mode.S_IFREG | 0404);
        fails("option mode=rw", () -> root(disc, "mode=rw"));
        fails("option map=acorn", () -> root(disc, "map=acorn"));
        fails("option colour", () -> root(disc, "colour=red"));
    }

    @Test
    void sectionsOfAFile() throws Exception {
        int first = maker.data("a".repeat(3000).getBytes(UTF_8));
        int second = maker.data("b".repeat(2048).getBytes(UTF_8));
        int third = maker.data("c".getBytes(UTF_8));
        Node root = root(maker.disc(
                maker.rec("A", DirRec.MORE, first, 3000),
                maker.rec("A", DirRec.MORE, second, 2048),
                maker.rec("A", DirRec.MORE, 0, 0),
                maker.rec("A", 0, third, 1),
                maker.file("B", TEXT)));
        assertThat(Kit.list(root)).containsOnlyKeys("a", "b");
        assertThat(Kit.content(Kit.find(root, "a"))).asString().isEqualTo("a".repeat(3000) + "b".repeat(2048) + "c");
        var part = MemorySegment.ofArray(new byte[4]);
        assertThat(Kit.find(root, "a").read(part, 5046)).isEqualTo(3);
    }

    /// The attribute record before the data is not data.
    @Test
    void attributeRecords() throws Exception {
        int block = maker.data(join(new byte[2048], TEXT));
        byte[] rec = maker.rec("A", 0, block, TEXT.length);
        rec[1] = 1;
        assertThat(Kit.content(Kit.find(root(maker.disc(rec)), "a"))).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @CsvSource({"26, an interleaved file", "27, an interleaved file"})
    void interleavedFiles(int at, String message) throws Exception {
        byte[] rec = maker.file("A", TEXT);
        rec[at] = 1;
        Node file = Kit.find(root(maker.disc(rec)), "a");
        fails("EOPNOTSUPP: " + message, () -> file.open(0));
        fails("EOPNOTSUPP: " + message, () -> Kit.content(file));
    }

    @Test
    void sparseFiles() throws Exception {
        byte[] rec = maker.file("A", TEXT, join(numbers("SF", 0, 1 << 20), new byte[0]));
        Node file = Kit.find(root(maker.disc(rec)), "a");
        fails("EOPNOTSUPP: a sparse file", () -> file.open(0));
    }

    @Test
    void associatedFilesAreNotShown() throws Exception {
        Node root = root(maker.disc(maker.rec("A", DirRec.ASSOCIATED, 0, 0), maker.file("A", TEXT)));
        assertThat(Kit.list(root)).containsOnlyKeys("a");
        assertThat(Kit.content(Kit.find(root, "a"))).isEqualTo(TEXT);
    }

    @Test
    void hardLinksAreOneFile() throws Exception {
        byte[] two = posix(Mode.S_IFREG | 0644, 2);
        int block = maker.data(TEXT);
        int other = maker.data(TEXT);
        Node root = root(maker.disc(
                maker.rec("A", 0, block, TEXT.length, two),
                maker.rec("B", 0, block, TEXT.length, two),
                maker.rec("C", 0, other, TEXT.length, two),
                maker.rec("D", 0, block, TEXT.length, posix(Mode.S_IFREG | 0644, 1))));
        assertThat(Kit.find(root, "a")).isEqualTo(Kit.find(root, "b"));
        assertThat(Kit.find(root, "a")).isNotEqualTo(Kit.find(root, "c")).isNotEqualTo(Kit.find(root, "d"));
    }

    @Test
    void directoriesThatLieInThemselves() throws Exception {
        int length = 2048;
        int root = maker.reserveSectors(length);
        int sub = maker.reserveSectors(length);
        maker.directory(
                sub,
                length,
                new byte[0],
                maker.rec("UP", DirRec.DIRECTORY, root, length),
                maker.rec("SELF", DirRec.DIRECTORY, sub, length),
                maker.rec("LINK", 0, 0, 0, numbers("CL", sub)));
        maker.directory(
                root,
                length,
                maker.rootSystemUse,
                maker.rec("SUB", DirRec.DIRECTORY, sub, length),
                maker.rec("TWICE", DirRec.DIRECTORY, sub, length));
        Node top = root(maker.disc(root, length));
        Node node = Kit.find(top, "sub");
        assertThat(Kit.list(node)).hasSize(3);
        fails("lies in itself", () -> Kit.lookup(node, "self"));
        fails("lies in itself", () -> Kit.lookup(node, "link"));
        fails("EUCLEAN: the directory", () -> Kit.lookup(node, "up"));
        assertThat(Kit.lookup(top, "twice")).isEqualTo(node);
    }

    @Test
    void aDirectoryInTwoPlaces() throws Exception {
        int length = 2048;
        int[] block = {0, maker.reserveSectors(length), maker.reserveSectors(length)};
        maker.directory(block[1], length, new byte[0], maker.rec("THERE", DirRec.DIRECTORY, block[2], length));
        maker.directory(block[2], length, new byte[0], maker.file("X", TEXT));
        Node root = root(maker.disc(
                maker.rec("ONE", DirRec.DIRECTORY, block[1], length),
                maker.rec("MOVED", 0, 0, 0, numbers("CL", block[2]))));
        assertThat(Kit.content(Kit.find(root, "moved/x"))).isEqualTo(TEXT);
        fails("lies in two others", () -> Kit.lookup(Kit.find(root, "one"), "there"));
    }

    @Test
    void absurdLengths() throws Exception {
        fails("EUCLEAN", () -> root(new IsoMaker(2048).disc(1 << 20, 2048)));
        fails("EUCLEAN", () -> root(new IsoMaker(2048).disc(16, 0xffff_ffffL)));
        Node root = root(
                maker.disc(maker.rec("D", DirRec.DIRECTORY, 20, 0xffff_f800L), maker.rec("F", 0, 500, 0xffff_ffffL)));
        fails("EUCLEAN", () -> Kit.list(Kit.find(root, "d")));
        Node file = Kit.find(root, "f");
        assertThat(file.getattr().size()).isEqualTo(0xffff_ffffL);
        assertThat(file.read(MemorySegment.ofArray(new byte[10]), 0)).isEqualTo(10);
        fails("EUCLEAN", () -> file.read(MemorySegment.ofArray(new byte[10]), 1 << 30));
    }

    @Test
    void symbolicLinks() throws Exception {
        byte[] link = posix(Mode.S_IFLNK | 0777, 1);
        byte[] part = new byte[242];
        Arrays.fill(part, (byte) 'x');
        int[] component = new int[1 + 2 + part.length];
        component[2] = part.length;
        Arrays.fill(component, 3, component.length, 'x');
        byte[] piece = entry("SL", 1, component);
        var pieces = new byte[17][];
        Arrays.fill(pieces, piece);
        byte[] all = join(pieces);
        int more = maker.data(all);
        Node root = root(maker.disc(
                maker.rec("A", 0, 0, 0, link, entry("SL", 1, 0, 8, 0, 4, 0, 2, 0, 1, 1, 'a', 0, 1, 'b')),
                maker.rec("B", 0, 0, 0, link),
                maker.rec("C", 0, 0, 0, link, entry("SL", 1, 0, 0, 9, 'x')),
                maker.rec("D", 0, 0, 0, link, numbers("CE", more, 0, 16L * piece.length)),
                maker.rec("E", 0, 0, 0, link, numbers("CE", more, 0, all.length))));
        assertThat(new String(Kit.find(root, "a").readlink(), UTF_8)).isEqualTo("/.././ab");
        assertThat(Kit.find(root, "d").readlink()).hasSize(16 * 242 + 15);
        for (String damaged : List.of("b", "c", "e")) {
            fails("EUCLEAN: the symbolic link", () -> Kit.find(root, damaged).readlink());
        }
    }

    @Test
    void compressedFilesThatAreNone() throws Exception {
        byte[] pz = entry("ZF", 1, 'p', 'z', 4, 15, 0, 0, 1, 0, 0, 1, 0, 0);
        byte[] xz = entry("ZF", 2, 'X', 'Z', 6, 15, 0, 0, 1, 0, 0, 0, 0, 0);
        byte[] shift = entry("ZF", 1, 'p', 'z', 4, 40, 0, 0, 1, 0, 0, 1, 0, 0);
        byte[] huge = entry("Z2", 2, 'P', 'Z', 6, 15, 255, 255, 255, 255, 255, 255, 255, 127);
        Node root = root(maker.disc(
                maker.file("A", new byte[100], pz),
                maker.file("B", TEXT, xz),
                maker.file("C", TEXT, shift),
                maker.file("D", new byte[5000], huge)));
        fails(
                "EUCLEAN: a compressed file without its header",
                () -> Kit.find(root, "a").read(MemorySegment.ofArray(new byte[9]), 0));
        fails(
                "EOPNOTSUPP: zisofs 2 with algorithm XZ",
                () -> Kit.find(root, "b").open(0));
        fails("EUCLEAN: zisofs with blocks of 2^40", () -> Kit.find(root, "c").open(0));
        fails(
                "EUCLEAN: a compressed file of 5000 bytes is too short",
                () -> Kit.find(root, "d").read(MemorySegment.ofArray(new byte[9]), 0));
    }
}
