// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class XattrTest {
    private static final Name KEY = Name.of("user.key");

    /// tmpfs, whose attributes may be as large as Linux allows; those of ext4 must fit into a block.
    @TempDir(factory = SharedMemory.class)
    Path dir;

    private Fd file;

    private static final class SharedMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            return Files.createTempDirectory(Path.of("/dev/shm"), "jpuffs");
        }
    }

    @BeforeEach
    void create() throws ErrnoException {
        file = Fd.open(dir.resolve("f"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0600);
        try {
            Xattr.set(file.number(), Name.of("user.probe"), new byte[0], 0);
            Xattr.remove(file.number(), Name.of("user.probe"));
        } catch (ErrnoException e) {
            abort("the temporary directory's file system has no user attributes: " + e.errno());
        }
    }

    @AfterEach
    void close() {
        file.close();
    }

    /// The same by a full descriptor and by one that is a path only.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attributesAreSetReadListedAndRemoved(boolean pathOnly) throws ErrnoException {
        int flags = pathOnly ? Fcntl.O_PATH : Fcntl.O_RDWR;
        try (Fd opened = Fd.open(dir.resolve("f"), flags, 0)) {
            int fd = opened.number();
            assertThat(Xattr.get(fd, KEY)).isNull();
            assertThat(Xattr.list(fd)).isEmpty();
            assertFails(Errno.ENODATA, () -> Xattr.set(fd, KEY, new byte[1], Fcntl.XATTR_REPLACE));
            Xattr.set(fd, KEY, new byte[] {1, 0, 2}, Fcntl.XATTR_CREATE);
            assertFails(Errno.EEXIST, () -> Xattr.set(fd, KEY, new byte[1], Fcntl.XATTR_CREATE));
            assertThat(Xattr.get(fd, KEY)).containsExactly(1, 0, 2);
            Xattr.set(fd, Name.of("user.empty"), new byte[0], 0);
            assertThat(Xattr.get(fd, Name.of("user.empty"))).isEmpty();
            assertThat(Xattr.list(fd)).containsExactlyInAnyOrder(KEY, Name.of("user.empty"));
            Xattr.remove(fd, KEY);
            assertFails(Errno.ENODATA, () -> Xattr.remove(fd, KEY));
            assertFails(Errno.ERANGE, () -> Xattr.get(fd, Name.of("user." + "x".repeat(251))));
            assertFails(Errno.E2BIG, () -> Xattr.set(fd, KEY, new byte[Xattr.MAX + 1], 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 4097, Xattr.MAX})
    void largeValuesFitOrAreToldNoSpace(int size) throws ErrnoException {
        var value = new byte[size];
        Arrays.fill(value, (byte) 42);
        try {
            Xattr.set(file.number(), KEY, value, 0);
        } catch (ErrnoException e) {
            abort("the file system has no room for values of " + size + " bytes: " + e.errno());
        }
        assertThat(Xattr.get(file.number(), KEY)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 60})
    void longListsAreReadWhole(int count) throws ErrnoException {
        var names = new ArrayList<Name>();
        for (int i = 0; i < count; i++) {
            names.add(Name.of("user." + "n".repeat(100) + i));
            try {
                Xattr.set(file.number(), names.get(i), new byte[0], 0);
            } catch (ErrnoException e) {
                abort("the file system has no room for " + count + " attributes: " + e.errno());
            }
        }
        assertThat(Xattr.list(file.number())).containsExactlyInAnyOrderElementsOf(names);
    }
}
