// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FilterDevice;
import jpuffs.pud.block.FaultDevice;
import jpuffs.pud.block.RamDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The server as a client sees it that looks at each byte.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NbdServerTest {
    private static final long SIZE = 8 << 20;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private RamDevice ram;
    private NbdFixture fixture;

    @BeforeEach
    void open() throws IOException {
        ram = new RamDevice(SIZE);
        fixture = NbdFixture.of(ram);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
        ram.close();
    }

    private static byte[] pattern(int length, int seed) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + seed);
        }
        return bytes;
    }

    private static ByteBuffer writeRequest(long cookie, int flags, long offset, byte[] data) {
        ByteBuffer head = RawClient.header(Nbd.CMD_WRITE, flags, cookie, offset, data.length);
        return ByteBuffer.allocate(28 + data.length).put(head.flip()).put(data);
    }

    @Test
    void goTellsTheSizeAndReadsGiveWhatWasWritten() throws IOException {
        byte[] data = pattern(70_144, 1);
        try (RawClient client = fixture.connect().greet(3)) {
            assertThat(client.go("")).isEqualTo(SIZE);
            client.write(writeRequest(7, Nbd.FLAG_FUA, 512, data));
            assertThat(client.simple(7)).isZero();
            client.request(Nbd.CMD_READ, 0, 8, 512, data.length);
            assertThat(client.simple(8)).isZero();
            assertThat(client.read(data.length).array()).isEqualTo(data);
            client.request(Nbd.CMD_DISC, 0, 9, 0, 0);
            assertThat(client.isHungUp()).isTrue();
        }
    }

    @Test
    void exportNameBeginsAtOnceWithTheSizeAndZeroes() throws IOException {
        try (RawClient client = fixture.connect().greet(Nbd.FIXED_NEWSTYLE)) {
            client.option(Nbd.OPT_EXPORT_NAME, NOTHING);
            ByteBuffer reply = client.read(134);
            assertThat(reply.getLong()).isEqualTo(SIZE);
            assertThat(reply.getShort() & Nbd.CAN_MULTI_CONN).isNotZero();
            client.request(Nbd.CMD_FLUSH, 0, 1, 0, 0);
            assertThat(client.simple(1)).isZero();
        }
    }

    @Test
    void anUnknownExportIsRefusedAndAnotherMayBeAskedFor() throws IOException {
        try (RawClient client = fixture.connect().greet(3)) {
            client.option(
                    Nbd.OPT_GO, ByteBuffer.allocate(7).putInt(1).put((byte) 'x').putShort((short) 0));
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ERR_UNKNOWN);
            assertThat(client.go("")).isEqualTo(SIZE);
        }
    }

    @Test
    void optionsThatAreUnknownOrMalformedAreRefused() throws IOException {
        try (RawClient client = fixture.connect().greet(3)) {
            client.option(99, ByteBuffer.allocate(10).putLong(1));
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ERR_UNSUP);
            client.option(Nbd.OPT_GO, ByteBuffer.allocate(4).putInt(1 << 30));
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ERR_INVALID);
            client.option(Nbd.OPT_LIST, ByteBuffer.allocate(4).putInt(1));
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ERR_INVALID);
            client.option(Nbd.OPT_GO, ByteBuffer.allocate(100_000).position(100_000));
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ERR_TOO_BIG);
            client.option(Nbd.OPT_STARTTLS, NOTHING);
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ERR_POLICY);
            client.option(Nbd.OPT_ABORT, NOTHING);
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ACK);
            assertThat(client.isHungUp()).isTrue();
        }
    }

    @Test
    void requestsOutsideOrAcrossBlocksAreRefused() throws IOException {
        try (RawClient client = fixture.transmission()) {
            assertThat(error(client, Nbd.CMD_READ, SIZE, 512)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, SIZE - 512, 1024)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, -512, 1024)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 1, 512)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, 511)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, 64 << 20)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, Nbd.CMD_TRIM, SIZE, 512)).isEqualTo(Errno.ENOSPC);
            assertThat(error(client, Nbd.CMD_WRITE_ZEROES, 0, 0xffff_fe00L)).isEqualTo(Errno.ENOSPC);
            assertThat(error(client, Nbd.CMD_BLOCK_STATUS, 0, 512)).isEqualTo(Errno.EINVAL);
            assertThat(error(client, 77, 0, 0)).isEqualTo(Errno.EINVAL);
            client.write(writeRequest(1, 0, SIZE, new byte[512]));
            assertThat(client.simple(1)).isEqualTo(Errno.ENOSPC.number());
        }
    }

    private static Errno error(RawClient client, int type, long offset, long length) throws IOException {
        client.request(type, 0, 5, offset, length);
        return Errno.of(client.simple(5));
    }

    @Test
    void requestsOfNoLengthSucceed() throws IOException {
        try (RawClient client = fixture.transmission()) {
            for (int type : List.of(Nbd.CMD_READ, Nbd.CMD_WRITE, Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES)) {
                client.request(type, 0, type, SIZE, 0);
                assertThat(client.simple(type)).isZero();
            }
        }
    }

    @Test
    void structuredRepliesTellErrorsAndHoles() throws IOException {
        ram.write(MemorySegment.ofArray(new byte[512]), 1 << 20);
        try (RawClient client = fixture.connect().greet(3)) {
            client.option(Nbd.OPT_STRUCTURED_REPLY, NOTHING);
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ACK);
            byte[] context = "base:allocation".getBytes(UTF_8);
            ByteBuffer query =
                    ByteBuffer.allocate(12 + context.length).putInt(0).putInt(1);
            client.option(Nbd.OPT_SET_META_CONTEXT, query.putInt(context.length).put(context));
            RawClient.Reply reply = client.reply();
            assertThat(reply.type()).isEqualTo(Nbd.REP_META_CONTEXT);
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ACK);
            client.go("");

            client.request(Nbd.CMD_BLOCK_STATUS, 0, 3, 0, 2 << 20);
            ByteBuffer status = chunk(client, 3, Nbd.CHUNK_BLOCK_STATUS);
            assertThat(status.getInt()).isEqualTo(reply.data().getInt());
            assertThat(List.of(status.getInt(), status.getInt(), status.getInt(), status.getInt(), status.getInt()))
                    .containsExactly(1 << 20, 3, 64 << 10, 0, (1 << 20) - (64 << 10));

            client.request(Nbd.CMD_READ, Nbd.FLAG_DF, 4, 512, 1024);
            ByteBuffer data = chunk(client, 4, Nbd.CHUNK_OFFSET_DATA);
            assertThat(data.getLong()).isEqualTo(512);
            assertThat(data.remaining()).isEqualTo(1024);

            client.request(Nbd.CMD_READ, 0, 5, SIZE, 512);
            assertThat(chunk(client, 5, Nbd.CHUNK_ERROR).getInt()).isEqualTo(Errno.EINVAL.number());
        }
    }

    private static ByteBuffer chunk(RawClient client, long cookie, int type) throws IOException {
        ByteBuffer head = client.read(20);
        assertThat(head.getInt()).isEqualTo(Nbd.STRUCTURED_REPLY_MAGIC);
        assertThat(head.getShort()).isEqualTo((short) Nbd.CHUNK_DONE);
        assertThat(head.getShort()).isEqualTo((short) type);
        assertThat(head.getLong()).isEqualTo(cookie);
        return client.read(head.getInt());
    }

    @Test
    void extendedHeadersCarryLengthsOf64Bits() throws IOException {
        try (RawClient client = fixture.connect().greet(3)) {
            client.option(Nbd.OPT_EXTENDED_HEADERS, NOTHING);
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ACK);
            client.go("");
            client.write(extended(Nbd.CMD_READ, 1, 1024, 512));
            ByteBuffer head = client.read(32);
            assertThat(head.getInt()).isEqualTo(Nbd.EXTENDED_REPLY_MAGIC);
            assertThat(head.getInt()).isEqualTo(Nbd.CHUNK_DONE << 16 | Nbd.CHUNK_OFFSET_DATA);
            assertThat(List.of(head.getLong(), head.getLong(), head.getLong())).containsExactly(1L, 1024L, 520L);
            assertThat(client.read(520).getLong()).isEqualTo(1024);
            client.write(extended(Nbd.CMD_WRITE_ZEROES, 2, 0, 1L << 40));
            head = client.read(32);
            assertThat(head.getLong(8)).isEqualTo(2);
            assertThat(client.read((int) head.getLong(24)).getInt()).isEqualTo(Errno.ENOSPC.number());
        }
    }

    private static ByteBuffer extended(int type, long cookie, long offset, long length) {
        ByteBuffer request =
                ByteBuffer.allocate(32).putInt(Nbd.EXTENDED_REQUEST_MAGIC).putInt(type);
        return request.putLong(cookie).putLong(offset).putLong(length);
    }

    @Test
    void writesToAReadOnlyExportAreRefused() throws IOException {
        var export = new NbdExport("disk", "a disk", ram, true);
        try (var readOnly = new NbdFixture(List.of(export));
                RawClient client = readOnly.connect().greet(3)) {
            client.option(Nbd.OPT_LIST, NOTHING);
            RawClient.Reply entry = client.reply();
            assertThat(UTF_8.decode(entry.data().position(4)).toString()).isEqualTo("diska disk");
            assertThat(client.reply().type()).isEqualTo(Nbd.REP_ACK);
            client.go("disk");
            client.write(writeRequest(1, 0, 0, new byte[512]));
            assertThat(client.simple(1)).isEqualTo(Errno.EPERM.number());
        }
    }

    /// A device whose reads of block 0 wait until they are let go.
    private static final class Gate extends FilterDevice {
        private final CountDownLatch open = new CountDownLatch(1);
        private final CountDownLatch waiting = new CountDownLatch(1);

        Gate(BlockDevice base) {
            super(base);
        }

        @Override
        public void read(MemorySegment dst, long off) throws IOException {
            if (off == 0) {
                waiting.countDown();
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw Errno.EINTR.error();
                }
            }
            super.read(dst, off);
        }
    }

    @Test
    void aSlowRequestHoldsUpNoOther() throws IOException {
        var gate = new Gate(ram);
        try (var slow = NbdFixture.of(gate);
                RawClient client = slow.transmission()) {
            client.request(Nbd.CMD_READ, 0, 1, 0, 512);
            client.request(Nbd.CMD_READ, 0, 2, 512, 512);
            assertThat(client.simple(2)).isZero();
            client.read(512);
            gate.open.countDown();
            assertThat(client.simple(1)).isZero();
        }
    }

    @Test
    void aClientThatDiesWithRequestsUnderWayIsForgotten() throws Exception {
        var gate = new Gate(ram);
        try (var slow = NbdFixture.of(gate)) {
            try (RawClient client = slow.transmission()) {
                client.request(Nbd.CMD_READ, 0, 1, 0, 512);
                client.write(ByteBuffer.allocate(100)
                        .put(writeRequest(2, 0, 0, new byte[4096]).array(), 0, 100));
                gate.waiting.await();
            }
            gate.open.countDown();
            while (slow.server.clients() > 0) {
                Thread.sleep(5);
            }
        }
    }

    @Test
    void moreRequestsThanAreServedAtOnceAreServedInTheEnd() throws IOException {
        try (RawClient client = fixture.transmission()) {
            int count = 2000;
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        client.request(Nbd.CMD_READ, 0, i, i % 100 * 512L, 64 << 10);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < count; i++) {
                assertThat(client.simple(i)).isZero();
                client.read(64 << 10);
            }
            assertThat(sender).satisfies(thread -> thread.join());
        }
    }

    @Test
    void whatADeviceFailsWithIsToldToItsClientOnly() throws IOException {
        var plan = new FaultDevice.Plan(0, 1, Errno.ENOSPC, false, 1);
        try (var failing = NbdFixture.of(new FaultDevice(ram, plan));
                RawClient client = failing.transmission()) {
            client.write(writeRequest(1, 0, 0, new byte[512]));
            assertThat(client.simple(1)).isZero();
            client.write(writeRequest(2, 0, 0, new byte[512]));
            assertThat(client.simple(2)).isEqualTo(Errno.ENOSPC.number());
        }
    }

    @Test
    void aBugOfTheDeviceIsAnErrorForItsClient() throws IOException {
        var broken = new FilterDevice(ram) {
            @Override
            public void read(MemorySegment dst, long off) {
                throw new IllegalStateException("provoked by a test");
            }
        };
        try (var failing = NbdFixture.of(broken);
                RawClient client = failing.transmission()) {
            assertThat(error(client, Nbd.CMD_READ, 0, 512)).isEqualTo(Errno.EIO);
            client.request(Nbd.CMD_FLUSH, 0, 1, 0, 0);
            assertThat(client.simple(1)).isZero();
        }
    }

    @Test
    void zeroesWithoutAHoleTakeSpace() throws IOException {
        try (RawClient client = fixture.transmission()) {
            client.request(Nbd.CMD_WRITE_ZEROES, Nbd.FLAG_NO_HOLE, 1, 0, 3 << 20);
            assertThat(client.simple(1)).isZero();
            assertThat(ram.extent(0, 3 << 20).isHole()).isFalse();
            client.request(Nbd.CMD_WRITE_ZEROES, 0, 1, 0, 3 << 20);
            assertThat(client.simple(1)).isZero();
            assertThat(ram.extent(0, 3 << 20).isHole()).isTrue();
        }
    }

    @Test
    void offsetsBeyond2TiBAreReached() throws IOException {
        long size = 8L << 40;
        try (var huge = new RamDevice(size);
                var served = NbdFixture.of(huge);
                RawClient client = served.connect().greet(3)) {
            assertThat(client.go("")).isEqualTo(size);
            client.write(writeRequest(1, 0, size - 4096, pattern(4096, 3)));
            assertThat(client.simple(1)).isZero();
            client.request(Nbd.CMD_READ, 0, 2, size - 4096, 4096);
            assertThat(client.simple(2)).isZero();
            assertThat(client.read(4096).array()).isEqualTo(pattern(4096, 3));
        }
    }

    @Test
    void aSocketThatSomebodyListensAtIsNotTaken() {
        assertThatThrownBy(() -> NbdServer.open(fixture.address, List.of(NbdExport.of(ram))))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
    }

    @Test
    void aSocketThatADeadServerLeftIsTakenOver() throws IOException {
        var address = java.net.UnixDomainSocketAddress.of(fixture.folder.resolve("left"));
        jpuffs.sys.StreamSocket.listen(address, 1).close();
        assertThat(address.getPath()).exists();
        NbdServer.open(address, List.of(NbdExport.of(ram))).close();
        assertThat(Files.exists(address.getPath())).isFalse();
    }

    @Test
    void tcpTakesAFreePort() throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (NbdServer server = NbdServer.open(address, List.of(NbdExport.of(ram)));
                var socket = new java.net.Socket(InetAddress.getLoopbackAddress(), server.port())) {
            byte[] greeting = socket.getInputStream().readNBytes(8);
            assertThat(new String(greeting, UTF_8)).isEqualTo("NBDMAGIC");
        }
    }
}
