// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOLCK;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.EPIPE;
import static jpuffs.core.Errno.EPROTO;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.CallContext;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A whole server over a SOCK_SEQPACKET pair, with a kernel of ours at the other end.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketServerTest {
    private static final long ROOT = Wire.ROOT_ID;

    private final MemFs fs = new MemFs();
    private final MemNode file = fs.root.addFile("f", "hello, world");
    private int descriptors;
    private SocketKernel kernel;
    private FileServer server;

    @BeforeEach
    void makeKernel() throws ErrnoException {
        descriptors = Fd.openCount();
        kernel = new SocketKernel();
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        if (server != null) {
            server.close();
            assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
            assertThat(server.buffersTaken()).as("buffers").isZero();
            fs.assertAllGivenBack();
        }
        kernel.close();
        assertThat(Fd.openCount()).as("descriptors").isEqualTo(descriptors);
    }

    private void start() throws IOException {
        start(MountOptions.defaults());
    }

    private void start(MountOptions options) throws IOException {
        server = kernel.serve(fs, options);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

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

    private static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
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

    private final Semaphore entered = new Semaphore(0);

    /// Reads wait for `latch`; what interrupts them is EINTR.
    private void readsWaitFor(CountDownLatch latch) {
        fs.before = name -> {
            if (name.equals("read") || name.equals("write")) {
                entered.release();
                try {
                    latch.await();
                } catch (InterruptedException e) {
                    throw EINTR.error();
                }
            }
        };
    }

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

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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

    // The end

    @Test
    void aPeerThatHangsUpFreesEverything() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        kernel.open(id);
        readsWaitFor(new CountDownLatch(1));
        kernel.postRead(id, fh, 10);
        kernel.postWrite(id, fh, new byte[100_000]);
        entered.acquire(2);
        kernel.hangUp();
        server.await();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(fs.unmounts).isEqualTo(1);
        assertThat(file.reclaims).containsExactly(1L);
    }

    /// Releases may wait for something, which only a context of the loop can.
    @Test
    void whatIsLeftOpenIsReleasedOnTheLoop() throws Exception {
        start();
        kernel.open(kernel.lookup(ROOT, "f").ok().nodeid());
        var contexts = new ArrayList<Boolean>();
        fs.before = name -> {
            if (name.equals("release") || name.equals("reclaim") || name.equals("unmount")) {
                CallContext context = CallContext.current();
                contexts.add(context != null && context.loop() == server.loop());
            }
        };
        kernel.hangUp();
        server.await();
        assertThat(contexts).hasSize(4).containsOnly(true);
    }

    @Test
    void aFileSystemThatFailsAtTheEndIsLeftAllTheSame() throws Exception {
        start();
        kernel.open(kernel.lookup(ROOT, "f").ok().nodeid());
        fs.before = name -> {
            throw new IllegalStateException("on purpose: " + name);
        };
        kernel.hangUp();
        server.await();
        fs.before = _ -> {};
    }

    @Test
    void aVetoKeepsItRunning() throws IOException {
        start();
        fs.veto = EBUSY;
        assertErrno(EBUSY, () -> server.unmount(false));
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        kernel.lookup(ROOT, "f").ok();
        fs.veto = null;
        server.unmount(false);
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
    }

    @Test
    void forceIsStrongerThanAVeto() throws IOException {
        start();
        fs.veto = EBUSY;
        server.unmount(true);
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(fs.unmounts).isEqualTo(1);
    }

    @Test
    void aBugInUnmountIsAVeto() throws IOException {
        start();
        fs.before = _ -> {
            throw new IllegalStateException("on purpose");
        };
        assertErrno(EIO, () -> server.unmount(false));
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        fs.before = _ -> {};
    }

    @Test
    void unmountingTwiceIsNothingNew() throws Exception {
        start();
        server.unmount(false);
        server.unmount(false);
        server.unmount(true);
        server.close();
        server.await();
        assertThat(server.await(0)).isTrue();
        assertThat(fs.unmounts).isEqualTo(1);
    }

    @Test
    void unmountingAtTheSameTimeIsBusyUnlessForced() throws Exception {
        start();
        var veto = new CountDownLatch(1);
        fs.before = name -> {
            if (name.equals("unmount")) {
                entered.release();
                awaitQuietly(veto);
            }
        };
        var failure = new AtomicReference<Throwable>();
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                server.unmount(false);
            } catch (IOException e) {
                failure.set(e);
            }
        });
        entered.acquire();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTING);
        assertErrno(EBUSY, () -> server.unmount(false));
        Thread forced = Thread.ofPlatform().start(server::close);
        entered.acquire();
        veto.countDown();
        forced.join();
        first.join();
        assertThat(failure.get()).isNull();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
    }

    @Test
    void itMayBeUnmountedFromWithin() throws Exception {
        start();
        server.call(() -> {
            server.unmount(true);
            return null;
        });
        server.await();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
    }

    @RepeatedHangUps
    void hangingUpAndUnmountingAtOnce(int round) throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        kernel.open(id);
        Thread peer = Thread.ofPlatform().start(kernel::hangUp);
        Thread closer = Thread.ofPlatform().start(server::close);
        if (round % 2 == 0) {
            try {
                server.unmount(false);
            } catch (ErrnoException e) {
                assertThat(e.errno()).isIn(EBUSY, ENOTCONN);
            }
        }
        peer.join();
        closer.join();
        server.await();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
    @interface RepeatedHangUps {}

    @Test
    void callsAfterTheEndFailAtOnce() throws Exception {
        start();
        assertThat(server.call(() -> 42)).isEqualTo(42);
        assertErrno(
                ENOENT,
                () -> server.call(() -> {
                    throw ENOENT.error();
                }));
        assertErrno(
                EIO,
                () -> server.call(() -> {
                    throw new IllegalStateException("on purpose");
                }));
        kernel.hangUp();
        server.await();
        assertErrno(ENOTCONN, () -> server.call(() -> 42));
        assertErrno(ENOTCONN, () -> server.notifier().incEpoch());
    }

    // Notifications

    private String notification() {
        return hex(kernel.notification());
    }

    private static String hexOf(int code, DirectKernel.Body body) {
        byte[] bytes = body.toBytes();
        return hex(body().u32(16 + bytes.length).u32(code).u64(0).bytes(bytes).toBytes());
    }

    @Test
    void notificationsAreAsTheHeaderSays() throws IOException {
        start();
        MemNode directory = fs.root.addDirectory("d");
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long dir = kernel.lookup(ROOT, "d").ok().nodeid();
        Notifier notifier = server.notifier();
        var name = Name.of("abc");
        assertThat(notifier.invalInode(file, 4_096, 8_192)).isTrue();
        assertThat(notification()).isEqualTo(hexOf(2, body().u64(id).u64(4_096).u64(8_192)));
        assertThat(notifier.invalEntry(fs.root, name)).isTrue();
        assertThat(notification())
                .isEqualTo(hexOf(3, body().u64(1).u32(3).u32(0).name("abc")));
        assertThat(notifier.expireEntry(directory, name)).isTrue();
        assertThat(notification())
                .isEqualTo(hexOf(3, body().u64(dir).u32(3).u32(1).name("abc")));
        assertThat(notifier.delete(fs.root, file, name)).isTrue();
        assertThat(notification())
                .isEqualTo(hexOf(6, body().u64(1).u64(id).u32(3).u32(0).name("abc")));
        byte[] data = {1, 2, 3};
        assertThat(notifier.store(file, 77, MemorySegment.ofArray(data))).isTrue();
        assertThat(notification())
                .isEqualTo(hexOf(4, body().u64(id).u64(77).u32(3).u32(0).bytes(data)));
        notifier.resend();
        assertThat(notification()).isEqualTo(hexOf(7, body()));
        notifier.incEpoch();
        assertThat(notification()).isEqualTo(hexOf(8, body()));
        notifier.prune(List.of(file, directory));
        assertThat(notification())
                .isEqualTo(hexOf(9, body().u32(2).u32(0).u64(0).u64(id).u64(dir)));
    }

    @Test
    void whatTheKernelDoesNotKnowNeedsNoNotification() throws IOException {
        start();
        var name = Name.of("abc");
        Notifier notifier = server.notifier();
        assertThat(notifier.invalInode(file, 0, 0)).isFalse();
        assertThat(notifier.invalEntry(file, name)).isFalse();
        assertThat(notifier.delete(fs.root, file, name)).isFalse();
        assertThat(notifier.store(file, 0, MemorySegment.ofArray(new byte[1]))).isFalse();
        assertThat(notifier.retrieve(file, 0, 10)).isEmpty();
        notifier.prune(List.of(file));
        notifier.incEpoch();
        assertThat(notification()).isEqualTo(hexOf(8, body()));
    }

    @Test
    void argumentsOfNotificationsAreChecked() throws IOException {
        start();
        kernel.lookup(ROOT, "f").ok();
        Notifier notifier = server.notifier();
        var tooMuch = MemorySegment.ofArray(new byte[(1 << 20) + 1]);
        assertErrno(EINVAL, () -> notifier.store(file, 0, tooMuch));
        assertErrno(EINVAL, () -> notifier.store(file, -1, tooMuch.asSlice(0, 1)));
        assertErrno(EINVAL, () -> notifier.retrieve(file, -1, 1));
        assertErrno(EINVAL, () -> notifier.retrieve(file, 0, -1));
        assertErrno(EINVAL, () -> notifier.retrieve(file, 0, (1 << 20) + 1));
    }

    @Test
    void whatTheKernelHasCachedComesBack() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        var got = new AtomicReference<byte[]>();
        Thread asker = Thread.ofPlatform().start(() -> {
            try {
                got.set(server.notifier().retrieve(file, 4_096, 100));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        var request = new Reply(0, kernel.notification());
        assertThat(request.u32(4)).isEqualTo(5);
        assertThat(request.u64(24)).isEqualTo(id);
        assertThat(request.u64(32)).isEqualTo(4_096);
        assertThat(request.u32(40)).isEqualTo(100);
        byte[] data = "cached".getBytes(StandardCharsets.UTF_8);
        byte[] body =
                body().u64(0).u64(4_096).u32(data.length).zeros(20).bytes(data).toBytes();
        kernel.send(DirectKernel.message(Opcode.NOTIFY_REPLY.number(), request.u64(16), id, body, 0, 0));
        asker.join();
        assertThat(got.get()).isEqualTo(data);
    }

    @Test
    void aRetrieveEndsWithTheConnection() throws Exception {
        start();
        kernel.lookup(ROOT, "f").ok();
        var failure = new AtomicReference<Throwable>();
        Thread asker = Thread.ofPlatform().start(() -> {
            try {
                server.notifier().retrieve(file, 0, 100);
            } catch (IOException e) {
                failure.set(e);
            }
        });
        kernel.notification();
        kernel.hangUp();
        server.await();
        asker.join();
        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(ENOTCONN));
    }

    @Test
    void wakersOfPollNotify() throws Exception {
        start();
        long id = kernel.lookup(ROOT, "f").ok().nodeid();
        long fh = kernel.open(id);
        kernel.call(Opcode.POLL, id, body().u64(fh).u64(0x7777).u32(1).u32(1)).ok();
        Runnable waker = server.call(file.wakers::getFirst);
        waker.run();
        assertThat(notification()).isEqualTo(hexOf(1, body().u64(0x7777)));
        Thread.ofVirtual().start(waker).join();
        assertThat(notification()).isEqualTo(hexOf(1, body().u64(0x7777)));
        kernel.hangUp();
        server.await();
        waker.run();
    }

    /// The very first request may be a poll, and its waker may run before the server is told that it runs.
    @Test
    void theFirstRequestMayBeAPoll() throws Exception {
        kernel.read();
        long init = kernel.postInit(7, 45);
        kernel.post(Opcode.OPEN, ROOT, body().u32(0).u32(0));
        kernel.post(Opcode.POLL, ROOT, body().u64(1).u64(0x7777).u32(1).u32(1));
        fs.before = name -> {
            if (name.equals("poll")) {
                Thread.startVirtualThread(() -> fs.root.wakers.forEach(Runnable::run));
            }
        };
        server = FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults());
        kernel.await(init).ok();
        assertThat(notification()).isEqualTo(hexOf(1, body().u64(0x7777)));
    }

    /// A full socket makes notifications wait, not vanish.
    @Test
    void notificationsWaitForRoom() throws Exception {
        kernel.close();
        kernel = new SocketKernel(64 << 10);
        long init = kernel.postInit(7, 45);
        server = FileServer.serve(Fd.of(kernel.serverEnd().release()), fs, MountOptions.defaults());
        kernel.post(Opcode.LOOKUP, ROOT, body().name("f"));
        kernel.post(Opcode.OPEN, ROOT, body().u32(0).u32(0));
        kernel.post(Opcode.POLL, ROOT, body().u64(1).u64(0x7777).u32(1).u32(1));
        while (server.call(fs.root.wakers::size) == 0) {
            Thread.onSpinWait();
        }
        Runnable waker = server.call(fs.root.wakers::getFirst);
        for (int i = 0; i < 2_000; i++) {
            waker.run();
        }
        kernel.read();
        kernel.await(init).ok();
        for (int i = 0; i < 2_000; i++) {
            assertThat(kernel.notification()).hasSize(24);
        }
    }
}
