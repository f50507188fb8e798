// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOMEM;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Entry;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.puffs.DirectKernel.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers that cannot be, and bugs: the caller gets an errno, the kernel nothing it would choke on, the server
/// lives.
class PolicingTest extends SessionFixture {
    /// A directory that answers whatever it is told to.
    @SuppressWarnings("NullAway") // on purpose
    private static final class Liar implements Node {
        Attr attr = Attr.directory(0755);
        Node child;
        Attr childAttr = Attr.file(0644, 0);
        byte[] target = {'x'};
        Throwable failure;

        private <T> T answer(T value) {
            if (failure != null) {
                throwIt(failure);
            }
            return value;
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <X extends Throwable> void throwIt(Throwable failure) throws X {
            throw (X) failure;
        }

        @Override
        public Attr getattr() {
            return answer(attr);
        }

        @Override
        public Attr setattr(SetAttr change) {
            return answer(attr);
        }

        @Override
        public Node lookup(Name name) {
            return answer(child);
        }

        @Override
        public Entry entry(Name name) {
            return answer(new Entry(child, childAttr));
        }

        @Override
        public Node mknod(Name name, int mode, int rdev, Cred cred) {
            return answer(child);
        }

        @Override
        public Node mkdir(Name name, int mode, Cred cred) {
            return answer(child);
        }

        @Override
        public Node symlink(Name name, byte[] to, Cred cred) {
            return answer(child);
        }

        @Override
        public byte[] readlink() {
            return answer(target);
        }

        @Override
        public List<Name> listxattr() {
            return answer(null);
        }
    }

    private final Liar liar = new Liar();

    private void startLiar() throws IOException {
        start(FileSystem.of(liar), MountOptions.defaults());
    }

    private Reply mkdir() {
        return kernel.call(Opcode.MKDIR, ROOT, body().u32(0755).u32(0).name("d"));
    }

    private Reply mknod(int mode) {
        return kernel.call(Opcode.MKNOD, ROOT, body().u32(mode).zeros(12).name("f"));
    }

    private Reply symlink() {
        return kernel.call(Opcode.SYMLINK, ROOT, body().name("s").name("to"));
    }

    private void nothingIsKept() {
        assertThat(session.nodes.size()).isEqualTo(1);
        liar.failure = null;
        liar.attr = Attr.directory(0755);
        kernel.getattr(ROOT).ok();
    }

    @Test
    void noAnswerWhereOneMustBe() throws IOException {
        startLiar();
        kernel.lookup(ROOT, "x").fails(EIO);
        mkdir().fails(EIO);
        mknod(Mode.S_IFREG).fails(EIO);
        symlink().fails(EIO);
        kernel.call(Opcode.LISTXATTR, ROOT, body().zeros(8)).fails(EIO);
        liar.target = null;
        kernel.call(Opcode.READLINK, ROOT, body()).fails(EIO);
        liar.child = liar;
        liar.childAttr = null;
        kernel.lookup(ROOT, "x").fails(EIO);
        liar.attr = null;
        kernel.getattr(ROOT).fails(EIO);
        kernel.call(Opcode.SETATTR, ROOT, body().u32(1).zeros(84)).fails(EIO);
        nothingIsKept();
    }

    @Test
    void theRootIsNobodysChild() throws IOException {
        startLiar();
        liar.child = liar;
        liar.childAttr = liar.attr;
        kernel.lookup(ROOT, "x").fails(EIO);
        mkdir().fails(EIO);
        nothingIsKept();
    }

    @Test
    void aNewFileIsOfTheTypeAskedFor() throws IOException {
        startLiar();
        Node file = () -> Attr.file(0644, 0);
        Node directory = () -> Attr.directory(0755);
        liar.child = file;
        mkdir().fails(EIO);
        symlink().fails(EIO);
        mknod(Mode.S_IFIFO | 0644).fails(EIO);
        liar.child = directory;
        mknod(Mode.S_IFREG | 0644).fails(EIO);
        nothingIsKept();
        liar.child = file;
        mknod(Mode.S_IFREG | 0644).ok();
    }

    @Test
    void aFileNeverChangesItsType() throws IOException {
        startLiar();
        Node file = () -> Attr.file(0644, 0);
        liar.child = file;
        long id = kernel.find(ROOT, "x");
        liar.childAttr = Attr.directory(0755);
        kernel.lookup(ROOT, "x").fails(EIO);
        liar.childAttr = Attr.file(0600, 0);
        assertThat(kernel.find(ROOT, "x")).isEqualTo(id);
        kernel.forget(id, 2);
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("jpuffs.puffs.AttrTest#impossible")
    void impossibleAttributesOfAnEntryAreNotTold(Attr attr) throws IOException {
        startLiar();
        Node file = () -> attr;
        liar.child = file;
        liar.childAttr = attr;
        if (attr.mode() != Attr.directory(0755).mode()) {
            kernel.lookup(ROOT, "x").fails(EIO);
        }
        mknod(Mode.S_IFREG | 0644).fails(EIO);
        nothingIsKept();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4096, 100_000})
    void targetsOfImpossibleLengthAreRefused(int length) throws IOException {
        startLiar();
        liar.target = new byte[length];
        kernel.call(Opcode.READLINK, ROOT, body()).fails(EIO);
    }

    @Test
    void symlinksAreCheckedBeforeTheServerIsAsked() throws IOException {
        start();
        kernel.call(Opcode.SYMLINK, ROOT, body().name("s").name("")).fails(ENOENT);
        kernel.call(Opcode.SYMLINK, ROOT, body().name("s").name("x".repeat(4096)))
                .fails(Errno.ENAMETOOLONG);
        kernel.call(Opcode.SYMLINK, ROOT, body().name("s").name("x".repeat(4095)))
                .ok();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0040755, 0120777, 0170000, 0644})
    void mknodMakesNoDirectoriesAndNoSymlinks(int mode) throws IOException {
        start();
        mknod(mode).fails(Errno.EINVAL);
        assertThat(fs.calls("mknod")).isZero();
    }

    @Test
    void renamesWithFlagsThatDoNotExistAreRefused() throws IOException {
        start();
        kernel.call(
                        Opcode.RENAME2,
                        ROOT,
                        body().u64(ROOT).u32(8).u32(0).name("a").name("b"))
                .fails(Errno.EINVAL);
    }

    @Test
    void directoriesHaveNoLinks() throws IOException {
        fs.root.addDirectory("d");
        start();
        long id = kernel.find(ROOT, "d");
        kernel.call(Opcode.LINK, ROOT, body().u64(id).name("e")).fails(Errno.EXDEV);
    }

    // Exceptions

    static List<Object[]> failures() {
        return List.of(
                new Object[] {new IllegalStateException("on purpose"), EIO},
                new Object[] {new NullPointerException("on purpose"), EIO},
                new Object[] {new AssertionError("on purpose"), EIO},
                new Object[] {new StackOverflowError("on purpose"), EIO},
                new Object[] {new NoClassDefFoundError("on purpose"), EIO},
                new Object[] {new OutOfMemoryError("on purpose"), ENOMEM},
                new Object[] {new ReadOnlyFileSystemException(), EROFS},
                new Object[] {new NoSuchFileException("on purpose"), ENOENT},
                new Object[] {new InterruptedIOException("on purpose"), EINTR},
                new Object[] {new InterruptedException("on purpose"), EINTR},
                new Object[] {new IOException("on purpose"), EIO},
                new Object[] {new Exception("a checked one, thrown sneakily"), EIO});
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whateverIsThrownBecomesAnErrno(Throwable failure, Errno errno) throws IOException {
        startLiar();
        liar.failure = failure;
        kernel.getattr(ROOT).fails(errno);
        kernel.lookup(ROOT, "x").fails(errno);
        mkdir().fails(errno);
        kernel.call(Opcode.READLINK, ROOT, body()).fails(errno);
        nothingIsKept();
    }

    @Test
    void aRealStackOverflowIsSurvived() throws IOException {
        var deep = new Node() {
            private int depth;

            @Override
            public Attr getattr() {
                return Attr.directory(0755);
            }

            @Override
            public Node lookup(Name name) throws IOException {
                depth++;
                return depth < Integer.MAX_VALUE ? lookup(name) : this;
            }
        };
        start(FileSystem.of(deep), MountOptions.defaults());
        kernel.lookup(ROOT, "x").fails(EIO);
        assertThat(deep.depth).isPositive();
        kernel.getattr(ROOT).ok();
    }

    @Test
    void aTimeThatCannotBeIsABugOfTheServer() throws IOException {
        var node = new Node() {
            private boolean bad;

            @Override
            public Attr getattr() {
                Attr attr = Attr.directory(0755);
                return bad ? attr.withTimes(new Time(0, 1_000_000_000)) : attr;
            }
        };
        start(FileSystem.of(node), MountOptions.defaults());
        node.bad = true;
        kernel.getattr(ROOT).fails(EIO);
    }

    // Hooks

    private static final class Hook implements OperationHook {
        final List<String> seen = new ArrayList<>();
        boolean broken;

        @Override
        public void before(Opcode op, long unique, long nodeid, Caller caller) {
            seen.add("before " + op + " " + nodeid + " pid " + caller.pid());
            failIfBroken();
        }

        @Override
        public void after(Opcode op, long unique, int errno) {
            seen.add("after " + op + " " + errno);
            failIfBroken();
        }

        private void failIfBroken() {
            if (broken) {
                throw new IllegalStateException("on purpose");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hooksSeeEachOperation(boolean dump) throws IOException {
        var hook = new Hook();
        start(MountOptions.defaults().withHook(hook).withDump(dump));
        kernel.lookup(ROOT, "no");
        kernel.call(4096, ROOT, new byte[0]);
        assertThat(hook.seen)
                .containsExactly(
                        "before INIT 0 pid 4711",
                        "after INIT 0",
                        "before LOOKUP 1 pid 4711",
                        "after LOOKUP " + ENOENT.number());
    }

    @Test
    void aHookThatFailsDoesNotTakeTheServerAlong() throws IOException {
        var hook = new Hook();
        start(MountOptions.defaults().withHook(hook));
        hook.broken = true;
        kernel.getattr(ROOT).fails(EIO);
        hook.broken = false;
        kernel.getattr(ROOT).ok();
    }

    @ParameterizedTest
    @EnumSource(names = "INTERRUPT", mode = EnumSource.Mode.EXCLUDE) // of the transports
    void operationsOnUnknownNodesFail(Opcode op) throws IOException {
        start();
        byte[] body = new byte[op.argSize() + 16];
        body[op.argSize()] = 'x';
        Reply reply = kernel.call(op.number(), 4711, body);
        boolean needsNone = !op.isAnswered() || op == Opcode.STATFS || op == Opcode.SYNCFS || op == Opcode.DESTROY;
        assertThat(reply.error() == 0).as("%s", op).isEqualTo(needsNone);
    }
}
