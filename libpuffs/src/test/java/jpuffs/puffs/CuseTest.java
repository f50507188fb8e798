// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.puffs.DirectKernel.body;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jpuffs.core.Attr;
import jpuffs.core.Bytes;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Test;

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
        device(MountOptions.defaults().withCuse("echo0"));
        Reply reply = init().ok();
        assertThat(reply.u32(0)).isEqualTo(Wire.MAJOR);
        assertThat(reply.u32(12)).as("no unrestricted ioctl").isZero();
        assertThat(reply.u32(16)).as("max_read").isPositive();
        byte[] uevent = Arrays.copyOfRange(reply.bytes(), 72, reply.bytes().length);
        assertThat(new String(uevent, US_ASCII)).isEqualTo("DEVNAME=echo0\0");
        assertThat(session.negotiation.minor()).isEqualTo(38);
    }

    @Test
    void nodeZeroIsTheDevice() throws IOException {
        device(MountOptions.defaults().withCuse("echo0"));
        init().ok();
        long fh = kernel.call(Opcode.OPEN, 0, body().u32(0).u32(0)).ok().u64(0);
        Reply read = kernel.call(Opcode.READ, 0, body().u64(fh).u64(0).u32(100).zeros(20));
        assertThat(read.ok().bytes()).isEqualTo(TEXT);
    }

    @Test
    void aMountIsNoDevice() throws IOException {
        device(MountOptions.defaults());
        init().fails(Errno.ENOSYS);
    }
}
