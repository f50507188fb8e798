// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.sys.Fcntl.FALLOC_FL_KEEP_SIZE;
import static jpuffs.sys.Fcntl.FALLOC_FL_PUNCH_HOLE;
import static jpuffs.sys.Fcntl.FALLOC_FL_ZERO_RANGE;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDWR;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import jpuffs.core.ErrnoException;

/// Random operations on one file, each compared with a model in memory: what the classic `fsx` does, by other code.
///
/// The model is an array: every byte of the file, and zeros beyond its end up to the greatest size.
final class Fsx {
    private static final int MAX = 256 << 10;
    private static final int MAX_LENGTH = 48 << 10;
    private static final int PAGE = 4096;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int HISTORY = 25;
    private static final String FILE = "fsx";

    @FunctionalInterface
    private interface Operation {
        void run(int off, int length) throws Exception;
    }

    private final Env env;
    private final Client client;
    private final long seed;
    private final Random random;
    private final byte[] model = new byte[MAX];
    private final List<Operation> operations = new ArrayList<>();
    private final Deque<String> history = new ArrayDeque<>();
    private int size;
    private int fd;

    /// @param seed makes the operations
    Fsx(Env env, long seed) throws Exception {
        this.env = env;
        this.client = env.root();
        this.seed = seed;
        this.random = new Random(seed);
        fd = client.open(FILE, O_CREAT | O_RDWR);
        add(3, this::write);
        add(3, this::read);
        add(1, this::truncate);
        add(1, this::reopen);
        add(1, this::check);
        addIf(Feature.PUNCH_HOLE, this::punch);
        addIf(Feature.ZERO_RANGE, this::zero);
        addIf(Feature.FALLOCATE, this::allocate);
        addIf(Feature.FALLOCATE, this::allocateBeyond);
        addIf(Feature.COPY_RANGE, this::copy);
        addIf(Feature.MMAP, this::mapRead);
        addIf(Feature.MMAP, this::mapWrite);
    }

    private void add(int weight, Operation operation) {
        for (int i = 0; i < weight; i++) {
            operations.add(operation);
        }
    }

    private void addIf(Feature feature, Operation operation) {
        if (env.has(feature)) {
            add(1, operation);
        }
    }

    /// Makes `count` operations and compares the whole file at the end.
    void run(int count) throws Exception {
        try {
            for (int i = 0; i < count; i++) {
                int off = random.nextInt(MAX);
                int length = 1 + random.nextInt(Math.min(MAX_LENGTH, MAX - off));
                operations.get(random.nextInt(operations.size())).run(off, length);
            }
            reopen(0, 0);
            compareAll();
            client.close(fd);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + ", the last operations:\n" + String.join("\n", history), e);
        }
    }

    private void note(String operation, long off, long length) {
        if (history.size() == HISTORY) {
            history.removeFirst();
        }
        history.addLast("%s %d, %d (size %d)".formatted(operation, off, length, size));
    }

    private void write(int off, int length) throws Exception {
        note("write", off, length);
        byte[] data = Data.of(length, random.nextLong());
        client.writeAll(fd, data, off);
        System.arraycopy(data, 0, model, off, length);
        size = Math.max(size, off + length);
    }

    private void read(int off, int length) throws Exception {
        note("read", off, length);
        compare(client.readAll(fd, length, off), off, Math.clamp(size - off, 0, length));
    }

    private void compare(byte[] got, int off, int expectedLength) {
        if (got.length != expectedLength) {
            throw new AssertionError("read %d bytes at %d instead of %d".formatted(got.length, off, expectedLength));
        }
        int wrong = Arrays.mismatch(got, 0, got.length, model, off, off + got.length);
        if (wrong >= 0) {
            throw new AssertionError(
                    "byte %d is %d instead of %d".formatted(off + wrong, got[wrong], model[off + wrong]));
        }
    }

    private void truncate(int off, int length) throws Exception {
        note("truncate", off, 0);
        if (random.nextBoolean()) {
            client.ftruncate(fd, off);
        } else {
            client.truncate(FILE, off);
        }
        setSize(off);
    }

    private void setSize(int newSize) {
        Arrays.fill(model, Math.min(size, newSize), MAX, (byte) 0);
        size = newSize;
    }

    private void reopen(int off, int length) throws Exception {
        note("close and open", 0, 0);
        client.close(fd);
        fd = client.open(FILE, O_RDWR);
    }

    private void check(int off, int length) throws Exception {
        note("fsync and stat", 0, 0);
        if (random.nextInt(4) == 0) {
            client.fsync(fd);
        }
        long told = random.nextBoolean()
                ? client.fstat(fd).size()
                : client.stat(FILE).size();
        if (told != size) {
            throw new AssertionError("the size is told as " + told);
        }
    }

    private void punch(int off, int length) throws Exception {
        note("punch hole", off, length);
        client.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, length);
        Arrays.fill(model, off, off + length, (byte) 0);
    }

    private void zero(int off, int length) throws Exception {
        boolean keep = random.nextBoolean();
        note(keep ? "zero range, keep size" : "zero range", off, length);
        client.fallocate(fd, FALLOC_FL_ZERO_RANGE | (keep ? FALLOC_FL_KEEP_SIZE : 0), off, length);
        Arrays.fill(model, off, off + length, (byte) 0);
        size = keep ? size : Math.max(size, off + length);
    }

    private void allocate(int off, int length) throws Exception {
        note("fallocate", off, length);
        client.fallocate(fd, 0, off, length);
        size = Math.max(size, off + length);
    }

    private void allocateBeyond(int off, int length) throws Exception {
        note("fallocate, keep size", off, length);
        client.fallocate(fd, FALLOC_FL_KEEP_SIZE, off, length);
    }

    private void copy(int off, int length) throws Exception {
        int to = random.nextInt(MAX - length + 1);
        int count = Math.clamp(size - off, 0, length);
        if (count == 0 || off < to + count && to < off + count) {
            return; // nothing to copy, or EINVAL
        }
        note("copy to " + to + " from", off, count);
        for (int done = 0; done < count; ) {
            long n = client.calls().copyFileRange(fd, off + done, fd, to + done, count - done);
            if (n <= 0) {
                throw new AssertionError("copied " + n + " bytes");
            }
            done += (int) n;
        }
        System.arraycopy(model, off, model, to, count);
        size = Math.max(size, to + count);
    }

    private void mapRead(int off, int length) throws Exception {
        int count = Math.clamp(size - off, 0, length);
        if (count > 0) {
            note("read by map", off, count);
            mapped(off, count, address -> compare(client.peek(address, count), off, count));
        }
    }

    private void mapWrite(int off, int length) throws Exception {
        int count = Math.clamp(size - off, 0, length);
        if (count > 0) {
            note("write by map", off, count);
            byte[] data = Data.of(count, random.nextLong());
            mapped(off, count, address -> client.poke(address, data));
            System.arraycopy(data, 0, model, off, count);
        }
    }

    @FunctionalInterface
    private interface MapUser {
        void use(long address) throws ErrnoException;
    }

    /// Maps what has the bytes from `off` on and hands over the address of the first.
    private void mapped(int off, int count, MapUser user) throws Exception {
        int start = off & -PAGE;
        int length = off + count - start;
        long address = client.calls().mmap(fd, length, PROT_READ_WRITE, MAP_SHARED, start);
        try {
            user.use(address + off - start);
        } finally {
            client.calls().munmap(address, length);
        }
    }

    private void compareAll() throws Exception {
        compare(client.readAll(fd, MAX, 0), 0, size);
    }
}
