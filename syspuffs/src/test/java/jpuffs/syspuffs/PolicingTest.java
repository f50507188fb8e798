// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.syspuffs.Errors.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.puffs.Opcode;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// Answers that cannot be: EPROTO for the caller, reported, and everything else goes on. (NetBSD: puffs_senderr.)
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PolicingTest {
    private static final Name FILE = Name.of("f");

    interface Operation {
        void run(Node root) throws IOException;
    }

    private static DynamicTest eproto(
            String name, Opcode op, java.util.function.Function<BadServer.Request, byte[]> bad, Operation operation) {
        return DynamicTest.dynamicTest(name, () -> {
            int descriptors = Fd.openCount();
            try (var server = new BadServer();
                    var half = SysPuffs.attach(server.end())) {
                server.script = r -> r.is(op) ? List.of(bad.apply(r)) : null;
                assertErrno(Errno.EPROTO, () -> operation.run(half.root()));
                assertThat(half.misbehaviours()).isPositive();
                server.script = _ -> null;
                assertThat(half.root().getattr().isDirectory()).as("it goes on").isTrue();
            }
            assertThat(Fd.openCount()).as("descriptors").isEqualTo(descriptors);
        });
    }

    private static void read(Node root) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            root.lookup(FILE).open(0).read(arena.allocate(10), 0);
        }
    }

    private static void write(Node root) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            root.lookup(FILE).open(1).write(arena.allocate(10), 0);
        }
    }

    private static void list(Node root) throws IOException {
        root.open(0).readdir(0, (_, _, _, _) -> true);
    }

    @TestFactory
    Stream<DynamicTest> headers() {
        Operation getattr = Node::getattr;
        byte[] attr = BadServer.attrOut(Mode.S_IFDIR, 0);
        return Stream.of(
                eproto("positive errno", Opcode.GETATTR, r -> BadServer.message(r.unique(), 5, new byte[0]), getattr),
                eproto("unknown errno", Opcode.GETATTR, r -> r.error(4000), getattr),
                eproto("smallest errno", Opcode.GETATTR, r -> r.error(Integer.MIN_VALUE), getattr),
                eproto("error with a body", Opcode.GETATTR, r -> BadServer.message(r.unique(), -5, attr), getattr),
                eproto("body too long", Opcode.GETATTR, r -> r.ok(new byte[200]), getattr),
                eproto("body too short", Opcode.GETATTR, r -> r.ok(new byte[50]), getattr),
                eproto("no body", Opcode.GETATTR, r -> r.ok(new byte[0]), getattr),
                eproto("a body where none is", Opcode.UNLINK, r -> r.ok(new byte[1]), root -> root.unlink(FILE)),
                eproto("length is a lie", Opcode.GETATTR, r -> lie(r.ok(attr)), getattr));
    }

    private static byte[] lie(byte[] message) {
        BadServer.buffer(message).putInt(0, message.length + 8);
        return message;
    }

    @TestFactory
    Stream<DynamicTest> nodes() {
        Operation lookup = root -> root.lookup(FILE);
        return Stream.of(
                eproto("root's id", Opcode.LOOKUP, r -> r.ok(BadServer.entryOut(1, Mode.S_IFREG)), lookup),
                eproto("no type", Opcode.LOOKUP, r -> r.ok(BadServer.entryOut(9, 0644)), lookup),
                eproto("bad type", Opcode.LOOKUP, r -> r.ok(BadServer.entryOut(9, 0170000)), lookup),
                eproto(
                        "another type than asked for",
                        Opcode.MKDIR,
                        r -> r.ok(BadServer.entryOut(9, Mode.S_IFREG)),
                        root -> root.mkdir(FILE, 0755, Cred.ROOT)),
                eproto(
                        "the directory itself",
                        Opcode.LOOKUP,
                        r -> r.ok(BadServer.entryOut(3, Mode.S_IFDIR)),
                        root -> root.lookup(FILE).lookup(FILE)),
                eproto("negative size", Opcode.GETATTR, r -> r.ok(BadServer.attrOut(Mode.S_IFDIR, -1)), Node::getattr),
                eproto("changed type", Opcode.GETATTR, r -> r.ok(BadServer.attrOut(Mode.S_IFREG, 0)), Node::getattr),
                eproto(
                        "changed type in setattr",
                        Opcode.SETATTR,
                        r -> r.ok(BadServer.attrOut(Mode.S_IFIFO, 0)),
                        root -> root.setattr(SetAttr.none().withMode(0700))),
                eproto(
                        "no id for a new file",
                        Opcode.MKNOD,
                        r -> r.ok(BadServer.entryOut(0, Mode.S_IFREG)),
                        root -> root.mknod(FILE, Mode.S_IFREG, 0, Cred.ROOT)),
                eproto(
                        "used id for a new file",
                        Opcode.MKNOD,
                        r -> r.ok(BadServer.entryOut(BadServer.FILE, Mode.S_IFREG)),
                        root -> {
                            root.lookup(FILE);
                            root.mknod(Name.of("g"), Mode.S_IFREG, 0, Cred.ROOT);
                        }),
                eproto(
                        "used id of another type",
                        Opcode.MKDIR,
                        r -> r.ok(BadServer.entryOut(BadServer.FILE, Mode.S_IFDIR)),
                        root -> {
                            root.lookup(FILE);
                            root.mkdir(Name.of("g"), 0755, Cred.ROOT);
                        }),
                eproto(
                        "link of another file",
                        Opcode.LINK,
                        r -> r.ok(BadServer.entryOut(77, Mode.S_IFREG)),
                        root -> root.link(root.lookup(FILE), Name.of("g"))));
    }

    @TestFactory
    Stream<DynamicTest> data() {
        return Stream.of(
                eproto("more read than asked for", Opcode.READ, r -> r.ok(new byte[11]), PolicingTest::read),
                eproto(
                        "more written than sent",
                        Opcode.WRITE,
                        r -> r.ok(new byte[] {11, 0, 0, 0, 0, 0, 0, 0}),
                        PolicingTest::write),
                eproto("link of no bytes", Opcode.READLINK, r -> r.ok(new byte[0]), Node::readlink),
                eproto("link too long", Opcode.READLINK, r -> r.ok(new byte[4097]), Node::readlink),
                eproto("link with NUL", Opcode.READLINK, r -> r.ok(new byte[5]), Node::readlink),
                eproto("attribute too long", Opcode.GETXATTR, r -> r.ok(new byte[65_537]), root -> root.getxattr(FILE)),
                eproto("list without end", Opcode.LISTXATTR, r -> r.ok(new byte[] {'a'}), Node::listxattr),
                eproto(
                        "list with an empty name",
                        Opcode.LISTXATTR,
                        r -> r.ok(new byte[] {'a', 0, 0}),
                        Node::listxattr));
    }

    private static DynamicTest listing(String name, byte[] page) {
        return eproto(name, Opcode.READDIR, r -> r.ok(page), PolicingTest::list);
    }

    @TestFactory
    Stream<DynamicTest> listings() {
        return Stream.of(
                listing("cookie 0", BadServer.dirent("a", 0, 1)),
                listing("negative cookie", BadServer.dirent("a", -1, 1)),
                listing("empty name", BadServer.dirent("", 1, 0)),
                listing("name beyond the end", BadServer.dirent("a", 1, 200)),
                listing("name too long", BadServer.dirent("a".repeat(256), 1, 256)),
                listing("negative length", BadServer.dirent("a", 1, -1)),
                listing("slash in a name", BadServer.dirent("a/b", 1, 3)),
                listing("NUL in a name", BadServer.dirent("a\0b", 1, 3)),
                listing("end within an entry", new byte[20]),
                listing("no progress", BadServer.dirent("a", 1, 1)),
                listing("larger than asked for", new byte[40_000]));
    }

    @Test
    void anAnswerToNothingIsDropped() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            byte[] stray = BadServer.message(4242, 0, new byte[3]);
            byte[] odd = BadServer.message(4243, 0, new byte[0]);
            byte[] attr = BadServer.attrOut(Mode.S_IFDIR, 5);
            server.script = r -> r.is(Opcode.GETATTR)
                    ? List.of(stray, odd, new byte[3], r.ok(attr), r.ok(attr), BadServer.message(0, 77, new byte[9]))
                    : null;
            assertThat(half.root().getattr().size()).isEqualTo(5);
            server.script = _ -> null;
            half.statfs();
            assertThat(half.misbehaviours()).isEqualTo(4);
        }
    }

    @Test
    void anotherProtocolIsRefused() throws Exception {
        for (int[] version : new int[][] {{8, 0}, {6, 31}, {7, 8}}) {
            try (var server = new BadServer()) {
                server.script = r -> List.of(r.ok(BadServer.initOut(version[0], version[1], 0)));
                assertErrno(Errno.EPROTO, () -> SysPuffs.attach(server.end()));
            }
        }
    }

    @Test
    void lookUpsOfRefusedAnswersAreGivenBack() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            server.lookups.put(9L, 1L);
            server.script = r -> r.is(Opcode.LOOKUP) ? List.of(r.ok(BadServer.entryOut(9, 0))) : null;
            assertErrno(Errno.EPROTO, () -> half.root().lookup(FILE));
            server.script = _ -> null;
            half.statfs(); // what was to be forgotten went first
            assertThat(server.lookups).isEmpty();
        }
    }
}
