// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `puffs dev` as a user has it.
@Tag("mounted")
@Tag("root")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DevTest {
    private static final Duration LIMIT = Duration.ofSeconds(100);

    private final String name = "jpuffs-test" + ProcessHandle.current().pid();
    private Path folder;

    @BeforeEach
    void prepare() throws IOException {
        PuffsMount.require();
        folder = Files.createTempDirectory("jpuffs-dev");
    }

    @AfterEach
    void clean() throws IOException {
        if (folder != null) {
            quietly("umount -l " + folder + "/mnt; " + PuffsMount.puffs() + " dev remove -f " + name + "; rm -rf "
                    + folder);
        }
    }

    private void quietly(String script) throws IOException {
        Shell.run(Path.of("/"), LIMIT, "{ " + script + "; } >/dev/null 2>&1 || true");
    }

    private Shell.Result run(String script) throws IOException {
        String variables = "puffs=%s name=%s dev=/dev/%s\n".formatted(PuffsMount.puffs(), name, name);
        return Shell.run(folder, LIMIT, variables + script);
    }

    @Test
    void theManualsExampleOfACharacterDevice() throws IOException {
        String script = """
                test "$($puffs dev echo $name)" = $dev
                echo hello > $dev
                test "$(head -n 1 $dev)" = hello
                $puffs dev list | grep -q "^$dev *character .* echo$"
                $puffs dev remove $name
                test ! -e $dev
                """;
        run(script).ok();
    }

    @Test
    void theManualsExampleOfABlockDevice() throws IOException {
        String script = """
                test "$($puffs dev ram size=64M $name)" = $dev
                mkfs.ext4 -q $dev
                mkdir mnt
                timeout 60 mount $dev mnt
                cp /bin/bash mnt/
                sync -f mnt
                cmp /bin/bash mnt/bash
                $puffs dev list | grep -q "^$dev *block .* ram,size=64M$"
                ! $puffs dev remove $name
                timeout 20 umount mnt
                e2fsck -fn $dev
                $puffs dev remove $name
                test ! -L $dev -a ! -e /run/puffs/$name
                """;
        run(script).ok();
    }

    @Test
    void afterTheServerWasKilledTheDiskIsRepaired() throws IOException {
        String script = """
                truncate -s 64M image
                $puffs dev file path=$PWD/image $name
                mkfs.ext4 -q $dev
                mkdir mnt
                timeout 60 mount -o errors=remount-ro $dev mnt
                cp /bin/bash mnt/
                sync -f mnt
                timeout 60 dd if=/dev/zero of=mnt/zeros bs=64k count=400 status=none &
                pid=$($puffs dev list | awk -v dev=$dev '$1 == dev { print $3 }')
                kill -KILL $pid
                wait || true
                timeout 60 dd if=/dev/zero of=mnt/more bs=64k count=10 conv=fsync status=none && exit 7
                timeout 60 umount mnt
                $puffs dev remove -f $name
                test ! -L $dev -a ! -e /run/puffs/$name
                e2fsck -fy image || test $? = 1
                $puffs dev file path=$PWD/image $name
                timeout 60 mount $dev mnt
                cmp /bin/bash mnt/bash
                timeout 20 umount mnt
                $puffs dev remove $name
                """;
        run(script).ok();
    }

    @Test
    void aDiskRemovedByForceWhileMountedGivesErrorsAndNothingIsLeft() throws IOException {
        String script = """
                truncate -s 64M image
                $puffs dev delay,write=5:image $name
                mkfs.ext4 -q $dev
                mkdir mnt
                timeout 60 mount -o errors=remount-ro $dev mnt
                cp /bin/bash mnt/
                sync -f mnt
                timeout 60 dd if=/dev/zero of=mnt/zeros bs=64k count=400 status=none &
                ! $puffs dev remove $name
                $puffs dev remove -f $name
                wait || true
                timeout 60 dd if=/dev/zero of=mnt/more bs=64k count=10 conv=fsync status=none && exit 7
                timeout 60 umount mnt
                test ! -L $dev -a ! -e /run/puffs/$name
                e2fsck -fy image || test $? = 1
                timeout 60 mount -o loop image mnt
                cmp /bin/bash mnt/bash
                timeout 20 umount mnt
                """;
        run(script).ok();
    }

    @Test
    void whatCannotBeIsRefusedInOneLine() throws IOException {
        for (String arguments : new String[] {
            "",
            "null",
            "remove",
            "remove " + name,
            "ram " + name,
            "ram size=1 " + name,
            "nothing " + name,
            "null x " + name,
            "--loud null " + name
        }) {
            Shell.Result result = run("$puffs dev " + arguments);
            assertThat(result.status()).as(arguments).isIn(1, 32);
            assertThat(result.output()).as(arguments).startsWith("puffs: ").hasLineCount(1);
        }
    }
}
