// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOLCK;
import static jpuffs.core.Errno.EPIPE;
import static jpuffs.core.Errno.EPROTO;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole server over a SOCK_SEQPACKET pair, with a kernel of ours at the other end.
class SocketServerTest extends SocketFixture {
    // Bytes

    @Test
    void theConversationIsAsWritten() throws IOException {
        MemFs golden = Golden.fileSystem();
        kernel.read();
        kernel.send(Golden.CONVERSATION.getFirst().request()); // is waited for
        server = FileServer.serve(Fd.of(kernel.serverEnd().release()), golden, Golden.options());
        for (int i = 0; i < Golden.CONVERSATION.size(); i++) {
            Golden.Exchange exchange = Golden.CONVERSATION.get(i);
            if (i > 0) {
                kernel.send(exchange.request());
            }
            if (exchange.reply() != null) {
                byte[] reply = kernel.message(new Reply(0, exchange.request()).u64(Wire.InHeader.UNIQUE));
                assertThat(hex(reply)).as(exchange.title()).isEqualTo(hex(exchange.reply()));
            }
        }
        server.close();
        golden.assertAllGivenBack();
        fs.root.answered = 0;
    }

    // The beginning

    @Test
    void itSaysWhatItSpeaks() throws IOException {
        start();
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        assertThat(server.protocol()).isEqualTo("7.45");
        assertThat(server.transport()).startsWith("descriptor ");
    }

    @Test
    void aDescriptorMayBeNamedAsAPath() throws IOException {
        kernel.read();
        long init = kernel.postInit(7, 45);
        Path path = Path.of("/dev/fd/" + kernel.serverEnd().release());
        server = FileServer.mount(path, fs);
        kernel.await(init).ok();
        assertThat(server.transport()).isEqualTo(path.toString());
    }

    @Test
    void aKernelThatIsTooOldIsRefusedWithBothVersions() {
        kernel.read();
        long init = kernel.postInit(7, 30);
        assertThatThrownBy(() -> FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults()))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("7.30")
                .hasMessageContaining("7.31");
        kernel.await(init).fails(EPROTO);
        fs.assertAllGivenBack();
    }

    @Test
    void aKernelThatIsNewerMayAskAgain() throws Exception {
        kernel.read();
        long newer = kernel.postInit(8, 1);
        long init = kernel.postInit(7, 45);
        server = FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults());
        assertThat(kernel.await(newer).ok().u32(0)).isEqualTo(7);
        kernel.await(init).ok();
        kernel.lookup(ROOT, "f").ok();
    }

    @Test
    void aPeerThatHangsUpBeforeInitIsAFailure() {
        kernel.hangUp();
        assertErrno(EPIPE, () -> FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults()));
        fs.assertAllGivenBack();
    }

    @Test
    void aDescriptorThatCannotBeWaitedForIsAFailure(@TempDir Path directory) throws IOException {
        Path regular = Files.createFile(directory.resolve("regular"));
        Fd fd = Fd.open(regular, Fcntl.O_RDWR, 0);
        assertErrno(Errno.EPERM, () -> FileServer.serve(fd, fs, MountOptions.defaults()));
        assertThat(fd.isOpen()).isFalse();
        fs.assertAllGivenBack();
    }

    // Interrupts and waits

    @Test
    void anInterruptEndsAWaitWithEintr() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        readsWaitFor(new CountDownLatch(1));
        long one = kernel.postRead(id, fh, 10);
        long two = kernel.postRead(id, fh, 10);
        entered.acquire(2);
        kernel.lookup(ROOT, "f").ok(); // others are served
        kernel.interrupt(one);
        kernel.await(one).fails(EINTR);
        assertThat(kernel.isAnswered(two)).isFalse();
        kernel.interrupt(two);
        kernel.await(two).fails(EINTR);
    }

    @Test
    void anInterruptOfWhatIsNotThereIsRepeatedByTheKernel() throws IOException {
        start();
        kernel.interrupt(4712);
        kernel.await(4713).fails(EAGAIN);
    }

    @Test
    void anInterruptThatIsTooShortIsRefused() throws IOException {
        start();
        kernel.send(DirectKernel.message(Opcode.INTERRUPT.number(), 99, 0, new byte[4], 0, 0));
        kernel.await(99).fails(EINVAL);
    }

    /// What cannot be undone is done, and its answer comes late.
    @Test
    void anOperationMayIgnoreAnInterrupt() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        var go = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        fs.before = name -> {
            if (name.equals("read")) {
                entered.release();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    awaitQuietly(go);
                }
            }
        };
        long read = kernel.postRead(id, fh, 5);
        entered.acquire();
        kernel.interrupt(read);
        interrupted.await();
        assertThat(kernel.isAnswered(read)).isFalse();
        go.countDown();
        assertThat(kernel.await(read).ok().text()).isEqualTo("hello");
    }

    @Test
    void aThousandRequestsMayWait() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        var latch = new CountDownLatch(1);
        readsWaitFor(latch);
        var reads = new ArrayList<Long>();
        for (int i = 0; i < 1_000; i++) {
            reads.add(kernel.postRead(id, fh, 5));
        }
        entered.acquire(1_000);
        kernel.lookup(ROOT, "f").ok();
        latch.countDown();
        for (long read : reads) {
            assertThat(kernel.await(read).ok().text()).isEqualTo("hello");
        }
    }

    /// More than there is memory for: those that come late wait outside.
    @Test
    void aThousandLargeWritesMayWait() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        var latch = new CountDownLatch(1);
        readsWaitFor(latch);
        var data = new byte[64 << 10];
        var writes = new ArrayList<Long>();
        Thread poster = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 1_000; i++) {
                writes.add(kernel.postWrite(id, fh, data));
            }
        });
        entered.acquire(200);
        latch.countDown();
        poster.join();
        for (long write : writes) {
            assertThat(kernel.await(write).ok().u32(0)).isEqualTo(data.length);
        }
        assertThat(file.data).hasSize(data.length);
    }

    @Test
    void waitsForLocksLeaveRoomForThoseWhoGiveThemUp() throws Exception {
        fs.keepsLocks = true;
        var wait = new CountDownLatch(1);
        fs.before = name -> {
            if (name.equals("setlk")) {
                entered.release();
                awaitQuietly(wait);
            }
        };
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        var locks = new ArrayList<Long>();
        for (int i = 0; i < 2_048; i++) {
            locks.add(kernel.post(Opcode.SETLKW, id, lock(fh, i)));
        }
        entered.acquire(2_048);
        kernel.call(Opcode.SETLKW, id, lock(fh, 5_000)).fails(ENOLCK);
        wait.countDown();
        for (long lock : locks) {
            kernel.await(lock).ok();
        }
        kernel.call(Opcode.SETLKW, id, lock(fh, 5_000)).ok();
    }

    private static DirectKernel.Body lock(long fh, long owner) {
        return body().u64(fh).u64(owner).u64(owner).u64(owner).u32(1).u32(1).u64(0);
    }

    /// The peer takes no replies for a while: nothing is lost, not even to interrupts of requests whose replies
    /// wait.
    @Test
    void repliesWaitForRoom() throws Exception {
        kernel.close();
        kernel = new SocketKernel(1 << 20);
        long init = kernel.postInit(7, 45);
        server = FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults());
        file.data = new byte[100_000];
        long lookup = kernel.post(Opcode.LOOKUP, ROOT, body().name("f"));
        long open = kernel.post(Opcode.OPEN, 2, body().u32(2).u32(0));
        var reads = new ArrayList<Long>();
        for (int i = 0; i < 100; i++) {
            reads.add(kernel.postRead(2, 1, 100_000));
        }
        reads.forEach(kernel::interrupt);
        server.call(() -> null); // so far it got, and is alive
        kernel.read();
        kernel.await(init).ok();
        kernel.await(lookup).ok();
        kernel.await(open).ok();
        for (long read : reads) {
            assertThat(kernel.await(read).ok().bytes()).hasSize(100_000);
        }
    }

    // Messages that cannot be

    @Test
    void garbageIsRefusedOrDropped() throws IOException {
        start();
        var random = new Random(1);
        for (int length : new int[] {1, 15, 39, 40, 41, 100, 5_000}) {
            var message = new byte[length];
            random.nextBytes(message);
            kernel.send(message);
        }
        kernel.lookup(ROOT, "f").ok();
    }

    @Test
    void aMessageOfAnotherLengthThanItSaysIsRefused() throws IOException {
        start();
        byte[] message = DirectKernel.message(Opcode.GETATTR.number(), 100, ROOT, new byte[16], 0, 0);
        message[0]++;
        kernel.send(message);
        kernel.await(100).fails(EIO);
        message = DirectKernel.message(Opcode.FORGET.number(), 102, ROOT, new byte[8], 0, 0);
        message[0]++;
        kernel.send(message);
        kernel.lookup(ROOT, "f").ok();
        assertThat(kernel.isAnswered(102)).isFalse();
    }

    @Test
    void aMessageThatIsTooLongIsRefused() throws IOException {
        start(MountOptions.defaults().withMaxWrite(4_096));
        kernel.send(DirectKernel.message(Opcode.WRITE.number(), 100, 5, new byte[200_000], 0, 0));
        kernel.await(100).fails(EIO);
        byte[] value = new byte[65_536];
        var setxattr = body().u32(value.length).u32(0).u64(0).name("user.a").bytes(value);
        kernel.call(Opcode.SETXATTR, ROOT, setxattr).ok();
    }

    @Test
    void refusalsWaitForRoom() throws Exception {
        kernel.close();
        kernel = new SocketKernel(64 << 10);
        long init = kernel.postInit(7, 45);
        server = FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults());
        byte[] wrong = DirectKernel.message(Opcode.GETATTR.number(), 0, ROOT, new byte[17], 0, 0);
        wrong[0]++;
        for (int i = 0; i < 2_000; i++) {
            System.arraycopy(body().u64(10_000 + 2L * i).toBytes(), 0, wrong, Wire.InHeader.UNIQUE, 8);
            kernel.send(wrong);
        }
        kernel.read();
        kernel.await(init).ok();
        for (int i = 0; i < 2_000; i++) {
            kernel.await(10_000 + 2L * i).fails(EIO);
        }
    }
}
