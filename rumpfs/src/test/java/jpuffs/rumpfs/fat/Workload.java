// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;

/// Random operations, with a model of what the files must hold. The same seed does the same.
public final class Workload {
    private static final int MAX_SIZE = 200_000;

    private final Process process;
    private final SplittableRandom random;
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final List<String> directories = new ArrayList<>(List.of(""));
    private int made;

    public Workload(Process process, long seed) {
        this.process = process;
        this.random = new SplittableRandom(seed);
    }

    private static byte[] path(String path) {
        return path.getBytes(UTF_8);
    }

    /// A full file system ends an operation, and is none.
    public void run(int operations) throws ErrnoException {
        for (int i = 0; i < operations; i++) {
            try {
                operate(random.nextInt(100));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOSPC) {
                    throw e;
                }
            }
        }
    }

    private void operate(int dice) throws ErrnoException {
        if (dice < 25 || files.isEmpty()) {
            create();
        } else if (dice < 32) {
            mkdir();
        } else if (dice < 60) {
            write();
        } else if (dice < 70) {
            truncate();
        } else if (dice < 80) {
            rename();
        } else {
            unlink();
        }
    }

    private String newName() {
        String parent = directories.get(random.nextInt(directories.size()));
        return switch (random.nextInt(4)) {
            case 0 -> parent + "/F" + made++ + ".TXT";
            case 1 -> parent + "/a long näme " + made++ + "x".repeat(random.nextInt(180)) + ".text";
            default -> parent + "/file" + made++;
        };
    }

    private String someFile() {
        int n = random.nextInt(files.size());
        var names = files.keySet().iterator();
        while (n-- > 0) {
            names.next();
        }
        return names.next();
    }

    private void create() throws ErrnoException {
        String name = newName();
        process.close(process.openat(AT_FDCWD, path(name), O_CREAT | O_EXCL | O_RDWR, 0644));
        files.put(name, new byte[0]);
        write(name);
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
        byte[] old = files.get(name);
        int off = random.nextInt(Math.min(MAX_SIZE, old.length + 5000));
        var bytes = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? MAX_SIZE : 4000)];
        random.nextBytes(bytes);
        int fd = process.openat(AT_FDCWD, path(name), O_RDWR, 0);
        try {
            int count = process.pwrite(fd, MemorySegment.ofArray(bytes), off);
            byte[] content = Arrays.copyOf(old, Math.max(old.length, off + count));
            System.arraycopy(bytes, 0, content, off, count);
            files.put(name, content);
        } finally {
            process.close(fd);
        }
    }

    private void truncate() throws ErrnoException {
        String name = someFile();
        byte[] old = files.get(name);
        int size = random.nextInt(old.length + 3000);
        process.truncate(path(name), size);
        files.put(name, Arrays.copyOf(old, size));
    }

    private void rename() throws ErrnoException {
        String name = someFile();
        String to = random.nextInt(3) == 0 ? someFile() : newName();
        process.renameat2(AT_FDCWD, path(name), AT_FDCWD, path(to), 0);
        files.put(to, files.remove(name));
    }

    private void unlink() throws ErrnoException {
        String name = someFile();
        process.unlinkat(AT_FDCWD, path(name), 0);
        files.remove(name);
    }

    /// Fails if a file does not hold what it must.
    public void check(Process reader) throws ErrnoException {
        for (var file : files.entrySet()) {
            int fd = reader.openat(AT_FDCWD, path(file.getKey()), O_RDONLY, 0);
            var bytes = new byte[file.getValue().length + 1];
            int count = reader.pread(fd, MemorySegment.ofArray(bytes), 0);
            reader.close(fd);
            compare(file.getKey(), file.getValue(), Arrays.copyOf(bytes, count));
        }
    }

    /// The same of a directory of the host that was made by another program.
    public void check(Path copy) throws IOException {
        for (var file : files.entrySet()) {
            compare(
                    file.getKey(),
                    file.getValue(),
                    Files.readAllBytes(copy.resolve(file.getKey().substring(1))));
        }
    }

    private static void compare(String name, byte[] expected, byte[] bytes) {
        int at = Arrays.mismatch(expected, bytes);
        if (at >= 0) {
            throw new AssertionError(
                    name + " differs at byte " + at + " of " + expected.length + ", read were " + bytes.length);
        }
    }
}
