// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `puffs mount nio`: an archive, and a provider from a jar.
@Tag("mounted")
@Tag("root")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class NioTest {
    private Scratch scratch;

    @BeforeEach
    void prepare() throws IOException {
        scratch = Scratch.make("nio");
    }

    @AfterEach
    void cleanUp() throws IOException {
        if (scratch != null) { // else the test was skipped
            scratch.close();
        }
    }

    private String run(String script) throws IOException {
        return scratch.run(script);
    }

    @Test
    void aZipArchive() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(scratch.resolve("a.zip"), Map.of("create", "true"))) {
            Files.createDirectories(zip.getPath("/d/e"));
            Files.writeString(zip.getPath("/d/f"), "hello\n".repeat(100_000));
        }
        String told = run("""
                puffs mount nio a.zip mnt
                grep -q "a.zip $PWD/mnt fuse.puffs|nio " /proc/mounts
                find mnt -mindepth 1 -printf '%P %y\\n' | sort
                grep -c hello mnt/d/f
                ! touch mnt/new 2>/dev/null
                puffs umount mnt
                puffs mount nio "jar:file://$PWD/a.zip!/d" mnt
                ls mnt
                puffs umount mnt
                ! puffs mount nio none.zip mnt
                """);
        assertThat(told).startsWith("d d\nd/e d\nd/f f\n100000\ne\nf\n").contains("none.zip");
    }

    @Test
    void aProviderFromAJar() throws IOException {
        String told = run("jar=" + PuffsMount.home() + "/target/dist/lib/run/*.jar\n" + """
                puffs newfs ext4 disk.img 16M
                puffs mount nio "rump://$PWD/disk.img" mnt -o classpath="$(echo $jar)"
                mkdir mnt/d && seq 1 100000 > mnt/d/numbers && chmod 751 mnt/d && cmp mnt/d/numbers <(seq 1 100000)
                puffs umount mnt
                puffs fs ls -l disk.img:/d
                puffs fs cat disk.img:/d/numbers | cmp - <(seq 1 100000)
                puffs mount nio "rump://$PWD/disk.img" mnt -o classpath="$(echo $jar)",env.ro=true
                ! touch mnt/new 2>/dev/null
                puffs umount mnt
                """);
        assertThat(told).contains("numbers");
    }
}
