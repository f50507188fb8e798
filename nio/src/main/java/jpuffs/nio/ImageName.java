// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static jpuffs.core.Errno.EINVAL;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.DiskName;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;
import jpuffs.rumpfs.Ukfs;

/// What a `rump:` URI says before the `!`: which file system.
///
/// ```
/// rump:///home/me/disk.img@p2!/etc/fstab      what is on partition 2 of the image, whatever it is
/// rump://ext4/home/me/disk.img!/              as ext4 only
/// rump://tmpfs/scratch!/a                     in memory, by a name of one's own
/// ```
///
/// Bytes that are not letters, digits or one of `-._~/@+,=:` are percent-encoded, `!` always. The path inside is
/// bytes too: every name can be said.
///
/// @param type a name or alias of a [jpuffs.rumpfs.RumpFsType], or empty to find out
/// @param image the path of the image with its partition, absolute; for a type without device any name
record ImageName(String type, String image) {
    static final String SCHEME = "rump";

    private static final String PLAIN = "-._~/@+,=:";

    /// The file system of a URI.
    ///
    /// @throws IllegalArgumentException if it is not such a URI
    static ImageName of(URI uri) {
        String path = check(uri);
        int end = path.indexOf('!');
        String type = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        String image = new String(decode(end < 0 ? path : path.substring(0, end)), StandardCharsets.UTF_8);
        return new ImageName(type, image);
    }

    /// The path inside of a URI: the root if it has none.
    ///
    /// @throws IllegalArgumentException if it is not such a URI
    static byte[] pathOf(URI uri) {
        String path = check(uri);
        int end = path.indexOf('!');
        byte[] inside = decode(end < 0 ? "" : path.substring(end + 1));
        if (inside.length > 0 && inside[0] != '/') {
            throw new IllegalArgumentException(uri + ": the path behind ! does not begin with a slash");
        }
        return inside.length == 0 ? new byte[] {'/'} : inside;
    }

    private static String check(URI uri) {
        String path = uri.getRawPath();
        if (!SCHEME.equalsIgnoreCase(uri.getScheme())
                || path == null
                || !path.startsWith("/")
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(uri + ": not of the form rump://[TYPE]/IMAGE[@pN][!/PATH]");
        }
        return path;
    }

    private static byte[] decode(String text) {
        var bytes = new ByteArrayOutputStream();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '%') {
                bytes.write(Integer.parseInt(text, at + 1, at + 3, 16)); // URI has checked that there are two
                at += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static String encode(byte[] bytes) {
        var text = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0;
            text.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return text.toString();
    }

    /// The URI of a path inside.
    ///
    /// @param path absolute
    URI uri(byte[] path) {
        String encoded = encode(image.getBytes(StandardCharsets.UTF_8));
        return URI.create(SCHEME + "://" + type + encoded + "!" + encode(path));
    }

    private DiskName disk() {
        return DiskName.parse(image);
    }

    /// Opens it; read-only if the image cannot be written.
    ///
    /// @throws IOException EINVAL for a type that is not known, and as [Ukfs#open(String, FsOptions)]
    Ukfs open(FsOptions options) throws IOException {
        RumpFsType known = type.isEmpty() ? null : RumpFsTypes.named(type);
        if (known == null && !type.isEmpty()) {
            throw EINVAL.error("%s: no such type of file system", type);
        }
        if (known != null && !known.usesDevice()) {
            return Ukfs.mount(known, MemoryDisk.ofSize(0), options, Rumpuser.HOST);
        }
        Path file = disk().image();
        boolean readOnly = Files.exists(file) && !Files.isWritable(file);
        FsOptions all = readOnly ? options.with("ro", "") : options;
        return known == null ? Ukfs.open(image, all) : Ukfs.open(known, image, all);
    }

    /// The same for every name of one image, whatever type it is asked for as.
    ImageName key() {
        RumpFsType known = type.isEmpty() ? null : RumpFsTypes.named(type);
        if (known != null && !known.usesDevice()) {
            return new ImageName(known.name(), image);
        }
        DiskName disk = disk();
        Path path = disk.image().toAbsolutePath().normalize();
        try {
            path = Files.exists(path) ? path.toRealPath() : path;
        } catch (IOException e) {
            // who opens it will hear of that
        }
        return new ImageName("", new DiskName(path, disk.partition()).toString());
    }

    @Override
    public String toString() {
        return type.isEmpty() ? image : type + ":" + image;
    }
}
