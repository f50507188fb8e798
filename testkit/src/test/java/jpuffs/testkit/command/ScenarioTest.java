// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What people do with a file system, done on mounts of the command.
@Tag("mounted")
@Tag("root")
@Tag("slow")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ScenarioTest {
    /// What is mounted.
    enum Kind {
        DTFS,
        NULL_ON_DISK,
        NULL_ON_TMPFS;

        PuffsMount mount() throws IOException {
            return switch (this) {
                case DTFS -> PuffsMount.of("dtfs", "");
                case NULL_ON_DISK -> PuffsMount.ofNull(false, "");
                case NULL_ON_TMPFS -> PuffsMount.ofNull(true, "");
            };
        }
    }

    private static final Duration MINUTES_5 = Duration.ofMinutes(5);

    @BeforeEach
    void require() {
        PuffsMount.require();
    }

    private static void inside(Kind kind, String script) throws IOException {
        try (PuffsMount mount = kind.mount()) {
            Shell.run(mount.directory(), MINUTES_5, script).ok();
            Shell.exec(Path.of("/"), PuffsMount.START, umount(mount)).ok();
            assertThat(mount.info()).isEmpty();
        }
    }

    private static java.util.List<String> umount(PuffsMount mount) {
        return java.util.List.of(PuffsMount.puffs(), "umount", mount.directory().toString());
    }

    @ParameterizedTest
    @EnumSource
    void buildsACProject(Kind kind) throws IOException {
        inside(kind, """
                mkdir -p make/src && cd make
                for i in $(seq 1 40); do
                    printf 'int f%d(int x) { return x + %d; }\\n' "$i" "$i" > "src/f$i.c"
                    printf 'int f%d(int);\\n' "$i" >> src/all.h
                done
                { printf '#include <stdio.h>\\n#include "all.h"\\nint main(void) { int x = 0;\\n'
                  for i in $(seq 1 40); do printf '  x = f%d(x);\\n' "$i"; done
                  printf '  printf("%%d\\\\n", x); return 0; }\\n'; } > src/main.c
                printf 'O := $(patsubst %%.c,%%.o,$(wildcard src/*.c))\\nprog: $(O)\\n\\t$(CC) -o $@ $^\\n%%.o: %%.c src/all.h\\n\\t$(CC) -O1 -c -o $@ $<\\n' > Makefile
                tar cf ../make.tar . && cd .. && mkdir unpacked && tar xf make.tar -C unpacked && cd unpacked
                make -j4 prog > make.log
                test "$(./prog)" = 820
                make -q prog   # nothing to do: times are kept
                touch src/f1.c; sleep 0.01
                ! make -q prog
                """);
    }

    @ParameterizedTest
    @EnumSource
    void holdsAGitRepository(Kind kind) throws IOException {
        inside(kind, """
                export HOME=$PWD GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t
                mkdir repo && cd repo && git init -q .
                for d in $(seq 1 40); do
                    mkdir "d$d"
                    for f in $(seq 1 50); do echo "content $d $f" > "d$d/f$f"; done
                done
                git add . && git commit -q -m first
                for f in $(seq 1 50); do echo "changed" >> "d1/f$f"; git mv "d2/f$f" "d3/g$f"; done
                git add -A && git commit -q -m second
                git gc -q --aggressive --prune=now
                git fsck --full --strict
                test -z "$(git status --porcelain)"
                test "$(git ls-files | wc -l)" = 2000
                git checkout -q HEAD~1 && test -f d2/f1 && git checkout -q -
                cd .. && git clone -q repo clone && diff -r repo/d3 clone/d3
                """);
    }

    @ParameterizedTest
    @EnumSource
    void holdsADatabase(Kind kind) throws IOException {
        inside(kind, """
                sqlite3 wal.db 'pragma journal_mode=wal; create table t(w int, n int);' > /dev/null
                writer() {
                    for n in $(seq 1 60); do
                        printf '.timeout 60000\\nbegin immediate; insert into t values(%d,%d); commit;\\n' "$1" "$n"
                    done | sqlite3 wal.db
                }
                pids=()
                for w in 1 2 3 4; do writer "$w" & pids+=($!); done
                for p in "${pids[@]}"; do wait "$p"; done
                test "$(sqlite3 wal.db 'select count(*), count(distinct w) from t')" = '240|4'
                test "$(sqlite3 wal.db 'pragma integrity_check')" = ok
                sqlite3 roll.db 'pragma journal_mode=truncate; create table t(n);
                    with recursive c(n) as (select 1 union all select n+1 from c where n < 20000) insert into t select n from c;
                    update t set n = n + 1; delete from t where n % 2 = 0; vacuum;' > /dev/null
                test "$(sqlite3 roll.db 'select count(*) from t; pragma integrity_check' | tr '\\n' ' ')" = '10000 ok '
                """);
    }

    @ParameterizedTest
    @EnumSource
    void verifiesWhatFioWrote(Kind kind) throws IOException {
        inside(kind, """
                common='--directory=. --size=24m --verify=crc32c --verify_fatal=1 --do_verify=1 --end_fsync=1 --minimal'
                fio --name=mmap --ioengine=mmap --rw=randwrite --bs=4k $common
                fio --name=psync --ioengine=psync --rw=randwrite --bsrange=512-128k --bs_unaligned $common
                fio --name=seq --ioengine=psync --rw=write --bs=1m --numjobs=2 $common
                fio --name=mixed --ioengine=psync --rw=randrw --bs=8k --verify_backlog=64 $common
                fio --name=direct --ioengine=libaio --iodepth=8 --direct=1 --rw=randwrite --bs=4k $common
                """);
    }

    @ParameterizedTest
    @EnumSource
    void survivesStressors(Kind kind) throws IOException {
        // left out: what is not about the file system under --temp-path
        String command = "stress-ng --temp-path . --class filesystem --sequential 1 --timeout 1s --verify --oomable"
                + " --exclude binderfs,bind-mount,dev,dev-shm,ioprio,procfs,sysfs,urandom,verity,aiol,apparmor,chattr";
        try (PuffsMount mount = kind.mount()) {
            Shell.Result result = Shell.run(mount.directory(), MINUTES_5, command);
            assertThat(result.output()).doesNotContain("fail:");
            // 0 all done; 3 a stressor found something it needs is not there; 4 a stressor is not implemented
            assertThat(result.status()).as(result.output()).isIn(0, 3, 4);
            Shell.run(mount.directory(), Duration.ofSeconds(20), "echo alive > after && test \"$(cat after)\" = alive")
                    .ok();
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesManyAndLargeThings(Kind kind) throws IOException {
        inside(kind, """
                # over 4 GiB, sparse
                truncate -s 5G big && printf end | dd of=big bs=1 seek=5368709117 conv=notrunc status=none
                test "$(stat -c %s big)" = 5368709120 && test "$(tail -c 3 big)" = end
                test "$(stat -c %b big)" -lt 4096
                # times before 1970 and after 2038
                touch -d '1935-03-01 12:00:00.123456789 UTC' old && test "$(stat -c %Y old)" = -1099396800
                touch -d '2100-01-01 00:00:00 UTC' new && test "$(stat -c %Y new)" = 4102444800
                # 10,000 entries by eight processes in one directory
                mkdir many && cd many
                pids=()
                for p in $(seq 1 8); do
                    (for i in $(seq 1 1250); do : > "f-$p-$i"; done) & pids+=($!)
                done
                for p in "${pids[@]}"; do wait "$p"; done
                test "$(ls -f | grep -c '^f-')" = 10000
                cd .. && rm -r many && test ! -e many
                """);
    }
}
