// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.puffs.DirectKernel.body;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jpuffs.core.Mode;
import jpuffs.puffs.DirectKernel.Body;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;

/// Makes requests: sensible ones, from what earlier replies told, and broken ones.
final class Fuzz {
    private static final Opcode[] OPCODES = Opcode.values();

    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        7,
        8,
        15,
        16,
        100,
        255,
        256,
        4095,
        4096,
        4097,
        65_535,
        65_536,
        1 << 20,
        (1 << 20) + 1,
        0x7fff_ffff,
        0x8000_0000L,
        0xffff_ffffL,
        1L << 32,
        1L << 62,
        Long.MAX_VALUE - 4096,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -4096
    };

    private static final String[] ODD_NAMES = {
        "", ".", "..", "a/b", "/", "\0", "x".repeat(255), "x".repeat(256), "y".repeat(5_000), "\u00e4\u00f6"
    };

    private static final int[] TYPES = {
        Mode.S_IFREG, Mode.S_IFREG, Mode.S_IFIFO, Mode.S_IFSOCK, Mode.S_IFCHR, Mode.S_IFBLK, Mode.S_IFDIR, 0, 0170000
    };

    private final Random random;
    private final List<Long> nodes = new ArrayList<>(List.of(Wire.ROOT_ID));
    private final List<Long> handles = new ArrayList<>();

    Fuzz(long seed) {
        random = new Random(seed);
    }

    /// A whole message, with a header at least.
    byte[] next(long unique) {
        Opcode op = OPCODES[random.nextInt(OPCODES.length)];
        if (op == Opcode.DESTROY || op == Opcode.INTERRUPT) {
            op = Opcode.LOOKUP;
        }
        byte[] body = args(op).toBytes();
        int uid = random.nextInt(3) * 1_000;
        byte[] message = DirectKernel.message(op.number(), unique, node(), body, uid, uid);
        return random.nextInt(4) == 0 ? mutate(message) : message;
    }

    /// Remembers what a reply told, to ask for it.
    void learn(byte[] request, Reply reply) {
        Opcode op = Opcode.of(new Reply(0, request).u32(Wire.InHeader.OPCODE));
        if (reply.error() != 0 || op == null) {
            return;
        }
        switch (op) {
            case LOOKUP, MKNOD, MKDIR, SYMLINK, LINK -> remember(nodes, reply.nodeid());
            case CREATE, TMPFILE -> {
                remember(nodes, reply.nodeid());
                remember(handles, reply.u64(Wire.EntryOut.SIZE));
            }
            case OPEN, OPENDIR -> remember(handles, reply.u64(0));
            default -> {}
        }
    }

    private void remember(List<Long> list, long id) {
        if (list.size() < 200) {
            list.add(id);
        } else {
            list.set(random.nextInt(list.size()), id);
        }
    }

    private long node() {
        return random.nextInt(20) == 0 ? number() : nodes.get(random.nextInt(nodes.size()));
    }

    private long handle() {
        boolean odd = handles.isEmpty() || random.nextInt(20) == 0;
        return odd ? number() : handles.get(random.nextInt(handles.size()));
    }

    private long number() {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        return random.nextInt(3) == 0 ? number + random.nextInt(100) : number;
    }

    /// Most of the time of a size that makes sense.
    private long small() {
        return random.nextInt(8) == 0 ? number() : random.nextInt(10_000);
    }

    private String name() {
        return random.nextInt(15) == 0 ? ODD_NAMES[random.nextInt(ODD_NAMES.length)] : "n" + random.nextInt(40);
    }

    private int mode() {
        return TYPES[random.nextInt(TYPES.length)] | random.nextInt(010000);
    }

    private byte[] data(int length) {
        var data = new byte[length];
        random.nextBytes(data);
        return data;
    }

    private Body args(Opcode op) {
        Body b = body();
        return switch (op) {
            case LOOKUP, UNLINK, RMDIR -> b.name(name());
            case REMOVEXATTR -> b.name("user." + name());
            case FORGET -> b.u64(random.nextInt(3));
            case BATCH_FORGET -> forgets(b);
            case GETATTR -> b.u32(random.nextInt(2)).u32(0).u64(handle());
            case STATX -> b.u32(random.nextInt(2)).u32(0).u64(handle()).u32(0).u32(0xfff);
            case SETATTR -> setattr(b);
            case SYMLINK -> b.name(name()).name(name());
            case MKNOD -> b.u32(mode()).u32((int) number()).u32(022).u32(0).name(name());
            case MKDIR -> b.u32(mode()).u32(022).name(name());
            case RENAME -> b.u64(node()).name(name()).name(name());
            case RENAME2 ->
                b.u64(node()).u32(random.nextInt(9)).u32(0).name(name()).name(name());
            case LINK -> b.u64(node()).name(name());
            case OPEN, OPENDIR ->
                b.u32(random.nextInt(4) | random.nextInt(2) << 9).u32(random.nextInt(2));
            case CREATE, TMPFILE ->
                b.u32(random.nextInt(010000)).u32(mode()).u32(022).u32(0).name(name());
            case READ, READDIR, READDIRPLUS ->
                b.u64(handle()).u64(small()).u32((int) small()).zeros(20);
            case WRITE -> write(b);
            case RELEASE, RELEASEDIR ->
                b.u64(handle()).u32(0).u32(random.nextInt(4)).u64(random.nextInt(5));
            case FLUSH -> b.u64(handle()).u64(0).u64(random.nextInt(5));
            case FSYNC, FSYNCDIR -> b.u64(handle()).u32(random.nextInt(2)).u32(0);
            case SETXATTR -> setxattr(b);
            case GETXATTR -> b.u32((int) small()).u32(0).name("user." + name());
            case LISTXATTR -> b.u32((int) small()).u32(0);
            case GETLK, SETLK, SETLKW -> lock(b);
            case ACCESS -> b.u32(random.nextInt(8)).u32(0);
            case IOCTL ->
                b.u64(handle())
                        .u32(random.nextInt(3))
                        .u32(MemNode.REVERSE)
                        .u64(0)
                        .u32(4)
                        .u32(4)
                        .zeros(4);
            case POLL -> b.u64(handle()).u64(1).u32(random.nextInt(2)).u32((int) number());
            case FALLOCATE ->
                b.u64(handle()).u64(small()).u64(small()).u32(random.nextInt(4)).u32(0);
            case LSEEK -> b.u64(handle()).u64(small()).u32(random.nextInt(6)).u32(0);
            case COPY_FILE_RANGE, COPY_FILE_RANGE_64 ->
                b.u64(handle())
                        .u64(small())
                        .u64(node())
                        .u64(handle())
                        .u64(small())
                        .u64(small())
                        .u64(0);
            default -> b.bytes(data(op.argSize() + random.nextInt(64)));
        };
    }

    private Body forgets(Body b) {
        int count = random.nextInt(5);
        b.u32(count).u32(0);
        for (int i = 0; i < count; i++) {
            b.u64(node()).u64(random.nextInt(3));
        }
        return b;
    }

    private Body setattr(Body b) {
        b.u32(random.nextInt(1 << 12)).u32(0).u64(handle()).u64(small()).u64(0);
        b.u64(number()).u64(number()).u64(number());
        b.u32(random.nextInt(1_100_000_000)).u32(random.nextInt(1_000_000_000)).u32((int) small());
        return b.u32(mode()).u32(0).u32((int) number()).u32((int) number()).u32(0);
    }

    private Body write(Body b) {
        int size = random.nextInt(3_000);
        return b.u64(handle())
                .u64(small())
                .u32(size)
                .u32(random.nextInt(8))
                .zeros(16)
                .bytes(data(size));
    }

    private Body setxattr(Body b) {
        int size = random.nextInt(300);
        return b.u32(size)
                .u32(random.nextInt(3))
                .u32(random.nextInt(2))
                .u32(0)
                .name("user." + name())
                .bytes(data(size));
    }

    private Body lock(Body b) {
        long start = small();
        b.u64(handle()).u64(random.nextInt(5)).u64(start).u64(start + random.nextInt(100));
        return b.u32(random.nextInt(4))
                .u32(random.nextInt(2))
                .u32(random.nextInt(2))
                .u32(0);
    }

    // Damage

    private byte[] mutate(byte[] message) {
        byte[] result = message;
        for (int i = random.nextInt(3); i >= 0; i--) {
            result = damage(result);
        }
        return result;
    }

    private byte[] damage(byte[] message) {
        int header = Wire.InHeader.SIZE;
        return switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(message, header + random.nextInt(message.length - header + 1));
            case 1 -> Arrays.copyOf(message, message.length + random.nextInt(200));
            case 2 -> put(message, Wire.InHeader.OPCODE, random.nextInt(60), 4);
            case 3 -> put(message, Wire.InHeader.TOTAL_EXTLEN, number(), 2);
            case 4 -> put(message, Wire.InHeader.NODEID, number(), 8);
            case 5 -> flip(message);
            default -> putNumber(message);
        };
    }

    private byte[] putNumber(byte[] message) {
        int room = message.length - Wire.InHeader.SIZE - 8;
        return room < 0 ? message : put(message, Wire.InHeader.SIZE + random.nextInt(room / 4 + 1) * 4, number(), 8);
    }

    private static byte[] put(byte[] message, int at, long number, int size) {
        byte[] result = message.clone();
        System.arraycopy(body().u64(number).toBytes(), 0, result, at, size);
        return result;
    }

    private byte[] flip(byte[] message) {
        byte[] result = message.clone();
        int body = message.length - Wire.InHeader.SIZE;
        for (int i = 0; i < 3 && body > 0; i++) {
            result[Wire.InHeader.SIZE + random.nextInt(body)] ^= (byte) (1 << random.nextInt(8));
        }
        return result;
    }
}
