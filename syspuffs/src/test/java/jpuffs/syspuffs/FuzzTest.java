// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Cred;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.puffs.Opcode;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server that answers at random, and honest answers that were mutated: nobody hangs, nothing but errors comes of
/// it, nothing leaks. Repeat a run by `-Djpuffs.seed=N`.
class FuzzTest {
    private static final List<Name> NAMES = List.of(Name.of("a"), Name.of("b"), Name.of("none"), Name.of("dir"));

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void someRandomAnswers() throws Exception {
        fuzz(10_000);
    }

    @Test
    @Tag("long")
    @Timeout(value = 1800, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aMillionRandomAnswers() throws Exception {
        fuzz(1_000_000);
    }

    private static void fuzz(int answers) throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() & 0x7fff_ffff);
        int descriptors = Fd.openCount();
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            var mutator = new Mutator(new Random(seed));
            server.script = mutator;
            var caller = new Random(~seed);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(5000);
                while (mutator.sent.get() < answers) {
                    step(half, caller, buffer);
                }
            }
            server.script = _ -> null;
            assertThat(half.root().getattr().isDirectory()).as("it lives").isTrue();
            assertThat(half.misbehaviours()).as("reported").isGreaterThan(answers / 10);
        } catch (Throwable e) {
            throw new AssertionError("-Djpuffs.seed=" + seed, e);
        }
        assertThat(Fd.openCount()).as("descriptors").isEqualTo(descriptors);
    }

    /// One file is looked up and used, and given back.
    private static void step(SysPuffs half, Random random, MemorySegment buffer) {
        try {
            Node root = half.root();
            Name name = NAMES.get(random.nextInt(NAMES.size()));
            Node node = random.nextInt(4) == 0 ? make(root, name, random) : root.lookup(name);
            if (node != null) {
                try {
                    use(node, random, buffer);
                } finally {
                    node.reclaim(1);
                }
            }
            useRoot(half, random, name);
        } catch (IOException _) {
            // most fail
        }
    }

    private static Node make(Node root, Name name, Random random) throws IOException {
        return switch (random.nextInt(4)) {
            case 0 -> root.mknod(name, Mode.S_IFREG | 0644, 0, Cred.ROOT);
            case 1 -> root.mkdir(name, 0755, Cred.ROOT);
            case 2 -> root.symlink(name, new byte[] {'x'}, Cred.ROOT);
            default -> root.create(name, Mode.S_IFREG | 0644, 2, Cred.ROOT).node();
        };
    }

    private static void use(Node node, Random random, MemorySegment buffer) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> node.getattr();
            case 1 -> node.setattr(SetAttr.none().withMode(0600));
            case 2 -> node.readlink();
            case 3 -> node.listxattr();
            case 4 -> node.getxattr(Name.of("user.x"));
            case 5 -> node.setxattr(Name.of("user.x"), new byte[5], 0);
            default -> {
                Handle handle = node.open(2);
                try {
                    use(handle, random, buffer);
                } finally {
                    handle.release();
                }
            }
        }
    }

    private static void use(Handle handle, Random random, MemorySegment buffer) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> handle.read(buffer, random.nextInt(10_000));
            case 1 -> handle.write(buffer, random.nextInt(10_000));
            case 2 -> handle.fsync(false);
            case 3 -> handle.seek(0, true);
            case 4 -> handle.copyFileRange(0, handle, 5000, 100);
            case 5 -> handle.getlk(new Lock(Lock.Type.READ, 1, 0, 10, 1, false));
            case 6 -> handle.ioctl(0x1234, buffer.asSlice(0, 4), buffer.asSlice(0, 8));
            default -> handle.flush();
        }
    }

    private static void useRoot(SysPuffs half, Random random, Name name) throws IOException {
        Node root = half.root();
        switch (random.nextInt(5)) {
            case 0 -> half.statfs();
            case 1 -> root.unlink(name);
            case 2 -> root.rename(name, root, Name.of("c"), 0);
            case 3 -> root.open(0).readdir(0, (_, _, _, _) -> random.nextInt(5) != 0);
            default -> root.getattr();
        }
    }

    /// Sends something odd, and then an answer, so that whoever did not get one from the first gets it.
    private static final class Mutator implements BadServer.Script {
        private final Random random;
        final AtomicInteger sent = new AtomicInteger();

        Mutator(Random random) {
            this.random = random;
        }

        @Override
        public List<byte[]> answer(BadServer.Request r) {
            if (r.is(Opcode.FORGET) || r.is(Opcode.BATCH_FORGET)) {
                return List.of();
            }
            byte[] honest = honest(r);
            var answers = new ArrayList<byte[]>();
            if (random.nextInt(3) == 0) {
                answers.add(odd(honest));
                sent.incrementAndGet();
            }
            answers.add(random.nextInt(4) == 0 ? r.error(1 + random.nextInt(130)) : honest);
            sent.incrementAndGet();
            return answers;
        }

        /// Right in its length, more or less.
        private byte[] honest(BadServer.Request r) {
            int size = switch (r.opcode()) {
                case 1, 6, 8, 9, 13 -> 128;
                case 3, 4 -> 104;
                case 14, 27 -> 16;
                case 17 -> 80;
                case 35 -> 144;
                case 16 -> 8;
                default -> random.nextInt(50);
            };
            byte[] body = new byte[size];
            if (size >= 104) {
                int attr = size == 104 ? 16 : 40;
                BadServer.buffer(body)
                        .putLong(0, 2 + random.nextInt(5))
                        .putInt(attr + 60, random.nextInt(16) << 12 | 0644);
            }
            if (r.nodeid() == 1 && size == 104) {
                BadServer.buffer(body).putInt(16 + 60, Mode.S_IFDIR);
            }
            if (r.is(Opcode.WRITE)) {
                BadServer.buffer(body).putInt(0, Math.min(r.u32(16), random.nextInt(6000)));
            }
            return r.ok(body);
        }

        private byte[] odd(byte[] message) {
            return switch (random.nextInt(6)) {
                case 0 -> bytes(1 + random.nextInt(300));
                case 1 -> flipped(message);
                case 2 -> java.util.Arrays.copyOf(message, 1 + random.nextInt(message.length));
                case 3 -> sized(java.util.Arrays.copyOf(message, 16 + random.nextInt(70_000)));
                case 4 -> BadServer.message(0, random.nextInt(12), bytes(random.nextInt(60)));
                default -> BadServer.message(random.nextInt(1000), random.nextInt(), bytes(random.nextInt(200)));
            };
        }

        private byte[] bytes(int length) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            return bytes;
        }

        private byte[] flipped(byte[] message) {
            byte[] copy = message.clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            return copy;
        }

        private static byte[] sized(byte[] message) {
            BadServer.buffer(message).putInt(0, message.length);
            return message;
        }
    }
}
