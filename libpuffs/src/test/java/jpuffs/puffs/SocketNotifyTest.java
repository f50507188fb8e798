// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.Test;

/// Notifications, byte by byte, and their way through a socket.
class SocketNotifyTest extends SocketFixture {
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
