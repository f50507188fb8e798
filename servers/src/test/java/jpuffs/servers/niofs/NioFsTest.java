// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.niofs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.sys.Sys;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// File systems of others, used by system calls in process.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class NioFsTest {
    private static final int AT = Process.AT_FDCWD;

    @TempDir
    private Path host;

    private static byte[] path(String text) {
        return text.getBytes(UTF_8);
    }

    private static void write(Process process, String path, String text) throws IOException {
        int fd = process.openat(AT, path(path), OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, 0640);
        process.write(fd, MemorySegment.ofArray(path(text)));
        process.fsync(fd);
        process.close(fd);
    }

    private static String read(Process process, String path) throws IOException {
        int fd = process.openat(AT, path(path), OpenFlags.O_RDONLY, 0);
        var bytes = new byte[1000];
        int count = process.read(fd, MemorySegment.ofArray(bytes));
        process.close(fd);
        return new String(bytes, 0, count, UTF_8);
    }

    private static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void jimfsAsAFileSystem() throws IOException {
        Configuration all = Configuration.unix().toBuilder()
                .setAttributeViews("unix", "user")
                .build();
        try (FileSystem below = Jimfs.newFileSystem(all);
                var kernel = new Kernel(NioFs.over(below.getPath("/")))) {
            Process process = kernel.newProcess(Cred.ROOT);
            process.mkdirat(AT, path("/d"), 0750);
            write(process, "/d/f", "hello");
            assertThat(below.getPath("/d/f")).hasContent("hello");
            assertThat(read(process, "/d/f")).isEqualTo("hello");
            process.renameat2(AT, path("/d/f"), AT, path("/d/g"), 0);
            process.symlinkat(path("g"), AT, path("/d/l"));
            assertThat(process.readlinkat(AT, path("/d/l"))).isEqualTo(path("g"));
            assertThat(read(process, "/d/l")).isEqualTo("hello");
            process.setxattrat(AT, path("/d/g"), 0, Name.of("user.a"), new byte[] {1}, 0);
            assertThat(process.listxattrat(AT, path("/d/g"), 0)).containsExactly(Name.of("user.a"));
            process.truncate(path("/d/g"), 2);
            process.truncate(path("/d/g"), 4);
            assertThat(read(process, "/d/g")).isEqualTo("he\0\0");
            assertErrno(Errno.ENOTEMPTY, () -> process.unlinkat(AT, path("/d"), Process.AT_REMOVEDIR));
            assertErrno(Errno.ENOENT, () -> read(process, "/d/f"));
            assertErrno(Errno.EPERM, () -> process.linkat(AT, path("/d/g"), AT, path("/d/h"), 0));
            process.unlinkat(AT, path("/d/g"), 0);
            assertThat(Files.exists(below.getPath("/d/g"))).isFalse();
        }
    }

    /// A view without owners: files are the server's, and cannot be given away.
    @Test
    void basicAttributesOnly() throws IOException {
        Configuration basic =
                Configuration.unix().toBuilder().setAttributeViews("basic").build();
        try (FileSystem below = Jimfs.newFileSystem(basic);
                var kernel = new Kernel(NioFs.over(below.getPath("/work")))) {
            Process process = kernel.newProcess(Cred.ROOT);
            write(process, "/f", "x");
            Attr attr = process.fstatat(AT, path("/f"), 0).attr();
            assertThat(attr.mode()).isEqualTo(0100644);
            assertThat(attr.uid()).isEqualTo(Sys.geteuid());
            assertErrno(Errno.EPERM, () -> process.fchmodat(AT, path("/f"), 0600, 0));
            assertErrno(Errno.EPERM, () -> process.fchownat(AT, path("/f"), 1, attr.gid() + 1, 0));
            assertErrno(Errno.EOPNOTSUPP, () -> process.getxattrat(AT, path("/f"), 0, Name.of("user.a")));
        }
    }

    private Path zip() throws IOException {
        Path zip = host.resolve("a.zip");
        try (FileSystem fs = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Files.createDirectories(fs.getPath("/d/e"));
            Files.writeString(fs.getPath("/d/f"), "hello");
        }
        return zip;
    }

    private static List<String> names(Process process, String directory) throws IOException {
        int fd = process.openat(AT, path(directory), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
        var names = new ArrayList<String>();
        process.getdents(fd, (name, ino, mode, cookie) -> names.add(name.toString()));
        process.close(fd);
        return names;
    }

    private void readZip(String source, String prefix) throws IOException {
        try (var fs = NioFs.open(source, NioFs.Options.NONE);
                var kernel = new Kernel(fs)) {
            Process process = kernel.newProcess(Cred.ROOT);
            assertThat(names(process, prefix + "/d")).containsExactlyInAnyOrder(".", "..", "e", "f");
            assertThat(read(process, prefix + "/d/f")).isEqualTo("hello");
            assertErrno(Errno.EROFS, () -> write(process, prefix + "/d/f", "x"));
            assertErrno(Errno.EROFS, () -> process.unlinkat(AT, path(prefix + "/d/f"), 0));
        }
    }

    @Test
    void zipArchives() throws IOException {
        Path zip = zip();
        readZip(zip.toString(), "");
        readZip("jar:" + zip.toUri(), "");
        readZip("jar:" + zip.toUri() + "!/", "");
        try (var fs = NioFs.open("jar:" + zip.toUri() + "!/d", NioFs.Options.NONE);
                var kernel = new Kernel(fs)) {
            assertThat(read(kernel.newProcess(Cred.ROOT), "/f")).isEqualTo("hello");
        }
        assertThatThrownBy(() -> FileSystems.getFileSystem(URI.create("jar:" + zip.toUri())))
                .as("it is closed")
                .isInstanceOf(FileSystemNotFoundException.class);
    }

    @Test
    void theHostsOwn() throws IOException {
        Files.writeString(host.resolve("f"), "hello");
        try (var fs = NioFs.open(host.toUri().toString(), NioFs.Options.NONE);
                var kernel = new Kernel(fs)) {
            Process process = kernel.newProcess(Cred.ROOT);
            assertThat(read(process, "/f")).isEqualTo("hello");
            assertThat(process.fstatat(AT, path("/f"), 0).attr().ino())
                    .isEqualTo(Files.getAttribute(host.resolve("f"), "unix:ino"));
            assertThat(process.statfs(path("/")).blocks()).isPositive();
        }
    }

    @Test
    void whatCannotBeOpened() throws IOException {
        Path text = Files.writeString(host.resolve("text"), "no archive");
        assertErrno(Errno.ENODEV, () -> NioFs.open(text.toString(), NioFs.Options.NONE));
        assertErrno(Errno.ENODEV, () -> NioFs.open("gopher://a/b", NioFs.Options.NONE));
        assertErrno(Errno.ENOENT, () -> NioFs.open(host.resolve("none.zip").toString(), NioFs.Options.NONE));
        assertErrno(Errno.EINVAL, () -> NioFs.open("jar:%%", NioFs.Options.NONE));
    }
}
