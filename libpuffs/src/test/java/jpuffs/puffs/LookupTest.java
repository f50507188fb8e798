// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the kernel knows: look-ups, forgets, node ids.
class LookupTest extends SessionFixture {
    @Test
    void aNodeIsReclaimedOnceWhenTheKernelHasForgottenAllItWasTold() throws IOException {
        MemNode file = fs.root.addFile("f", "");
        start();
        long id = kernel.find(ROOT, "f");
        assertThat(kernel.find(ROOT, "f")).isEqualTo(id);
        assertThat(kernel.find(ROOT, "f")).isEqualTo(id);
        kernel.forget(id, 2);
        assertThat(file.reclaims).isEmpty();
        kernel.forget(id, 1);
        assertThat(file.reclaims).containsExactly(3L);
        kernel.forget(id, 1);
        assertThat(file.reclaims).hasSize(1);
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {2, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void forgettingMoreThanWasToldForgetsAll(long count) throws IOException {
        MemNode file = fs.root.addFile("f", "");
        start();
        kernel.forget(kernel.find(ROOT, "f"), count);
        assertThat(file.reclaims).containsExactly(1L);
    }

    @Test
    void forgettingWhatWasNeverToldIsIgnored() throws IOException {
        start();
        kernel.forget(4711, 1);
        kernel.forget(0, 1);
        assertThat(fs.calls("reclaim")).isZero();
    }

    @Test
    void theRootIsNeverForgotten() throws IOException {
        start();
        kernel.forget(ROOT, 100);
        assertThat(fs.root.reclaims).isEmpty();
        kernel.getattr(ROOT).ok();
    }

    @Test
    void aForgottenNodeGetsANewId() throws IOException {
        fs.root.addFile("f", "");
        start();
        long id = kernel.find(ROOT, "f");
        kernel.forget(id, 1);
        kernel.getattr(id).fails(ESTALE);
        assertThat(kernel.find(ROOT, "f")).isGreaterThan(id);
    }

    @Test
    void anOpenFileIsReclaimedAfterItsLastHandleIsReleased() throws IOException {
        MemNode file = fs.root.addFile("f", "text");
        start();
        long id = kernel.find(ROOT, "f");
        long one = kernel.open(id, 0);
        long two = kernel.open(id, 0);
        kernel.forget(id, 1);
        assertThat(file.reclaims).isEmpty();
        kernel.release(id, one);
        assertThat(file.inactives).isZero();
        assertThat(kernel.read(id, two, 0, 10).ok().text()).isEqualTo("text");
        kernel.release(id, two);
        assertThat(file.inactives).isEqualTo(1);
        assertThat(file.reclaims).containsExactly(1L);
    }

    @Test
    void aFileWithoutNamesIsUsedByItsId() throws IOException {
        MemNode file = fs.root.addFile("f", "text");
        start();
        long id = kernel.find(ROOT, "f");
        long fh = kernel.open(id, 0);
        kernel.call(Opcode.UNLINK, ROOT, body().name("f")).ok();
        kernel.lookup(ROOT, "f").fails(ENOENT);
        assertThat(kernel.getattr(id).ok().u32(Wire.AttrOut.ATTR + Wire.AttrRec.NLINK))
                .isZero();
        assertThat(kernel.read(id, fh, 0, 10).ok().text()).isEqualTo("text");
        kernel.release(id, fh);
        kernel.forget(id, 1);
        assertThat(fs.nodes).doesNotContainValue(file);
    }

    @Test
    void aBatchOfForgetsGoesOnAfterAFailure() throws IOException {
        MemNode one = fs.root.addFile("one", "");
        MemNode two = fs.root.addFile("two", "");
        start();
        long first = kernel.find(ROOT, "one");
        long second = kernel.find(ROOT, "two");
        failOnce("reclaim", EIO);
        kernel.call(
                Opcode.BATCH_FORGET,
                0,
                body().u32(2).u32(0).u64(first).u64(1).u64(second).u64(1));
        assertThat(one.reclaims).hasSize(1);
        assertThat(two.reclaims).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, -1})
    void aBatchIsAsLongAsWhatCame(int announced) throws IOException {
        MemNode file = fs.root.addFile("f", "");
        start();
        long id = kernel.find(ROOT, "f");
        kernel.call(
                Opcode.BATCH_FORGET,
                0,
                body().u32(announced).u32(0).u64(id).u64(1).u64(99));
        assertThat(file.reclaims).hasSize(announced == 0 ? 0 : 1);
    }

    private void failOnce(String operation, Errno errno) {
        fs.before = name -> {
            if (name.equals(operation)) {
                fs.before = _ -> {};
                throw errno.error();
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkdir", "mknod", "symlink"})
    void anAnswerTheKernelIsNotToldIsGivenBack(String operation) throws IOException {
        start();
        failOnce("getattr", EIO);
        make(operation).fails(EIO);
        MemNode node = fs.root.child(Name.of("new"));
        assertThat(node.reclaims).containsExactly(1L);
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    private Reply make(String operation) {
        return switch (operation) {
            case "mkdir" ->
                kernel.call(Opcode.MKDIR, ROOT, body().u32(0755).u32(0).name("new"));
            case "symlink" ->
                kernel.call(Opcode.SYMLINK, ROOT, body().name("new").name("to"));
            default ->
                kernel.call(
                        Opcode.MKNOD,
                        ROOT,
                        body().u32(Mode.S_IFREG | 0644).zeros(12).name("new"));
        };
    }

    @Test
    void alinkOfAKnownFileCountsALookup() throws IOException {
        MemNode file = fs.root.addFile("f", "");
        start();
        long id = kernel.find(ROOT, "f");
        Reply reply = kernel.call(Opcode.LINK, ROOT, body().u64(id).name("g")).ok();
        assertThat(reply.nodeid()).isEqualTo(id);
        kernel.forget(id, 1);
        assertThat(file.reclaims).isEmpty();
        kernel.forget(id, 1);
        assertThat(file.reclaims).containsExactly(1L);
    }

    @Test
    void aNameThatIsNotThereIsCachedForTheTimeAskedFor() throws IOException {
        start(MountOptions.defaults().withNegativeTtl(Duration.ofMillis(3_250)));
        Reply reply = kernel.lookup(ROOT, "no").ok();
        assertThat(reply.nodeid()).isZero();
        assertThat(reply.u64(Wire.EntryOut.ENTRY_VALID)).isEqualTo(3);
        assertThat(reply.u32(Wire.EntryOut.ENTRY_VALID_NSEC)).isEqualTo(250_000_000);
        assertThat(session.nodes.size()).isEqualTo(1);
    }

    @Test
    void namesAreChecked() throws IOException {
        fs.root.addFile("f".repeat(255), "");
        start();
        kernel.lookup(ROOT, "no").fails(ENOENT);
        kernel.lookup(ROOT, "f".repeat(255)).ok();
        kernel.lookup(ROOT, "f".repeat(256)).fails(ENAMETOOLONG);
        kernel.lookup(ROOT, "").fails(ENOENT);
        kernel.lookup(ROOT, "a/b").fails(EINVAL);
        kernel.call(Opcode.LOOKUP, ROOT, body().bytes((byte) 'f')).fails(EINVAL);
        kernel.call(Opcode.LOOKUP, ROOT, body()).fails(EINVAL);
        kernel.call(Opcode.RENAME, ROOT, body().u64(ROOT).name("f")).fails(EINVAL);
        kernel.call(Opcode.UNLINK, ROOT, body().name("f".repeat(256))).fails(ENAMETOOLONG);
        kernel.lookup(99, "f").fails(ESTALE);
    }

    // Export

    @Test
    void anExportableFileIsFoundAgainByItsNumber() throws IOException {
        fs.exportable = true;
        MemNode file = fs.root.addFile("f", "");
        start();
        assertThat(session.negotiation.has(Wire.Init.EXPORT_SUPPORT)).isTrue();
        Reply entry = kernel.lookup(ROOT, "f").ok();
        assertThat(entry.nodeid()).isEqualTo(file.ino);
        assertThat(entry.u64(Wire.EntryOut.GENERATION)).isEqualTo(7);
        kernel.forget(file.ino, 1);
        kernel.getattr(file.ino).fails(ESTALE);
        assertThat(session.nodes.size()).isEqualTo(1);
        assertThat(kernel.lookup(file.ino, ".").ok().nodeid()).isEqualTo(file.ino);
        kernel.getattr(file.ino).ok();
        assertThat(kernel.lookup(file.ino, ".").ok().nodeid()).isEqualTo(file.ino);
        kernel.forget(file.ino, 2);
        assertThat(file.reclaims).containsExactly(1L, 1L);
        kernel.lookup(4711, ".").fails(ESTALE);
    }

    @Test
    void aRemovedFileIsNotFoundByItsNumberThoughTheKernelHasNotForgottenItYet() throws IOException {
        fs.exportable = true;
        MemNode file = fs.root.addFile("f", "");
        start();
        kernel.lookup(ROOT, "f").ok();
        kernel.call(Opcode.UNLINK, ROOT, body().name("f")).ok();
        kernel.lookup(file.ino, ".").fails(ESTALE);
        kernel.forget(file.ino, 1);
        kernel.lookup(file.ino, ".").fails(ESTALE);
    }

    @Test
    void anExportableDirectoryFindsItsParent() throws IOException {
        fs.exportable = true;
        MemNode outer = fs.root.addDirectory("outer");
        MemNode inner = outer.addDirectory("inner");
        start();
        kernel.lookup(inner.ino, ".").ok();
        assertThat(kernel.lookup(inner.ino, "..").ok().nodeid()).isEqualTo(outer.ino);
        Reply root = kernel.lookup(outer.ino, "..").ok();
        assertThat(root.nodeid()).isEqualTo(ROOT);
        assertThat(root.u64(Wire.EntryOut.GENERATION)).as("of the root").isZero();
        kernel.call(Opcode.RENAME, outer.ino, body().u64(ROOT).name("inner").name("moved"))
                .ok();
        assertThat(kernel.lookup(inner.ino, "..").ok().nodeid()).isEqualTo(ROOT);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 500})
    void numbersThatCannotBeAreRefused(long ino) throws IOException {
        fs.exportable = true;
        MemNode other = fs.root.addFile("other", "");
        other.attr = other.attr.withIno(500);
        MemNode file = fs.root.addFile("f", "");
        file.attr = file.attr.withIno(ino);
        start();
        kernel.lookup(ROOT, "other").ok();
        kernel.lookup(ROOT, "f").fails(EIO);
        assertThat(file.reclaims).containsExactly(1L);
        kernel.lookup(ROOT, "other").ok();
    }

    @Test
    void aFileThatHasNoNumberShowsTheOneOfItsNode() throws IOException {
        MemNode file = fs.root.addFile("f", "");
        file.attr = file.attr.withIno(0);
        start();
        Reply reply = kernel.lookup(ROOT, "f").ok();
        assertThat(reply.u64(Wire.EntryOut.ATTR)).isEqualTo(reply.nodeid());
    }
}
