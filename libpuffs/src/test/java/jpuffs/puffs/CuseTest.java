// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jpuffs.core.Attr;
import jpuffs.core.Bytes;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.IoctlMemory;
import jpuffs.core.Node;
import jpuffs.eventloop.EventLoop;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Uring;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A device's side of CUSE: another INIT, and a root that has the number 0.
class CuseTest extends SessionFixture {
    private static final byte[] TEXT = "text".getBytes(US_ASCII);

    private void device(MountOptions options) throws IOException {
        Node node = new Node() {
            @Override
            public Attr getattr() {
                return Attr.file(0666, 0);
            }

            @Override
            public int read(MemorySegment dst, long off) {
                return Bytes.copyOut(TEXT, off, dst);
            }
        };
        session = new Session(FileSystem.of(node), options);
        kernel = new DirectKernel(session);
    }

    private Reply init() {
        return kernel.call(Opcode.CUSE_INIT, 0, body().u32(7).u32(38).u32(0).u32(1));
    }

    @Test
    void theReplyNamesTheDevice() throws IOException {
        device(MountOptions.defaults().withCuse("echo0", false));
        Reply reply = init().ok();
        assertThat(reply.u32(0)).isEqualTo(Wire.MAJOR);
        assertThat(reply.u32(12)).as("no unrestricted ioctl").isZero();
        assertThat(reply.u32(16)).as("max_read").isPositive();
        byte[] uevent = Arrays.copyOfRange(reply.bytes(), 72, reply.bytes().length);
        assertThat(new String(uevent, US_ASCII)).isEqualTo("DEVNAME=echo0\0");
        assertThat(session.negotiation.minor()).isEqualTo(38);
    }

    /// Where the device is read by io_uring, and ends as it does when the kernel ends the connection.
    @Test
    @Timeout(20)
    void theLoopOutlivesTheDevice() throws IOException {
        assumeTrue(hasUring(), "io_uring is not to be had here");
        device(MountOptions.defaults().withCuse("echo0", false));
        try (var pool = new BufferPool(64 << 20);
                Fd end = Fd.open("/dev/null", Fcntl.O_RDWR, 0)) {
            FdTransport transport;
            try (EventLoop loop = EventLoop.open()) {
                transport = new FdTransport(loop, end, session, pool, "null");
                transport.start();
                var unused = transport.drained().thenRun(loop::stop);
                loop.run();
                assertThat(transport.ended()).isCompleted();
                assertThat(transport.initialised()).isCompletedExceptionally();
                transport.stop();
            }
            transport.close();
        }
    }

    private static boolean hasUring() {
        try (Uring _ = Uring.open(2, 0)) {
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    @Test
    void nodeZeroIsTheDevice() throws IOException {
        device(MountOptions.defaults().withCuse("echo0", false));
        init().ok();
        long fh = kernel.call(Opcode.OPEN, 0, body().u32(0).u32(0)).ok().u64(0);
        Reply read = kernel.call(Opcode.READ, 0, body().u64(fh).u64(0).u32(100).zeros(20));
        assertThat(read.ok().bytes()).isEqualTo(TEXT);
    }

    /// As TIOCSWINSZ and TIOCGWINSZ in one, with a pointer in between: adds 1 to the byte that the argument's
    /// address points to, and writes the sum where the second address of the argument says.
    private static final class Pointers extends Handle {
        private static final int LENGTH = 16;

        Pointers(Node node, int flags) {
            super(node, flags);
        }

        @Override
        public int ioctl(int command, long argument, IoctlMemory memory) throws IOException {
            MemorySegment addresses = memory.in(argument, LENGTH);
            MemorySegment number = memory.in(addresses.get(JAVA_LONG_UNALIGNED, 0), 1);
            MemorySegment sum = memory.out(addresses.get(JAVA_LONG_UNALIGNED, 8), 1);
            sum.set(JAVA_BYTE, 0, (byte) (number.get(JAVA_BYTE, 0) + 1));
            return command;
        }
    }

    private long openPointers() throws IOException {
        Node node = new Node() {
            @Override
            public Attr getattr() {
                return Attr.file(0666, 0);
            }

            @Override
            public Handle open(int flags) {
                return new Pointers(this, flags);
            }
        };
        session = new Session(FileSystem.of(node), MountOptions.defaults().withCuse("pointers", true));
        kernel = new DirectKernel(session);
        assertThat(init().ok().u32(12)).as("unrestricted ioctl").isEqualTo(1);
        return kernel.call(Opcode.OPEN, 0, body().u32(0).u32(0)).ok().u64(0);
    }

    private Reply ioctl(long fh, int flags, int outSize, byte[] in) {
        return kernel.call(
                Opcode.IOCTL,
                0,
                body().u64(fh)
                        .u32(flags)
                        .u32(7)
                        .u64(0x1000)
                        .u32(in.length)
                        .u32(outSize)
                        .bytes(in));
    }

    private static void assertRetry(Reply reply, int ins, int outs, long... rangesAndLengths) {
        assertThat(reply.ok().u32(4)).as("FUSE_IOCTL_RETRY").isEqualTo(4);
        assertThat(reply.u32(8)).isEqualTo(ins);
        assertThat(reply.u32(12)).isEqualTo(outs);
        assertThat(reply.bytes()).hasSize(16 + 8 * rangesAndLengths.length);
        for (int i = 0; i < rangesAndLengths.length; i++) {
            assertThat(reply.u64(16 + 8 * i)).isEqualTo(rangesAndLengths[i]);
        }
    }

    @Test
    void memoryIsFetchedStepByStep() throws IOException {
        long fh = openPointers();
        byte[] addresses = body().u64(0x2000).u64(0x3000).toBytes();
        byte[] all = Arrays.copyOf(addresses, 17);
        all[16] = 41;
        assertRetry(ioctl(fh, 2, 0, new byte[0]), 1, 0, 0x1000, 16);
        assertRetry(ioctl(fh, 2, 0, addresses), 2, 0, 0x1000, 16, 0x2000, 1);
        assertRetry(ioctl(fh, 2, 0, all), 2, 1, 0x1000, 16, 0x2000, 1, 0x3000, 1);
        Reply done = ioctl(fh, 2, 1, all).ok();
        assertThat(done.u32(0)).isEqualTo(7);
        assertThat(done.u32(4)).isZero();
        assertThat(done.bytes()).hasSize(17).endsWith(42);
    }

    @Test
    void pointersOf32BitProgramsAreRefused() throws IOException {
        ioctl(openPointers(), 3, 0, new byte[0]).fails(Errno.EOPNOTSUPP);
    }

    @Test
    void aMountIsNoDevice() throws IOException {
        device(MountOptions.defaults());
        init().fails(Errno.ENOSYS);
    }
}
