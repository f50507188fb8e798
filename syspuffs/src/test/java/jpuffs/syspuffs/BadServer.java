// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import org.jspecify.annotations.Nullable;

/// A server written by hand, which can be made to answer anything. By itself it is honest: a directory (node 1) in
/// which each name is a file of its own, but `none`, which is not there, and `dir`.
final class BadServer implements AutoCloseable {
    static final int FILE = 2;

    /// What is sent for a request: whole messages; null for the honest answer.
    interface Script {
        @Nullable
        List<byte[]> answer(Request request);
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody changes them
    record Request(int opcode, long unique, long nodeid, byte[] bytes) {
        boolean is(Opcode op) {
            return opcode == op.number();
        }

        /// A field of the argument structure.
        long u64(int at) {
            return buffer(bytes).getLong(40 + at);
        }

        int u32(int at) {
            return buffer(bytes).getInt(40 + at);
        }

        byte[] ok(byte[] body) {
            return message(unique, 0, body);
        }

        byte[] error(int errno) {
            return message(unique, -errno, new byte[0]);
        }
    }

    /// Look-ups that were not taken back, by node.
    final ConcurrentHashMap<Long, Long> lookups = new ConcurrentHashMap<>();

    volatile Script script = _ -> null;
    private final Socket.Pair pair;
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    BadServer() throws ErrnoException {
        pair = SysPuffs.pair();
        thread = Thread.ofPlatform().daemon().name("bad-server").start(this::run);
    }

    /// The end for the kernel half.
    Fd end() {
        return pair.first();
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(2 << 20, 8);
            MemorySegment out = arena.allocate(2 << 20, 8);
            long n = pair.second().tryRead(in);
            while (n > 0) {
                ByteBuffer head = in.asByteBuffer().order(ByteOrder.nativeOrder());
                byte[] bytes = in.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                var request = new Request(head.getInt(4), head.getLong(8), head.getLong(16), bytes);
                List<byte[]> answers = script.answer(request);
                for (byte[] answer : answers == null ? honest(request) : answers) {
                    MemorySegment.copy(answer, 0, out, ValueLayout.JAVA_BYTE, 0, answer.length);
                    long unused = pair.second().tryWrite(out.asSlice(0, answer.length));
                }
                n = pair.second().tryRead(in);
            }
        } catch (Throwable e) {
            failure = e;
            pair.second().close(); // nobody is to wait for it
        }
    }

    static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    static byte[] message(long unique, int error, byte[] body) {
        byte[] message = new byte[16 + body.length];
        buffer(message).putInt(message.length).putInt(error).putLong(unique).put(body);
        return message;
    }

    static byte[] attr(int mode, long size) {
        byte[] attr = new byte[88];
        buffer(attr)
                .putLong(0, 7)
                .putLong(8, size)
                .putInt(60, mode)
                .putInt(64, 1)
                .putInt(80, 4096);
        return attr;
    }

    /// A fuse_attr_out that is valid for no time.
    static byte[] attrOut(int mode, long size) {
        return joined(new byte[16], attr(mode, size));
    }

    /// A fuse_entry_out that is valid for no time.
    static byte[] entryOut(long nodeid, int mode) {
        byte[] head = new byte[40];
        buffer(head).putLong(0, nodeid);
        return joined(head, attr(mode, 0));
    }

    static byte[] joined(byte[] first, byte[] second) {
        byte[] all = new byte[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    static byte[] dirent(String name, long off, int nameLength) {
        byte[] entry = new byte[24 + (name.length() + 7 & ~7)];
        ByteBuffer out = buffer(entry);
        out.putLong(7)
                .putLong(off)
                .putInt(nameLength)
                .putInt(8)
                .put(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return entry;
    }

    static byte[] initOut(int major, int minor, long flags) {
        byte[] init = new byte[64];
        buffer(init)
                .putInt(0, major)
                .putInt(4, minor)
                .putInt(12, (int) flags)
                .putInt(20, 1 << 17)
                .putShort(28, (short) 32);
        return init;
    }

    private List<byte[]> honest(Request r) {
        Opcode op = List.of(Opcode.values()).stream()
                .filter(o -> o.number() == r.opcode)
                .findFirst()
                .orElseThrow();
        return switch (op) {
            case INIT -> List.of(r.ok(initOut(7, 31, Init.MAX_PAGES)));
            case GETATTR, SETATTR -> List.of(r.ok(attrOut(mode(r.nodeid), 0)));
            case LOOKUP -> List.of(lookup(r));
            case MKNOD, LINK -> List.of(entry(r, r.is(Opcode.LINK) ? r.u64(0) : fresh(), Mode.S_IFREG));
            case SYMLINK -> List.of(entry(r, fresh(), Mode.S_IFLNK));
            case MKDIR -> List.of(entry(r, fresh(), Mode.S_IFDIR));
            case CREATE -> {
                long id = fresh();
                lookups.merge(id, 1L, Long::sum);
                yield List.of(r.ok(joined(entryOut(id, Mode.S_IFREG | 0644), new byte[16])));
            }
            case OPEN, OPENDIR -> List.of(r.ok(new byte[16]));
            case READ -> List.of(r.ok(new byte[r.u32(16)]));
            case WRITE -> List.of(r.ok(buffer(new byte[8]).putInt(0, r.u32(16)).array()));
            case READDIR -> List.of(r.ok(r.u64(8) == 0 ? dirent("a", 1, 1) : new byte[0]));
            case READLINK, GETXATTR -> List.of(r.ok(new byte[] {'x'}));
            case LISTXATTR -> List.of(r.ok(new byte[] {'x', 0}));
            case STATFS -> List.of(r.ok(new byte[80]));
            case FORGET -> forget(r.nodeid, r.u64(0));
            case BATCH_FORGET -> forgetAll(r);
            case INTERRUPT -> List.of();
            default -> List.of(r.ok(new byte[0]));
        };
    }

    private static int mode(long nodeid) {
        return nodeid == 1 ? Mode.S_IFDIR | 0755 : Mode.S_IFREG | 0644;
    }

    private long next = 1000;

    private long fresh() {
        return next++;
    }

    private byte[] entry(Request r, long id, int type) {
        lookups.merge(id, 1L, Long::sum);
        return r.ok(entryOut(id, type | 0644));
    }

    private byte[] lookup(Request r) {
        String name = new String(r.bytes, 40, r.bytes.length - 41, java.nio.charset.StandardCharsets.UTF_8);
        return switch (name) {
            case "none" -> r.error(2);
            case "dir" -> entry(r, 3, Mode.S_IFDIR);
            default -> entry(r, FILE, Mode.S_IFREG);
        };
    }

    private List<byte[]> forget(long nodeid, long count) {
        lookups.computeIfPresent(nodeid, (_, old) -> old == count ? null : old - count);
        return List.of();
    }

    private List<byte[]> forgetAll(Request r) {
        for (int i = 0; i < r.u32(0); i++) {
            forget(r.u64(8 + 16 * i), r.u64(16 + 16 * i));
        }
        return List.of();
    }

    void hangUp() throws ErrnoException {
        if (pair.second().isOpen()) {
            pair.second().shutdown(Fcntl.SHUT_RDWR);
        }
    }

    @Override
    public void close() throws ErrnoException {
        hangUp();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw Errno.EINTR.error();
        }
        pair.close();
        if (failure != null) {
            throw new AssertionError("the server of the test", failure);
        }
    }
}
