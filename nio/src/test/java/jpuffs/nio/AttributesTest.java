// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.DosFileAttributeView;
import java.nio.file.attribute.DosFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Attributes, and the store they are in.
class AttributesTest extends Contract {
    private static final Instant THEN = Instant.parse("2020-01-02T03:04:06Z"); // FAT has even seconds

    @TempDir
    private Path host;

    private Path file() throws IOException {
        return Files.writeString(path("/f"), "hello");
    }

    @Test
    void basic() throws IOException {
        Instant before = Instant.now().minusSeconds(3); // FAT rounds to two seconds
        BasicFileAttributes attributes = Files.readAttributes(file(), BasicFileAttributes.class);
        assertThat(attributes.isRegularFile()).isTrue();
        assertThat(attributes.isDirectory()).isFalse();
        assertThat(attributes.isSymbolicLink()).isFalse();
        assertThat(attributes.isOther()).isFalse();
        assertThat(attributes.size()).isEqualTo(5);
        assertThat(attributes.fileKey()).isNotNull();
        assertThat(attributes.lastModifiedTime().toInstant()).isAfter(before);
        assertThat(attributes.creationTime().toInstant()).isAfter(before);
        assertThat(Files.readAttributes(path("/"), BasicFileAttributes.class).isDirectory())
                .isTrue();
        assertThatThrownBy(() -> Files.readAttributes(path("/none"), BasicFileAttributes.class))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.readAttributes(file(), DosFileAttributes.class))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(Files.getFileAttributeView(file(), DosFileAttributeView.class))
                .isNull();
    }

    @Test
    void times() throws IOException {
        var view = Files.getFileAttributeView(file(), BasicFileAttributeView.class);
        assertThat(view.name()).isEqualTo("basic");
        view.setTimes(FileTime.from(THEN), null, null);
        assertThat(view.readAttributes().lastModifiedTime().toInstant()).isEqualTo(THEN);
        view.setTimes(null, null, null);
        view.setTimes(null, null, FileTime.from(THEN));
        Files.setAttribute(file(), "lastModifiedTime", FileTime.from(THEN.plusSeconds(2)));
        assertThat(view.readAttributes().lastModifiedTime().toInstant()).isEqualTo(THEN.plusSeconds(2));
        if (subject.has(Subject.Lacks.NANOSECONDS)) {
            Files.setLastModifiedTime(file(), FileTime.from(THEN.plusNanos(123_456_789)));
            assertThat(view.readAttributes().lastModifiedTime().toInstant()).isEqualTo(THEN.plusNanos(123_456_789));
            view.setTimes(null, FileTime.from(THEN.minusNanos(1)), null);
            assertThat(view.readAttributes().lastAccessTime().toInstant()).isEqualTo(THEN.minusNanos(1));
        }
    }

    @Test
    void byName() throws IOException {
        Path file = file();
        assertThat(Files.readAttributes(file, "*"))
                .containsKeys("size", "fileKey", "isOther")
                .hasSize(9);
        assertThat(Files.readAttributes(file, "size,isDirectory")).isEqualTo(Map.of("size", 5L, "isDirectory", false));
        assertThat(Files.readAttributes(file, "posix:*"))
                .containsKeys("permissions", "owner", "group")
                .hasSize(12);
        assertThat(Files.readAttributes(file, "unix:*")).hasSize(20);
        assertThat(Files.readAttributes(file, "owner:*")).containsOnlyKeys("owner");
        assertThat(Files.getAttribute(file, "unix:nlink")).isEqualTo(1);
        assertThat((Integer) Files.getAttribute(file, "unix:mode") & 0170000).isEqualTo(0100000);
        assertThatThrownBy(() -> Files.readAttributes(file, "size,colour"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Files.readAttributes(file, "basic:owner"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Files.readAttributes(file, "acl:*")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> Files.setAttribute(file, "size", 1L)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Files.setAttribute(file, "unix:mode", "x")).isInstanceOf(ClassCastException.class);
        assertThatThrownBy(() -> Files.getAttribute(path("/none"), "size")).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void permissions() throws IOException {
        requires(Subject.Lacks.POSIX);
        Path file = file();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .as("by the umask")
                .isEqualTo("rw-r--r--");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        assertThat((Integer) Files.getAttribute(file, "unix:mode") & 07777).isEqualTo(0751);
        Files.setAttribute(file, "unix:mode", 04700);
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        assertThat(PosixFilePermissions.toString(view.readAttributes().permissions()))
                .isEqualTo("rwx------");
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-x------"));
        Files.createDirectory(path("/d"), mode);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("/d"))))
                .isEqualTo("r-x------");
        assertThatThrownBy(() -> Files.createFile(path("/x"), AttributesTest.owner()))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private static FileAttribute<String> owner() {
        return new FileAttribute<>() {
            @Override
            public String name() {
                return "owner:owner";
            }

            @Override
            public String value() {
                return "me";
            }
        };
    }

    @Test
    void owners() throws IOException {
        requires(Subject.Lacks.POSIX);
        Path file = file();
        UserPrincipal user = fs.getUserPrincipalLookupService().lookupPrincipalByName("1000");
        GroupPrincipal group = fs.getUserPrincipalLookupService().lookupPrincipalByGroupName("4000000000");
        assertThat(Files.getOwner(file).getName()).isEqualTo("0");
        Files.setOwner(file, user);
        Files.getFileAttributeView(file, PosixFileAttributeView.class).setGroup(group);
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        assertThat(attributes.owner()).isEqualTo(user).isNotEqualTo(group);
        assertThat(attributes.group()).isEqualTo(group);
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(1000);
        Files.setAttribute(file, "unix:gid", 7);
        assertThat(Files.getAttribute(file, "posix:group")).hasToString("7");
        var view = Files.getFileAttributeView(file, FileOwnerAttributeView.class);
        assertThat(view.name()).isEqualTo("owner");
        assertThat(view.getOwner()).isEqualTo(user);
        assertThatThrownBy(() -> fs.getUserPrincipalLookupService().lookupPrincipalByName("nobody"))
                .isInstanceOf(UserPrincipalNotFoundException.class);
        assertThatThrownBy(() -> Files.setOwner(file, Files.getOwner(host)))
                .isInstanceOf(ProviderMismatchException.class);
    }

    @Test
    void linksThemselves() throws IOException {
        requires(Subject.Lacks.LINKS);
        file();
        Path link = Files.createSymbolicLink(path("/l"), path("f"));
        Files.setAttribute(link, "lastModifiedTime", FileTime.from(THEN), LinkOption.NOFOLLOW_LINKS);
        assertThat(Files.getLastModifiedTime(link, LinkOption.NOFOLLOW_LINKS).toInstant())
                .isEqualTo(THEN);
        assertThat(Files.getLastModifiedTime(link).toInstant()).isAfter(THEN);
        assertThat(Files.readAttributes(link, "isSymbolicLink", LinkOption.NOFOLLOW_LINKS))
                .containsValue(true);
        Files.setAttribute(link, "unix:uid", 3, LinkOption.NOFOLLOW_LINKS);
        assertThat(Files.getAttribute(link, "unix:uid")).isEqualTo(0);
    }

    @Test
    void ofUsers() throws IOException {
        Path file = file();
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        assertThat(view != null).isEqualTo(subject.has(Subject.Lacks.XATTRS));
        assertThat(fs.supportedFileAttributeViews().contains("user")).isEqualTo(view != null);
        requires(Subject.Lacks.XATTRS);
        assertThat(view.list()).isEmpty();
        assertThat(view.write("mime", ByteBuffer.wrap("text/plain".getBytes(UTF_8))))
                .isEqualTo(10);
        Files.setAttribute(file, "user:ä", new byte[] {1, 2});
        assertThat(view.list()).containsExactlyInAnyOrder("mime", "ä");
        assertThat(view.size("mime")).isEqualTo(10);
        ByteBuffer value = ByteBuffer.allocate(12);
        assertThat(view.read("mime", value)).isEqualTo(10);
        assertThat(UTF_8.decode(value.flip()).toString()).isEqualTo("text/plain");
        assertThatThrownBy(() -> view.read("mime", ByteBuffer.allocate(9))).isInstanceOf(FileSystemException.class);
        assertThat((byte[]) Files.getAttribute(file, "user:ä")).containsExactly(1, 2);
        assertThat(Files.readAttributes(file, "user:*")).containsOnlyKeys("mime", "ä");
        view.delete("ä");
        assertThatThrownBy(() -> view.delete("ä")).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> view.size("ä")).isInstanceOf(FileSystemException.class);
        Files.copy(file, path("/g"), StandardCopyOption.COPY_ATTRIBUTES);
        assertThat((byte[]) Files.getAttribute(path("/g"), "user:mime")).hasSize(10);
    }

    @Test
    void stores() throws IOException {
        FileStore store = Files.getFileStore(file());
        assertThat(fs.getFileStores()).containsExactly(store);
        assertThat(fs.getRootDirectories()).containsExactly(path("/"));
        assertThat(store.isReadOnly()).isFalse();
        assertThat(store.name()).contains("contract");
        assertThat(store.type()).isNotEmpty();
        assertThat(store.getBlockSize()).isPositive();
        assertThat(store.getTotalSpace()).isGreaterThanOrEqualTo(store.getUnallocatedSpace());
        assertThat(store.getUnallocatedSpace()).isGreaterThanOrEqualTo(store.getUsableSpace());
        assertThat(store.getAttribute("totalSpace")).isEqualTo(store.getTotalSpace());
        assertThat(store.supportsFileAttributeView(PosixFileAttributeView.class))
                .isTrue();
        assertThat(store.supportsFileAttributeView("unix")).isTrue();
        assertThat(store.supportsFileAttributeView(DosFileAttributeView.class)).isFalse();
        assertThatThrownBy(() -> store.getAttribute("colour")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> Files.getFileStore(path("/none"))).isInstanceOf(NoSuchFileException.class);
    }
}
