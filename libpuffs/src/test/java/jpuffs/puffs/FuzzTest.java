// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.DirectKernel.Way;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Random and broken requests: no crash, no leak, no blame for the file system, errnos of Linux only.
///
/// `-Djpuffs.fuzz=` sets how many, `-Djpuffs.seed=` which.
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuzzTest {
    private static final int COUNT = Integer.getInteger("jpuffs.fuzz", 100_000);
    private static final long SEED = Long.getLong("jpuffs.seed", System.nanoTime());

    @ParameterizedTest
    @EnumSource
    void requestsOfAllKinds(Way way) throws IOException {
        fuzz(way, false, COUNT / 2);
    }

    @Test
    void requestsToAnExportableFileSystem() throws IOException {
        fuzz(Way.MESSAGE, true, COUNT / 10);
    }

    @Test
    @Tag("long")
    void aMillionRequests() throws IOException {
        fuzz(Way.MESSAGE, false, 1_000_000);
    }

    private static void fuzz(Way way, boolean exportable, int count) throws IOException {
        System.out.println("jpuffs.seed=" + SEED);
        var fs = new MemFs();
        fs.keepsLocks = true;
        fs.exportable = exportable;
        var session = new Session(fs, MountOptions.defaults());
        var kernel = new DirectKernel(session, way).withDirty(512).init();
        var fuzz = new Fuzz(SEED);
        for (int i = 0; i < count; i++) {
            byte[] request = fuzz.next(2L * i + 4);
            Reply reply = check(kernel, request, i);
            fuzz.learn(request, reply);
        }
        assertThat(fs.calls).as("operations that were reached").hasSizeGreaterThan(30);
        session.close();
        fs.assertAllGivenBack();
    }

    /// The file system here never fails with EIO: that would be an exception it did not throw, or an answer
    /// refused.
    private static Reply check(DirectKernel kernel, byte[] request, int number) {
        try {
            Reply reply = kernel.send(request);
            Opcode op = Opcode.of(new Reply(0, request).u32(Wire.InHeader.OPCODE));
            boolean rootAsChild = op == Opcode.LOOKUP || op == Opcode.READDIRPLUS; // renamed into itself
            if (!rootAsChild) {
                assertThat(reply.error()).isNotEqualTo(Errno.EIO.number());
            }
            assertThat(hasRightSize(op, reply))
                    .as("%s: %d bytes", op, reply.bytes().length)
                    .isTrue();
            return reply;
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("request " + number + ": " + HexFormat.of().formatHex(request), e);
        }
    }

    private static boolean hasRightSize(Opcode op, Reply reply) {
        int size = reply.bytes().length;
        if (reply.error() != 0 || op == null) {
            return size == 0;
        }
        return switch (op) {
            case LOOKUP, MKNOD, MKDIR, SYMLINK, LINK -> size == 128;
            case GETATTR, SETATTR -> size == 104;
            case STATX -> size == 288;
            case OPEN, OPENDIR -> size == 16;
            case CREATE, TMPFILE -> size == 144;
            case STATFS -> size == 80;
            case GETLK -> size == 24;
            case INIT -> size == 64;
            case WRITE, LSEEK, POLL, COPY_FILE_RANGE, COPY_FILE_RANGE_64 -> size == 8;
            case READLINK -> size > 0;
            case IOCTL -> size >= 16;
            case READ, READDIR, READDIRPLUS, GETXATTR, LISTXATTR -> true;
            default -> size == 0;
        };
    }

    /// The same through a descriptor, with lengths that are wrong too.
    @Test
    void messagesOfAllKinds() throws IOException {
        System.out.println("jpuffs.seed=" + SEED);
        var fs = new MemFs();
        try (var kernel = new SocketKernel()) {
            FileServer server = kernel.serve(fs, MountOptions.defaults());
            var fuzz = new Fuzz(SEED);
            for (int i = 0; i < COUNT / 5; i++) {
                byte[] request = fuzz.next(2L * i + 1_000);
                if (i % 10 != 0) { // else of the length it had
                    byte[] length = DirectKernel.body().u32(request.length).toBytes();
                    System.arraycopy(length, 0, request, 0, 4);
                }
                kernel.send(request);
            }
            kernel.call(Opcode.STATFS, Wire.ROOT_ID, DirectKernel.body()).ok();
            server.close();
            assertThat(server.buffersTaken()).isZero();
            fs.assertAllGivenBack();
        }
    }
}
