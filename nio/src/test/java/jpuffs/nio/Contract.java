// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What `java.nio.file` promises, on a new file system of each [Subject], which is checked by its fsck in the end.
@ParameterizedClass(name = "{0}")
@EnumSource(Subject.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class Contract {
    @Parameter
    Subject subject;

    FileSystem fs;
    private BlockDevice disk;

    @BeforeEach
    void newfs() throws IOException {
        disk = subject.newfs();
        fs = subject.mount(disk, "");
    }

    @AfterEach
    void fsck() throws IOException {
        fs.close();
        subject.fsck(disk);
    }

    /// The same file system, unmounted and mounted again; what is in memory only is empty then.
    void remount(String options) throws IOException {
        fs.close();
        fs = subject.mount(disk, options);
    }

    Path path(String text) {
        return fs.getPath(text);
    }

    void requires(Subject.Lacks feature) {
        assumeTrue(subject.has(feature), () -> subject + " lacks " + feature);
    }
}
