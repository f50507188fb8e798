// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Cred;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.servers.nullfs.NullFs;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Stat;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What operations of the null layer cost beside the system calls they are made of; no mount.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class NullBench {
    private static final Name FILE = Name.of("file");
    private static final Name ABSENT = Name.of("absent");
    private static final Name NEW = Name.of("new");
    private static final int BLOCK = 4096;

    private final Cred self = Cred.of(Sys.geteuid(), Sys.getegid());
    private Path source;
    private NullFs fs;
    private NullFs forgetful;
    private Node root;
    private Node file;
    private Handle handle;
    private int dir;
    private Arena arena;
    private MemorySegment buffer;

    @Setup(Level.Trial)
    public void open() throws IOException {
        Path shared = Path.of("/dev/shm");
        source = Files.isDirectory(shared)
                ? Files.createTempDirectory(shared, "jpuffs")
                : Files.createTempDirectory("jpuffs");
        Files.write(source.resolve("file"), new byte[BLOCK]);
        fs = NullFs.open(source, NullFs.Options.defaults());
        forgetful = NullFs.open(source, NullFs.Options.defaults());
        root = fs.root();
        file = Objects.requireNonNull(root.lookup(FILE));
        handle = file.open(Fcntl.O_RDWR);
        dir = At.openat(Fcntl.AT_FDCWD, Name.of(source.toString()), Fcntl.O_PATH, 0);
        arena = Arena.ofConfined();
        buffer = arena.allocate(BLOCK, BLOCK);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        handle.release();
        fs.close();
        forgetful.close();
        At.close(dir);
        arena.close();
        Files.delete(source.resolve("file"));
        Files.delete(source);
    }

    @Benchmark
    public Object rawStatx() throws IOException {
        return At.stat(dir, FILE, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    /// The calls passthrough_ll makes for each look-up of a file it knows.
    @Benchmark
    public Object rawOpenStatxClose() throws IOException {
        int fd = At.openat(dir, FILE, Fcntl.O_PATH | Fcntl.O_NOFOLLOW, 0);
        Stat stat = At.fstat(fd);
        At.close(fd);
        return stat;
    }

    @Benchmark
    public Object getattr() throws IOException {
        return file.getattr();
    }

    @Benchmark
    public @Nullable Object lookupKnown() throws IOException {
        return root.entry(FILE);
    }

    @Benchmark
    public @Nullable Object lookupAbsent() throws IOException {
        return root.entry(ABSENT);
    }

    @Benchmark
    public void lookupNewAndReclaim() throws IOException {
        Objects.requireNonNull(forgetful.root().lookup(FILE)).reclaim(1);
    }

    @Benchmark
    public void openAndRelease() throws IOException {
        file.open(Fcntl.O_RDONLY).release();
    }

    @Benchmark
    public int read() throws IOException {
        return handle.read(buffer, 0);
    }

    @Benchmark
    public int write() throws IOException {
        return handle.write(buffer, 0);
    }

    @Benchmark
    public void createUnlinkReleaseReclaim() throws IOException {
        Handle made = root.create(NEW, 0100644, Fcntl.O_RDWR, self);
        root.unlink(NEW);
        made.release();
        made.node().reclaim(1);
    }
}
