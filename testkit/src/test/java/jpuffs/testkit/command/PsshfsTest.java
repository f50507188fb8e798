// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What people do on a psshfs of a real sshd; and what happens when the connection is lost meanwhile.
@Tag("mounted")
@Tag("root")
@Timeout(value = 240, unit = SECONDS)
class PsshfsTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int PIECES = 8192; // of four bytes

    @TempDir
    Path dir;

    private SshServer server;
    private PuffsMount mount;

    @BeforeEach
    void start() throws Exception {
        PuffsMount.require();
        server = SshServer.start(dir);
        mount = PuffsMount.ofPsshfs(server.options() + ",wait=30");
    }

    @AfterEach
    void end() throws Exception {
        if (mount != null) {
            mount.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private Shell.Result run(String script) throws Exception {
        return Shell.run(mount.directory(), LIMIT, script);
    }

    @Test
    void mountShowsWhatIsMounted() throws Exception {
        var info = mount.info().orElseThrow();
        assertThat(info.source()).hasToString("root@127.0.0.1:" + mount.source());
        assertThat(info.type()).isEqualTo("fuse.puffs|psshfs");
    }

    @Test
    void theOptimisingCompilerTakesWhatIsLeft() throws Exception {
        run("""
                ps -Lo ni=,comm= -p $(pgrep -f "jpuffs.cli.Main mount psshfs .* $PWD ") | grep C2 | tee ../c2
                [ "$(cut -c 1-3 ../c2)" = " 19" ]""").ok();
    }

    /// Handles that can only write have no pages in the kernel.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsWrittenIsSeenByThoseWhoReadMeanwhile(boolean writerFirst) throws Exception {
        Path file = mount.directory().resolve("f");
        Files.writeString(file, "old ".repeat(PIECES));
        int at = PIECES * 2;
        try (FileChannel first = FileChannel.open(file, writerFirst ? WRITE : READ);
                FileChannel second = FileChannel.open(file, writerFirst ? READ : WRITE)) {
            FileChannel writer = writerFirst ? first : second;
            FileChannel reader = writerFirst ? second : first;
            var mapped = reader.map(FileChannel.MapMode.READ_ONLY, 0, reader.size());
            for (String now : List.of("new ", "last")) {
                assertThat(mapped.get(at)).isNotEqualTo((byte) now.charAt(0));
                writer.write(ByteBuffer.wrap(now.getBytes(US_ASCII)), at);
                var read = new byte[now.length()];
                reader.read(ByteBuffer.wrap(read), at);
                assertThat(read).asString().isEqualTo(now);
                assertThat(mapped.get(at)).isEqualTo((byte) now.charAt(0));
            }
        }
        assertThat(Files.readString(file)).hasSize(4 * PIECES).contains("last");
    }

    @Test
    void gitWorks() throws Exception {
        run("""
                export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
                git config --global user.name t; git config --global user.email t@example.org
                git init -q a; cd a
                for i in $(seq 60); do mkdir -p d$((i % 7)); echo $i >d$((i % 7))/f$i; done
                git add .; git commit -qm one; mv d1/f1 d2/; echo more >>d3/f3; git add -A; git commit -qm two
                git -c protocol.file.allow=always clone -q . ../b; git gc -q; git fsck --strict; cd ../b
                git status --porcelain | (! grep .); git log --oneline | wc -l | grep -x 2; cd ..; rm -r a b""").ok();
    }

    @Test
    void rsyncBothWaysKeepsEverything() throws Exception {
        run("""
                d=../local; mkdir -p $d/sub
                head -c 3000000 /dev/urandom >$d/big; seq 1000 >$d/sub/seq; ln -s sub/seq $d/l; chmod 640 $d/big
                touch -d '2001-02-03 04:05:06' $d/sub/seq
                rsync -a --checksum $d/ there/; rsync -a --checksum there/ ../back/
                diff -r --no-dereference $d ../back; stat -c '%a %Y' ../back/big ../back/sub/seq >../is
                stat -c '%a %Y' $d/big $d/sub/seq | diff - ../is
                rsync -ain --checksum $d/ there/ | (! grep .); rm -r ../local ../back ../is""").ok();
    }

    @Test
    void sqliteWithARollbackJournal() throws Exception {
        run("""
                sqlite3 db 'pragma journal_mode=delete; create table t(a integer primary key, b text);
                    with recursive n(i) as (select 1 union all select i+1 from n where i<3000)
                    insert into t select i, hex(randomblob(50)) from n;'
                sqlite3 db 'begin; delete from t where a%2; rollback; update t set b=a where a%3=0; vacuum;'
                [ "$(sqlite3 db 'pragma integrity_check; select count(*) from t')" = $'ok\\n3000' ]""").ok();
    }

    @Test
    void aSmallProgramIsBuilt() throws Exception {
        run("""
                printf 'int f(int);int main(){return f(41)-42;}' >main.c; printf 'int f(int a){return a+1;}' >f.c
                printf 'p: main.o f.o\\n\\tcc -o $@ $^\\n' >Makefile
                make -s; ./p; make -q; touch -d '+2 seconds' f.c; ! make -q; make -s; ./p""").ok();
    }

    @Test
    void serverSideCopyAndTruncation() throws Exception {
        run("""
                head -c 5000000 /dev/urandom >a; cp --reflink=never a b; cmp a b; truncate -s 1234567 b
                cmp -n 1234567 a b; [ $(stat -c %s b) = 1234567 ]; echo tail >>b; [ "$(tail -n 1 b | tail -c 5)" = tail ]
                cmp b ../src/b""").ok();
    }

    @Test
    void linksThatLeadOutAreRefused() throws Exception {
        run("""
                ln -s /etc/passwd ../src/out; ln -s ../../x ../src/up; echo in >../src/in; ln -s "$(realpath ../src)/in" ../src/abs
                ! cat out; ! readlink out; ! cat up; [ $(cat abs) = in ]; [ $(readlink abs) = in ]""").ok();
    }

    @Test
    void aReaderGoesOnOverANewConnection() throws Exception {
        run("head -c 30000000 /dev/urandom >../src/big").ok();
        Process reader = Shell.start(mount.directory(), """
                exec 3<big; head -c 1000000 <&3 >../part; touch ../begun
                while [ ! -e ../cut ]; do sleep 0.1; done; cat <&3 >>../part; cmp ../part ../src/big && touch ../good""");
        run("while [ ! -e ../begun ]; do sleep 0.1; done").ok();
        server.cut();
        run("touch ../cut; while [ ! -e ../good ]; do sleep 0.1; done").ok();
        Shell.killAll(reader);
    }

    @Test
    void whatFsyncHasConfirmedIsThere() throws Exception {
        run("dd if=/dev/urandom of=a bs=100k count=30 conv=fsync status=none; cp a ../copy")
                .ok();
        server.cut();
        run("cmp a ../copy; cmp ../src/a ../copy; echo more >b; [ $(cat ../src/b) = more ]")
                .ok();
    }

    @Test
    void writesThatWereLostAreTold() throws Exception {
        Process writer = Shell.start(mount.directory(), """
                if dd if=/dev/zero of=f bs=64k count=4000 conv=fsync; then touch ../written; fi; touch ../over""");
        run("while [ ! -s ../src/f ]; do sleep 0.1; done").ok();
        server.cut();
        run("while [ ! -e ../over ]; do sleep 0.1; done").ok();
        boolean written = run("test -e ../written").status() == 0;
        boolean whole =
                run("[ $(stat -c %s ../src/f) = $((64 * 1024 * 4000)) ]").status() == 0;
        assertThat(!written || whole).as("success is told only if all is there").isTrue();
        Shell.killAll(writer);
    }

    @Test
    void unmountingWorksWhileTheServerIsGone() throws Exception {
        server.close();
        Shell.run(Path.of("/"), LIMIT, "timeout 60 umount " + mount.directory()).ok();
        assertThat(mount.info()).isEmpty();
    }

    @Test
    void interruptEndsAReaderThatWaits() throws Exception {
        run("echo x >../src/f").ok();
        server.close();
        run("! timeout -s INT 3 cat f").ok();
    }
}
