// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.OpenFlags;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What the rump kernel costs: starting one, calls into it, beside a system call of the host.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx128m"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("JavaLangClash") // Process
public class KernelBench {
    private static final byte[] FILE = "/a/b/file".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ABSENT = "/a/b/absent".getBytes(StandardCharsets.US_ASCII);

    private @Nullable Kernel kernel;
    private @Nullable Process process;

    /// A kernel on a tmpfs with one file two directories deep.
    @Setup
    public void boot() throws IOException {
        Kernel booted = new Kernel(new Tmpfs(Tmpfs.Options.DEFAULT));
        Process first = booted.newProcess(Cred.ROOT);
        first.mkdirat(Process.AT_FDCWD, "/a".getBytes(StandardCharsets.US_ASCII), 0755);
        first.mkdirat(Process.AT_FDCWD, "/a/b".getBytes(StandardCharsets.US_ASCII), 0755);
        first.close(first.openat(Process.AT_FDCWD, FILE, OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0644));
        kernel = booted;
        process = first;
    }

    /// Ends it.
    @TearDown
    public void halt() {
        Objects.requireNonNull(kernel).close();
    }

    private Process process() {
        return Objects.requireNonNull(process);
    }

    /// The host's cheapest call.
    @Benchmark
    public int hostGetppid() {
        return Sys.getppid();
    }

    @Benchmark
    public int getpid() {
        return process().getpid();
    }

    /// The cheapest call that takes the kernel's lock and binds its caller.
    @Benchmark
    public int umask() throws IOException {
        return process().umask(022);
    }

    @Benchmark
    public Stat stat() throws IOException {
        return process().fstatat(Process.AT_FDCWD, FILE, 0);
    }

    /// No such file, known from the name cache.
    @Benchmark
    public boolean statAbsent() {
        try {
            process().fstatat(Process.AT_FDCWD, ABSENT, 0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Benchmark
    public void openClose() throws IOException {
        process().close(process().openat(Process.AT_FDCWD, FILE, OpenFlags.O_RDONLY, 0));
    }

    /// A kernel with a process, up and down.
    @Benchmark
    public int bootAndHalt() throws IOException {
        try (Kernel other = new Kernel(FileSystem.of(() -> Attr.directory(0755)))) {
            return other.newProcess(Cred.ROOT).getpid();
        }
    }
}
