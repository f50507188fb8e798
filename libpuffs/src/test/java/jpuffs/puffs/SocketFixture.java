// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINTR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.wire.Wire;
import jpuffs.sys.Fd;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/// A whole server over a SOCK_SEQPACKET pair, with a kernel of ours at the other end. At the end of each test
/// everything must have been given back.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class SocketFixture {
    static final long ROOT = Wire.ROOT_ID;

    final MemFs fs = new MemFs();
    final MemNode file = fs.root.addFile("f", "hello, world");
    private int descriptors;
    SocketKernel kernel;
    FileServer server;

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

    void start() throws IOException {
        start(MountOptions.defaults());
    }

    void start(MountOptions options) throws IOException {
        server = kernel.serve(fs, options);
    }

    static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    final Semaphore entered = new Semaphore(0);

    /// Reads wait for `latch`; what interrupts them is EINTR.
    void readsWaitFor(CountDownLatch latch) {
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

    static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
