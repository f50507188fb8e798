// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.EPERM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jpuffs.core.Attr;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.FuseDev;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mounting, unmounting and what goes wrong meanwhile.
class MountedTest extends MountedFixture {
    private static final MountOptions OPTIONS =
            MountOptions.defaults().withFsname("memory").withType("memfs");

    private final MemFs fs = new MemFs();
    private final MemNode file = fs.root.addFile("f", "hello, world");
    private FileServer server;

    private void start() throws IOException {
        server = mount(fs, OPTIONS);
    }

    private void end() throws Exception {
        server.close();
        server.await();
        fs.assertAllGivenBack();
        assertThat(mounted(mnt)).isNull();
    }

    /// Also those for rings that the kernel does not offer.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMountLeavesNoDescriptors(boolean threadSafe) throws Exception {
        int before = Integer.MAX_VALUE; // the first round loads classes
        for (int round = 0; round < 2; round++) {
            int limit = before;
            FileSystem files = threadSafe ? new FlatFs(1, 1) : new MemFs();
            try (FileServer mounted = mount(files, MountOptions.defaults())) {
                assertThat(mnt.toFile().list()).isNotNull();
                mounted.unmount(false);
                mounted.await();
            }
            awaitThat("closed", () -> descriptors() <= limit);
            before = descriptors();
        }
    }

    private static int descriptors() {
        return Objects.requireNonNull(Path.of("/proc/self/fd").toFile().list()).length;
    }

    @Test
    void filesAreThereAndGoAgain() throws Exception {
        start();
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        assertThat(server.transport()).isEqualTo("/dev/fuse");
        MountInfo info = mounted(mnt);
        assertThat(info.type()).isEqualTo("fuse.puffs|memfs");
        assertThat(info.source().toString()).isEqualTo("memory");
        assertThat(info.options()).contains("nosuid", "nodev").doesNotContain("noexec");
        assertThat(Files.readString(mnt.resolve("f"))).isEqualTo("hello, world");
        Path made = Files.createDirectories(mnt.resolve("a/b")).resolve("c");
        Files.writeString(made, "x".repeat(300_000));
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(mnt.resolve("s"), Path.of("a/b/c"));
        Files.createLink(mnt.resolve("h"), made);
        assertThat(Files.size(mnt.resolve("s"))).isEqualTo(300_000);
        assertThat(Files.getAttribute(made, "unix:nlink")).isEqualTo(2);
        Files.move(made, mnt.resolve("moved"));
        try (Stream<Path> list = Files.list(mnt)) {
            assertThat(list.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("f", "a", "s", "h", "moved");
        }
        server.unmount(false);
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(mnt.toFile().list()).isEmpty();
        end();
    }

    @Test
    void aFileSystemThatIsAFileIsMountedOnAFile() throws Exception {
        Path where = Files.createFile(directory.resolve("where"));
        var only = new Node() {
            @Override
            public Attr getattr() {
                return Attr.file(0444, 5);
            }

            @Override
            public int read(MemorySegment dst, long off) {
                byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
                int count = (int) Math.clamp(5 - off, 0, dst.byteSize());
                MemorySegment.copy(text, (int) off, dst, ValueLayout.JAVA_BYTE, 0, count);
                return count;
            }
        };
        mount(where, FileSystem.of(only), OPTIONS);
        assertThat(Files.readString(where)).isEqualTo("hello");
        assertErrno(EISDIR, () -> mount(mnt, FileSystem.of(only), OPTIONS));
    }

    @Test
    void placesThatCannotBeMountedOnAreNamed() throws Exception {
        Path missing = directory.resolve("missing");
        assertErrno(ENOENT, () -> mount(missing, fs, OPTIONS));
        assertThatThrownBy(() -> mount(missing, fs, OPTIONS)).hasMessageContaining(missing.toString());
        Path regular = Files.createFile(directory.resolve("regular"));
        assertErrno(ENOTDIR, () -> mount(regular, fs, OPTIONS));
        assertThatThrownBy(() -> mount(regular, fs, OPTIONS)).hasMessageContaining(regular.toString());
        fs.assertAllGivenBack();
    }

    @Test
    void oneMountMayCoverAnother() throws Exception {
        start();
        var second = new MemFs();
        second.root.addFile("g", "");
        FileServer upper = mount(mnt, second, OPTIONS);
        assertThat(mnt.toFile().list()).containsExactly("g");
        assertErrno(EBUSY, () -> server.unmount(false));
        assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        upper.unmount(false);
        assertThat(mnt.toFile().list()).containsExactly("f");
        server.unmount(false);
        end();
    }

    @Test
    void aMountThatIsCoveredCanBeEndedByForce() throws Exception {
        start();
        FileServer upper = mount(mnt, new MemFs(), OPTIONS);
        server.close();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(upper.state()).isEqualTo(FileServer.State.RUNNING);
        assertThat(mnt.toFile().list()).isEmpty();
        fs.assertAllGivenBack();
    }

    @Test
    void aMountMayBeMoved() throws Exception {
        Path base = Files.createDirectory(directory.resolve("private"));
        Name name = Name.of(base.toString());
        Mounts.mount(name, name, "", Mounts.MS_BIND, "");
        Mounts.mount(name, name, "", Mounts.MS_PRIVATE, "");
        Path from = Files.createDirectory(base.resolve("from"));
        Path to = Files.createDirectory(base.resolve("to"));
        server = mount(from, fs, OPTIONS);
        assertThat(run("mount", "--move", from.toString(), to.toString()).text())
                .isEmpty();
        assertThat(to.toFile().list()).containsExactly("f");
        server.unmount(false);
        assertThat(mounted(to)).isNull();
        Mounts.umount(name, 0);
        end();
    }

    // Busy

    @Test
    void aBusyMountGoesOn() throws Exception {
        start();
        try (var open = new RandomAccessFile(mnt.resolve("f").toFile(), "rw")) {
            assertErrno(EBUSY, () -> server.unmount(false));
            assertThatThrownBy(() -> server.unmount(false)).hasMessageContaining(mnt.toString());
            assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
            assertThat(open.readLine()).isEqualTo("hello, world");
        }
        server.unmount(false);
        end();
    }

    @Test
    void forceTakesABusyMountAway() throws Exception {
        start();
        try (Fd open = Fd.open(mnt.resolve("f"), Fcntl.O_RDONLY, 0);
                Arena arena = Arena.ofConfined()) {
            server.unmount(true);
            assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
            assertThat(mounted(mnt)).isNull();
            assertThat(open.tryPread(arena.allocate(10), 0)).isNegative();
        }
        end();
    }

    /// The end of the connection, which force brings about, unmounts as well.
    @Test
    void forceTakesOneMountAway() throws Exception {
        start();
        MountInfo below = mounted(mnt);
        for (int round = 0; round < 100; round++) {
            try (FileServer above = mount(new MemFs(), OPTIONS)) {
                above.unmount(true);
                above.await();
                assertThat(mounted(mnt)).isEqualTo(below);
            }
        }
        end();
    }

    @Test
    void aVetoIsHeard() throws Exception {
        start();
        fs.veto = EBUSY;
        assertErrno(EBUSY, () -> server.unmount(false));
        assertThat(Files.readString(mnt.resolve("f"))).isEqualTo("hello, world");
        fs.veto = null;
        end();
    }

    // Ended by others

    @Test
    void umountEndsTheServer() throws Exception {
        start();
        assertThat(Files.readString(mnt.resolve("f"))).isEqualTo("hello, world");
        assertThat(run("umount", mnt.toString()).text()).isEmpty();
        server.await();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(fs.unmounts).isEqualTo(1);
        end();
    }

    @Test
    void aLazyUmountEndsTheServerWithTheLastUse() throws Exception {
        start();
        try (var open = new RandomAccessFile(mnt.resolve("f").toFile(), "r")) {
            assertThat(run("umount", "-l", mnt.toString()).text()).isEmpty();
            assertThat(mounted(mnt)).isNull();
            assertThat(open.readLine()).isEqualTo("hello, world");
            assertThat(server.state()).isEqualTo(FileServer.State.RUNNING);
        }
        server.await();
        end();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAbortEndsTheServerAndTakesTheDeadMountAway(boolean busy) throws Exception {
        start();
        Fd open = Fd.open(busy ? mnt.resolve("f") : directory, Fcntl.O_RDONLY, 0);
        abort();
        server.await();
        assertThat(mounted(mnt)).isNull();
        open.close();
        end();
    }

    /// As an administrator does.
    private void abort() throws IOException {
        Path control = Files.createDirectory(directory.resolve("control"));
        Name where = Name.of(control.toString());
        Mounts.mount(Name.of("fusectl"), where, "fusectl", 0, "");
        try {
            Files.writeString(control.resolve(mounted(mnt).fuseConnection() + "/abort"), "1");
        } finally {
            Mounts.umount(where, 0);
        }
    }

    @Test
    void aForcedUmountOfABusyMountEndsTheServer() throws Exception {
        start();
        try (Fd open = Fd.open(mnt.resolve("f"), Fcntl.O_RDONLY, 0)) {
            assertThat(open.isOpen()).isTrue();
            run("umount", "-f", mnt.toString());
            server.await();
            assertThat(mounted(mnt)).isNull();
        }
        end();
    }

    @Test
    void manyStartsAndEndsLeaveNothing() throws Exception {
        for (int i = 0; i < 20; i++) {
            FileServer next = mount(fs, OPTIONS);
            assertThat(mnt.toFile().list()).containsExactly("f");
            if (i % 2 == 0) {
                assertThat(run("umount", mnt.toString()).text()).isEmpty();
                next.await();
            } else {
                next.close();
            }
            fs.assertAllGivenBack();
        }
    }

    // A descriptor of /dev/fuse

    @Test
    void somebodyElseMayHaveMounted() throws Exception {
        Fd device = FuseDev.open(0);
        String data = "fd=" + device.number() + ",rootmode=40000,user_id=0,group_id=0";
        Mounts.mount(Name.of("other"), Name.of(mnt.toString()), "fuse.other", 0, data);
        server = mount(Path.of("/dev/fd/" + device.release()), fs, OPTIONS);
        assertThat(Files.readString(mnt.resolve("f"))).isEqualTo("hello, world");
        assertThat(run("umount", mnt.toString()).text()).isEmpty();
        server.await();
        fs.assertAllGivenBack();
    }

    @Test
    void aMountOfSomebodyElseIsLeftByHangingUp() throws Exception {
        Fd device = FuseDev.open(0);
        String data = "fd=" + device.number() + ",rootmode=40000,user_id=0,group_id=0";
        Mounts.mount(Name.of("other"), Name.of(mnt.toString()), "fuse.other", 0, data);
        server = mount(Path.of("/dev/fd/" + device.release()), fs, OPTIONS);
        assertThat(mnt.toFile().list()).containsExactly("f");
        server.close();
        assertThat(server.state()).isEqualTo(FileServer.State.UNMOUNTED);
        assertThat(mnt.toFile().list()).isNull();
        fs.assertAllGivenBack();
    }

    @Test
    void aDescriptorThatIsNotMountedIsRefused() throws Exception {
        Fd device = FuseDev.open(0);
        assertErrno(EPERM, () -> mount(Path.of("/dev/fd/" + device.release()), fs, OPTIONS));
        fs.assertAllGivenBack();
    }

    // Waiting clients

    private final Gate gate = new Gate("read");

    /// Direct: the kernel waits for what it reads ahead in ways no signal but SIGKILL ends.
    private Process blockedCat() throws Exception {
        fs.before = gate;
        server = mount(fs, OPTIONS.withDirectIo(true));
        Process cat = new ProcessBuilder("cat", mnt.resolve("f").toString()).start();
        gate.awaitWaiting(1);
        return cat;
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "KILL"})
    void asignalEndsAClientThatWaits(String signal) throws Exception {
        Process cat = blockedCat();
        assertThat(run("kill", "-" + signal, Long.toString(cat.pid())).text()).isEmpty();
        assertThat(gate.awaitInterrupt()).as("interrupted").isTrue();
        assertThat(cat.waitFor(20, TimeUnit.SECONDS)).as("ended").isTrue();
        assertThat(cat.exitValue()).isGreaterThan(128);
        fs.before = _ -> {};
        assertThat(Files.readString(mnt.resolve("f"))).isEqualTo("hello, world");
        end();
    }

    @Test
    void aClientThatWaitsGetsAnErrorAtTheEnd() throws Exception {
        Process cat = blockedCat();
        server.unmount(true);
        assertThat(cat.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(cat.exitValue()).isEqualTo(1);
        end();
    }

    @Test
    void aClientThatWaitsDoesNotHoldUpOthers() throws Exception {
        Process cat = blockedCat();
        assertThat(Files.size(mnt.resolve("f"))).isEqualTo(12);
        assertThat(mnt.toFile().list()).containsExactly("f");
        gate.open();
        assertThat(cat.waitFor()).isZero();
        assertThat(new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("hello, world");
        end();
    }

    @Test
    void aThousandClientsMayWait() throws Exception {
        var statfs = new Gate("statfs");
        fs.before = statfs;
        start();
        List<Thread> clients = Stream.generate(() -> Thread.ofPlatform().unstarted(() -> {
                    try {
                        assertThat(Files.getFileStore(mnt).getTotalSpace()).isPositive();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }))
                .limit(1_000)
                .toList();
        clients.forEach(Thread::start);
        statfs.awaitWaiting(1_000);
        statfs.open();
        for (Thread client : clients) {
            client.join();
        }
        fs.before = _ -> {};
        end();
    }

    @Test
    void aBugOfTheFileSystemIsAnErrorOfOneCall() throws Exception {
        start();
        fs.before = name -> {
            if (name.equals("read")) {
                throw new IllegalStateException("on purpose");
            }
        };
        assertThatThrownBy(() -> Files.readString(mnt.resolve("f"))).hasMessageContaining("Input/output error");
        fs.before = _ -> {};
        assertThat(Files.readString(mnt.resolve("f"))).isEqualTo("hello, world");
        assertThat(file.handles).isBetween(0, 2);
        end();
    }
}
