// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rump.Process;

/// Random operations, with a model of what the files must hold. The same seed does the same.
final class Workload {
    private static final int MAX_SIZE = 3 << 20;

    private Process process;
    private final SplittableRandom random;
    final TreeMap<String, Content> files = new TreeMap<>(); // of a hard link: the same object
    private final List<String> directories = new ArrayList<>(List.of(""));
    private final boolean extents;
    private int made;
    private int full;

    /// A file's bytes.
    static final class Content {
        byte[] bytes = new byte[0];
        int names = 1;
    }

    Workload(Process process, long seed, boolean extents) {
        this.process = process;
        this.random = new SplittableRandom(seed);
        this.extents = extents;
    }

    /// The same with another process from now on.
    Workload with(Process newProcess) {
        process = newProcess;
        return this;
    }

    static byte[] path(String path) {
        return path.getBytes(UTF_8);
    }

    /// How often there was no space.
    int full() {
        return full;
    }

    void run(int operations) throws ErrnoException {
        for (int i = 0; i < operations; i++) {
            step();
        }
    }

    /// One operation; a full file system is none.
    void step() throws ErrnoException {
        try {
            operate(random.nextInt(100));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOSPC) {
                throw e;
            }
            full++;
        }
    }

    private void operate(int dice) throws ErrnoException {
        if (dice < 22) {
            create();
        } else if (dice < 30) {
            mkdir();
        } else if (files.isEmpty()) {
            create();
        } else if (dice < 52) {
            write();
        } else if (dice < 58) {
            truncate();
        } else if (dice < 63) {
            rename();
        } else if (dice < 67) {
            link();
        } else if (dice < 70) {
            symlink();
        } else if (dice < 75) {
            xattr();
        } else if (dice < 80 && extents) {
            allocate();
        } else if (dice < 84) {
            punch();
        } else {
            unlink();
        }
    }

    private String newName() {
        String parent = directories.get(random.nextInt(directories.size()));
        int length = random.nextInt(10) == 0 ? 200 : random.nextInt(30);
        return parent + "/f" + made++ + "x".repeat(length);
    }

    private String someFile() {
        String from = files.floorKey("/" + directories.get(random.nextInt(directories.size())) + random.nextInt(10));
        return from == null ? files.firstKey() : random.nextBoolean() ? from : nth();
    }

    private String nth() {
        int n = random.nextInt(files.size());
        for (String key : files.keySet()) {
            if (n-- == 0) {
                return key;
            }
        }
        return files.firstKey();
    }

    private void create() throws ErrnoException {
        String name = newName();
        int fd = process.openat(AT_FDCWD, path(name), O_CREAT | O_EXCL | O_RDWR, 0644);
        process.close(fd);
        files.put(name, new Content());
        if (random.nextInt(3) > 0) {
            write(name);
        }
    }

    private void mkdir() throws ErrnoException {
        String name = newName();
        process.mkdirat(AT_FDCWD, path(name), 0755);
        directories.add(name);
    }

    private void write() throws ErrnoException {
        write(someFile());
    }

    private void write(String name) throws ErrnoException {
        Content content = files.get(name);
        int off = random.nextInt(4) == 0 ? random.nextInt(MAX_SIZE) : content.bytes.length;
        off = random.nextInt(4) == 0 && content.bytes.length > 0 ? random.nextInt(content.bytes.length) : off;
        int length = 1 + (random.nextInt(8) == 0 ? random.nextInt(300_000) : random.nextInt(9000));
        length = Math.min(length, MAX_SIZE + 100_000 - off);
        if (length <= 0) {
            return;
        }
        var bytes = new byte[length];
        random.nextBytes(bytes);
        int fd = process.openat(AT_FDCWD, path(name), O_RDWR, 0);
        try {
            int done = process.pwrite(fd, MemorySegment.ofArray(bytes), off);
            content.bytes = Arrays.copyOf(content.bytes, Math.max(content.bytes.length, off + done));
            System.arraycopy(bytes, 0, content.bytes, off, done);
            full += done < length ? 1 : 0;
        } finally {
            process.close(fd);
        }
    }

    private void truncate() throws ErrnoException {
        String name = someFile();
        Content content = files.get(name);
        int size = random.nextBoolean() ? random.nextInt(content.bytes.length + 1) : random.nextInt(MAX_SIZE);
        process.truncate(path(name), size);
        content.bytes = Arrays.copyOf(content.bytes, size);
    }

    private void rename() throws ErrnoException {
        String name = someFile();
        boolean replace = random.nextInt(3) == 0;
        String to = replace ? someFile() : newName();
        process.renameat2(AT_FDCWD, path(name), AT_FDCWD, path(to), 0);
        Content content = files.get(name);
        Content old = files.get(to);
        if (old != content) {
            files.remove(name);
            files.put(to, content);
            if (old != null) {
                old.names--;
            }
        }
    }

    private void link() throws ErrnoException {
        String name = someFile();
        String to = newName();
        process.linkat(AT_FDCWD, path(name), AT_FDCWD, path(to), 0);
        files.put(to, files.get(name));
        files.get(name).names++;
    }

    private void symlink() throws ErrnoException {
        process.symlinkat(path("t".repeat(1 + random.nextInt(200))), AT_FDCWD, path(newName()));
    }

    private void xattr() throws ErrnoException {
        var value = new byte[random.nextInt(400)];
        random.nextBytes(value);
        Name name = Name.of("user.a" + random.nextInt(5));
        process.setxattrat(AT_FDCWD, path(someFile()), 0, name, value, 0);
    }

    private void allocate() throws ErrnoException {
        String name = someFile();
        Content content = files.get(name);
        int fd = process.openat(AT_FDCWD, path(name), O_RDWR, 0);
        try {
            int off = random.nextInt(MAX_SIZE);
            int length = 1 + random.nextInt(200_000);
            int mode = random.nextInt(2);
            process.fallocate(fd, mode, off, length);
            if (mode == 0) {
                content.bytes = Arrays.copyOf(content.bytes, Math.max(content.bytes.length, off + length));
            }
        } finally {
            process.close(fd);
        }
    }

    private void punch() throws ErrnoException {
        String name = someFile();
        Content content = files.get(name);
        int fd = process.openat(AT_FDCWD, path(name), O_RDWR, 0);
        try {
            int off = random.nextInt(content.bytes.length + 1);
            int length = 1 + random.nextInt(50_000);
            process.fallocate(fd, 3, off, length);
            int end = Math.min(off + length, content.bytes.length);
            Arrays.fill(content.bytes, off, Math.max(off, end), (byte) 0);
        } finally {
            process.close(fd);
        }
    }

    private void unlink() throws ErrnoException {
        String name = someFile();
        process.unlinkat(AT_FDCWD, path(name), 0);
        files.remove(name).names--;
    }

    /// Fails if a file does not hold what it must.
    void check() throws ErrnoException {
        check(process);
    }

    void check(Process reader) throws ErrnoException {
        for (var file : files.entrySet()) {
            int fd = reader.openat(AT_FDCWD, path(file.getKey()), O_RDONLY, 0);
            byte[] expected = file.getValue().bytes;
            var bytes = new byte[expected.length + 1];
            int count = reader.pread(fd, MemorySegment.ofArray(bytes), 0);
            reader.close(fd);
            int at = Arrays.mismatch(expected, 0, expected.length, bytes, 0, count);
            if (at >= 0) {
                throw new AssertionError(
                        file.getKey() + " differs at byte " + at + " of " + expected.length + ", read were " + count);
            }
        }
    }
}
