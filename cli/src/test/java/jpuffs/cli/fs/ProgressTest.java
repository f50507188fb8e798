// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import jpuffs.core.Cred;
import jpuffs.core.Tree;
import jpuffs.rump.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The line of a long copy, with a clock of its own.
@Timeout(20)
class ProgressTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long nanos;

    private Progress progress(boolean terminal) {
        return new Progress(new PrintStream(out, true, UTF_8), terminal, () -> nanos);
    }

    private static Place place(String path) throws IOException {
        var kernel = new Kernel(Tree.root().build());
        return new Place(new Volume(kernel.newProcess(Cred.ROOT), "", 0), "disk.img:", path.getBytes(UTF_8));
    }

    private static void copy(Progress progress, long... steps) throws IOException {
        progress.begin(place("/" + "x".repeat(50)), 400 << 20);
        for (long step : steps) {
            progress.at(step << 20);
        }
        progress.fileDone();
    }

    @Test
    void aLongCopyIsTold() throws IOException {
        Progress progress = progress(true);
        copy(progress, 1, 200);
        assertThat(out.size()).isZero();
        nanos = 1_000_000_000;
        copy(progress, 100, 200, 300);
        assertThat(out.toString(UTF_8))
                .isEqualTo("\r\033[K1 files, 500M  [#####---------------]  25%  ..." + "x".repeat(40));
        out.reset();
        progress.clear();
        progress.clear();
        assertThat(out.toString(UTF_8)).isEqualTo("\r\033[K");
    }

    @Test
    void nothingIsToldToAPipe() throws IOException {
        Progress progress = progress(false);
        nanos = 1L << 40;
        copy(progress, 100, 200);
        progress.clear();
        assertThat(out.size()).isZero();
    }
}
