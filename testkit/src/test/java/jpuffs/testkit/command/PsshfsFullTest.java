// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// psshfs of a disk that gets full, behind a real sshd: who writes is told, and what was taken is there.
@Tag("mounted")
@Tag("root")
@Timeout(value = 180, unit = SECONDS)
class PsshfsFullTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String FULL = "No space left on device";

    @TempDir
    Path dir;

    private Path disk;
    private SshServer server;
    private PuffsMount mount;

    @BeforeEach
    void start() throws Exception {
        PuffsMount.require();
        server = SshServer.start(dir);
        mount = PuffsMount.ofPsshfs(server.options());
        disk = Files.createDirectory(mount.source().resolve("disk"));
        shell(disk, "mount -t tmpfs -o size=4m tmpfs .").ok();
    }

    @AfterEach
    void end() throws Exception {
        if (disk != null) {
            shell(Path.of("/"), "umount -l " + disk).ok();
        }
        if (mount != null) {
            mount.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static Shell.Result shell(Path where, String script) throws Exception {
        return Shell.run(where, LIMIT, script);
    }

    private Shell.Result run(String script) throws Exception {
        return shell(mount.directory().resolve("disk"), script);
    }

    private void isFull(String script) throws Exception {
        Shell.Result result = run(script);
        assertThat(result.status()).isNotZero();
        assertThat(result.output()).contains(FULL);
    }

    @Test
    void aWriterIsToldByFsync() throws Exception {
        isFull("dd if=/dev/zero of=f bs=8M count=1 conv=fsync");
        isFull("dd if=/dev/zero of=f bs=5 count=1 oflag=append conv=notrunc,fsync");
    }

    @Test
    void aWriterIsToldByClose() throws Exception {
        isFull("head -c 8000000 /dev/zero >../../big; cp ../../big f");
    }

    @Test
    void aSlowWriterIsToldByTheNextWriteAtTheLatest() throws Exception {
        isFull("for i in $(seq 1000); do head -c 16384 /dev/zero || exit 1; done >f");
    }

    /// One that fits into what is free, but for its last bytes.
    @Test
    void theLastBytesAreNotLostInSilence() throws Exception {
        run("dd if=/dev/zero of=f bs=1M count=3 status=none").ok();
        isFull("cp ../../src/disk/f g");
        Shell.Result small = run("seq 200000 >../../seq; cp ../../seq h && cmp ../../seq h");
        assertThat(small.status() == 0 || small.output().contains(FULL))
                .as(small.output())
                .isTrue();
    }

    @Test
    void whatWasTakenIsThereAndRoomIsUsedAgain() throws Exception {
        run("seq 10000 >kept; cp kept ../../copy").ok();
        isFull("dd if=/dev/zero of=f bs=1M count=8 conv=fsync");
        isFull("mkdir d && head -c 100000 /dev/zero >d/g");
        run("""
                cmp kept ../../copy; cmp ../../src/disk/kept ../../copy; rm -rf f d
                head -c 2000000 /dev/urandom >../../a; cp ../../a b; sync b; cmp b ../../a; cmp ../../src/disk/b ../../a""").ok();
    }

    @Test
    void asynchronousCreationToo() throws Exception {
        try (PuffsMount other = PuffsMount.ofPsshfs(server.options() + ",async_create")) {
            Path its = Files.createDirectory(other.source().resolve("disk"));
            shell(its, "mount -t tmpfs -o size=4m tmpfs .").ok();
            try {
                Shell.Result result = shell(
                        other.directory().resolve("disk"),
                        "for i in $(seq 80); do dd if=/dev/zero of=f$i bs=64k count=1 status=none; done");
                assertThat(result.output()).contains(FULL);
                shell(its, "[ $(ls | wc -l) -ge 60 ]").ok();
            } finally {
                shell(Path.of("/"), "umount -l " + its).ok();
            }
        }
    }

    @Test
    void noMoreFilesIsToldToo() throws Exception {
        shell(disk, "mount -o remount,nr_inodes=20 .").ok();
        isFull("for i in $(seq 30); do echo $i >f$i; done");
    }
}
