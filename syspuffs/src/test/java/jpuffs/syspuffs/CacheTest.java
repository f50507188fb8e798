// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.Notify;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Names that are there, names that are not, and attributes: known for as long as the server says, and until it
/// says otherwise.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CacheTest {
    private static final Name FILE = Name.of("f");
    private static final long FOR_LONG = 1000;

    private BadServer server;
    private SysPuffs half;
    private final AtomicInteger lookups = new AtomicInteger();
    private final AtomicInteger getattrs = new AtomicInteger();

    @BeforeEach
    void attach() throws Exception {
        server = new BadServer();
        half = SysPuffs.attach(server.end());
    }

    @AfterEach
    void close() throws Exception {
        long misbehaviours = half.misbehaviours();
        half.close();
        server.close();
        assertThat(misbehaviours).isZero();
    }

    /// Answers look-ups and GETATTR for so many seconds and nanoseconds, and counts them.
    private void answerFor(long id, long seconds, int nanos) {
        byte[] entry = BadServer.entryOut(id, Mode.S_IFREG | 0644);
        BadServer.buffer(entry)
                .putLong(16, seconds)
                .putLong(24, seconds)
                .putInt(32, nanos)
                .putInt(36, nanos);
        byte[] attr = BadServer.attrOut(Mode.S_IFREG | 0644, 0);
        BadServer.buffer(attr).putLong(0, seconds).putInt(8, nanos);
        server.script = r -> {
            if (r.is(Opcode.LOOKUP)) {
                lookups.incrementAndGet();
                return List.of(r.ok(entry));
            }
            if (r.is(Opcode.GETATTR) && r.nodeid() == id) {
                getattrs.incrementAndGet();
                return List.of(r.ok(attr));
            }
            return null;
        };
    }

    /// How many LOOKUPs two look-ups of [#FILE] take, whose node stays in use.
    private int lookupsOfTwo() throws IOException {
        lookups.set(0);
        half.root().lookup(FILE);
        half.root().lookup(FILE);
        return lookups.get();
    }

    @Test
    void aNameIsKnownForItsTime() throws Exception {
        answerFor(BadServer.FILE, FOR_LONG, 0);
        assertThat(lookupsOfTwo()).isEqualTo(1);
        assertThat(getattrs).as("its attributes came with it").hasValue(0);
    }

    @Test
    void aNameOfNoTimeIsAskedForEachTime() throws Exception {
        answerFor(BadServer.FILE, 0, 0);
        assertThat(lookupsOfTwo()).isEqualTo(2);
        assertThat(getattrs).as("its attributes come with it").hasValue(0);
    }

    @Test
    void aTimeEnds() throws Exception {
        answerFor(BadServer.FILE, 0, 1);
        assertThat(lookupsOfTwo()).isEqualTo(2);
        int before = getattrs.get();
        half.root().lookup(FILE).getattr();
        half.root().lookup(FILE).getattr();
        assertThat(getattrs.get()).isGreaterThanOrEqualTo(before + 2);
    }

    @Test
    void thatANameIsNotThereIsKnownForItsTime() throws Exception {
        answerFor(0, FOR_LONG, 0);
        assertThat(half.root().lookup(FILE)).isNull();
        assertThat(half.root().lookup(FILE)).isNull();
        assertThat(lookups).hasValue(1);
        half.root().mkdir(FILE, 0755, jpuffs.core.Cred.ROOT);
        assertThat(half.root().lookup(Name.of("g"))).isNull();
        assertThat(lookups).hasValue(2);
        answerFor(BadServer.FILE, FOR_LONG, 0);
        half.root().unlink(FILE);
        assertThat(half.root().lookup(FILE))
                .as("asked for again after a change")
                .isNotNull();
    }

    @Test
    void anErrorIsNotKept() throws Exception {
        server.script = r -> {
            if (r.is(Opcode.LOOKUP)) {
                lookups.incrementAndGet();
                return List.of(r.error(2));
            }
            return null;
        };
        assertThat(lookupsOfTwo()).isEqualTo(2);
    }

    /// A change by ourselves ends what is known, whatever time it has.
    @Test
    void changesEndWhatIsKnown() throws Exception {
        answerFor(BadServer.FILE, FOR_LONG, 0);
        var file = half.root().lookup(FILE);
        half.root().rename(FILE, half.root(), Name.of("g"), 0);
        half.root().lookup(FILE);
        assertThat(lookups).hasValue(2);
        file.setxattr(Name.of("user.x"), new byte[1], 0);
        file.getattr();
        file.getattr();
        assertThat(getattrs).hasValue(1);
    }

    /// Sends a notification with the answer to the next request, which is made.
    private void tell(int code, byte[] body) throws IOException {
        BadServer.Script before = server.script;
        server.script = r ->
                r.is(Opcode.STATFS) ? List.of(BadServer.message(0, code, body), r.ok(new byte[80])) : before.answer(r);
        half.statfs();
        server.script = before;
    }

    private static byte[] aboutAName(int head, int lengthAt, long child) {
        byte[] name = FILE.toString().getBytes(UTF_8);
        byte[] body = new byte[head + name.length + 1];
        ByteBuffer out = BadServer.buffer(body).putLong(0, 1).putInt(lengthAt, name.length);
        if (head == 24) {
            out.putLong(8, child);
        }
        System.arraycopy(name, 0, body, head, name.length);
        return body;
    }

    @Test
    void namesEndByNotifications() throws Exception {
        answerFor(BadServer.FILE, FOR_LONG, 0);
        half.root().lookup(FILE);
        assertNameEnds(Notify.INVAL_ENTRY, aboutAName(16, 8, 0));
        assertNameEnds(Notify.DELETE, aboutAName(24, 16, BadServer.FILE));
        assertNameEnds(Notify.INC_EPOCH, new byte[0]);
    }

    private void assertNameEnds(int code, byte[] body) throws IOException {
        assertThat(lookupsOfTwo()).as("known before").isZero();
        tell(code, body);
        assertThat(lookupsOfTwo()).as("notification %d", code).isEqualTo(1);
    }

    @Test
    void attributesEndByNotifications() throws Exception {
        answerFor(BadServer.FILE, FOR_LONG, 0);
        var file = half.root().lookup(FILE);
        byte[] store = new byte[24];
        BadServer.buffer(store).putLong(0, BadServer.FILE);
        for (int code : new int[] {Notify.INVAL_INODE, Notify.STORE}) {
            int before = getattrs.get();
            file.getattr();
            assertThat(getattrs).as("known before").hasValue(before);
            tell(code, store);
            file.getattr();
            file.getattr();
            assertThat(getattrs).as("notification %d", code).hasValue(before + 1);
        }
    }

    /// Nothing of a file is kept here that the server would not have.
    @Test
    void aRetrieveGetsNothing() throws Exception {
        BlockingQueue<BadServer.Request> replies = new LinkedBlockingQueue<>();
        server.script = r -> {
            if (r.is(Opcode.NOTIFY_REPLY)) {
                replies.add(r);
                return new ArrayList<>();
            }
            return null;
        };
        byte[] retrieve = new byte[32];
        BadServer.buffer(retrieve)
                .putLong(0, 4711)
                .putLong(8, 1)
                .putLong(16, 8192)
                .putInt(24, 4096);
        tell(Notify.RETRIEVE, retrieve);
        BadServer.Request reply = replies.take();
        assertThat(reply.unique()).isEqualTo(4711);
        assertThat(reply.nodeid()).isEqualTo(1);
        assertThat(reply.u64(8)).as("offset").isEqualTo(8192);
        assertThat(reply.u32(16)).as("length").isZero();
    }
}
