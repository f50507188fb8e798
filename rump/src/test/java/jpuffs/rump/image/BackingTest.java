// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.rump.image.Qcow2Test.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.rump.disk.DiskName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Which files an image may bring into a disk.
@Timeout(120)
class BackingTest {
    private static final String SIZE = "65536";

    @TempDir
    private Path dir;

    private Path images;

    @BeforeEach
    void secret() throws IOException {
        images = dir.resolve("images");
        Files.createDirectories(images.resolve("below"));
        Files.write(dir.resolve("secret"), new byte[65536]);
    }

    /// An image that says it stands on `name`; nothing is asked of that.
    private Path image(String file, String name, String format) throws IOException, InterruptedException {
        Path path = images.resolve(file);
        Kit.succeed("qemu-img", "create", "-f", "qcow2", "-u", "-b", name, "-F", format, path.toString(), SIZE);
        return path;
    }

    private static BlockDevice open(ImageHost.Backing backing, Path image) throws IOException {
        return Images.open(new ImageHost(backing), new DiskName(image, ""), true);
    }

    private static void opens(ImageHost.Backing backing, Path image) throws IOException {
        try (BlockDevice disk = open(backing, image)) {
            assertThat(Kit.read(disk, 0, 512)).containsOnly(0);
        }
    }

    @Test
    void onlyFilesNearTheImage() throws Exception {
        Files.write(images.resolve("below/base"), new byte[65536]);
        opens(ImageHost.Backing.NEAR, image("a", "below/base", "raw"));
        opens(ImageHost.Backing.NEAR, image("b", images.resolve("below/base").toString(), "raw"));
        assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NONE, images.resolve("a")));
        for (String name : new String[] {
            "../secret", "below/../../secret", dir.resolve("secret").toString()
        }) {
            Path image = image("c", name, "raw");
            assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NEAR, image));
            opens(ImageHost.Backing.ANY, image);
        }
        Files.createSymbolicLink(images.resolve("link"), dir.resolve("secret"));
        assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NEAR, image("d", "link", "raw")));
        assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NEAR, image("e", "/dev/zero", "raw")));
        assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NEAR, image("f", "below", "raw")));
    }

    @Test
    void onlyPathsAndKnownFormats() throws Exception {
        Files.write(images.resolve("base"), new byte[65536]);
        for (String name : new String[] {"nbd://localhost/x", "json:{\"file\":\"base\"}", "ssh://h/x", "fat:rw:/etc"}) {
            Path image = image("a", name, "raw");
            assertErrno(Errno.EOPNOTSUPP, () -> open(ImageHost.Backing.ANY, image));
        }
        assertErrno(Errno.EINVAL, () -> open(ImageHost.Backing.NEAR, image("b", "base", "qcow2")));
        assertErrno(Errno.EOPNOTSUPP, () -> open(ImageHost.Backing.NEAR, image("c", "base", "vvfat")));
    }

    /// A guest that writes the header of an image into its raw disk must not lead anywhere (CVE-2008-2004).
    @Test
    void whatIsSaidToBeRawIsNotLookedAt() throws Exception {
        Path inner = image("inner", dir.resolve("secret").toString(), "raw");
        byte[] head = Files.readAllBytes(inner);
        try (BlockDevice disk = open(ImageHost.Backing.NEAR, image("outer", "inner", "raw"))) {
            assertThat(Kit.read(disk, 0, 512)).isEqualTo(Arrays.copyOf(head, 512));
        }
        assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NEAR, image("outer", "inner", "qcow2")));
    }

    @Test
    void noLoopsAndNoEndlessChains() throws Exception {
        assertErrno(Errno.ELOOP, () -> open(ImageHost.Backing.NEAR, image("self", "self", "qcow2")));
        image("one", "two", "qcow2");
        assertErrno(Errno.ELOOP, () -> open(ImageHost.Backing.NEAR, image("two", "one", "qcow2")));
        Files.write(images.resolve("n0"), new byte[65536]);
        for (int i = 1; i <= 40; i++) {
            image("n" + i, "n" + (i - 1), i == 1 ? "raw" : "qcow2");
        }
        opens(ImageHost.Backing.NEAR, images.resolve("n30"));
        assertErrno(Errno.ELOOP, () -> open(ImageHost.Backing.NEAR, images.resolve("n40")));
    }

    @Test
    void aFlatVmdkIsHeldToTheSame() throws Exception {
        Path raw = Files.write(images.resolve("raw"), new byte[65536]);
        Path image = images.resolve("x.vmdk");
        Kit.succeed(
                "qemu-img",
                "convert",
                "-O",
                "vmdk",
                "-o",
                "subformat=monolithicFlat",
                raw.toString(),
                image.toString());
        opens(ImageHost.Backing.NEAR, image);
        Files.writeString(image, Files.readString(image).replace("x-flat.vmdk", "../secret"));
        assertErrno(Errno.EPERM, () -> open(ImageHost.Backing.NEAR, image));
    }
}
