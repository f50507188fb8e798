// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class DirTest {
    @TempDir
    private Path temporary;

    private Path real = Path.of("/");

    @BeforeEach
    void withoutLinks() throws IOException {
        real = temporary.toRealPath();
    }

    private static Dir dir(Object path) throws Failure {
        return Dir.of(path.toString(), "mount on");
    }

    @Test
    void linksAndDotsAreFollowed() throws Exception {
        Path a = Files.createDirectory(real.resolve("a"));
        Path link = Files.createSymbolicLink(real.resolve("link"), a);
        assertThat(dir(a).path()).isEqualTo(a);
        assertThat(dir(link).path()).isEqualTo(a);
        assertThat(dir(link + "/.").path()).isEqualTo(a);
        assertThat(dir(link + "/..").path()).isEqualTo(real);
        assertThat(dir(a + "/../link").path()).isEqualTo(a);
        assertThat(dir(a + "///").path()).isEqualTo(a);
        assertThat(dir("/").path()).isEqualTo(Path.of("/"));
        assertThat(dir(".").path()).isEqualTo(Path.of("").toRealPath());
    }

    @Test
    void knowsWhatIsMounted() throws Exception {
        assertThat(dir(real).mount()).isNull();
        assertThat(dir("/proc").mount())
                .isNotNull()
                .satisfies(mount -> assertThat(mount.type()).isEqualTo("proc"));
        assertThat(dir("/proc").isPuffs()).isFalse();
        assertThat(dir(real).isPuffs()).isFalse();
    }

    @Test
    void aDescriptorIsNoDirectory() throws Failure {
        assertThat(dir("/dev/fd/5").isDescriptor()).isTrue();
        assertThat(dir("/dev").isDescriptor()).isFalse();
    }

    @Test
    void thereMustBeOne() {
        assertThatThrownBy(() -> dir(real.resolve("none")))
                .hasMessage("cannot mount on " + real.resolve("none") + ": there is no such directory");
        assertThatThrownBy(() -> dir(real.resolve("none/below")))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.MOUNT));
        assertThatThrownBy(() -> dir("")).hasMessage("cannot mount on : there is no such directory");
        assertThatThrownBy(() -> dir("/a\0b"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.USAGE));
    }

    @Test
    void theWayMustBeOfDirectories() throws IOException {
        Path file = Files.createFile(real.resolve("file"));
        assertThatThrownBy(() -> dir(file.resolve("x")))
                .hasMessage("cannot mount on " + file.resolve("x") + ": " + file + "/x: Not a directory");
        Path loop = Files.createSymbolicLink(real.resolve("loop"), real.resolve("loop"));
        assertThatThrownBy(() -> dir(loop)).hasMessageContaining("Too many levels of symbolic links");
    }
}
