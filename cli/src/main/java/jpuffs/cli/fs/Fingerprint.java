// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import jpuffs.core.Mode;
import jpuffs.core.Time;
import jpuffs.rump.Rumpuser;
import org.jspecify.annotations.Nullable;

/// Tells trees from each other by the names, types, sizes and times of their files. Owners and permissions do not
/// count, as not all file systems have them.
final class Fingerprint {
    private final MessageDigest digest = newDigest();
    private final @Nullable Time latest;
    private Time newest = Time.EPOCH;

    /// @param salt what else the image depends on
    /// @param latest as [Filler] has it
    Fingerprint(String salt, @Nullable Time latest) {
        this.latest = latest;
        digest.update(salt.getBytes(UTF_8));
    }

    /// One file more.
    ///
    /// @param path its bytes as [TarEntry] keeps them
    void add(String path, int mode, long size, Time mtime) {
        Time time = Filler.clamp(mtime, latest);
        newest = time.compareTo(newest) > 0 ? time : newest;
        long length = Mode.isRegular(mode) ? size : 0;
        String facts =
                String.format(Locale.ROOT, "\0%o %d %d.%d\0", Mode.type(mode), length, time.seconds(), time.nanos());
        digest.update(path.getBytes(TarEntry.BYTES));
        digest.update(facts.getBytes(UTF_8));
    }

    /// A host for this tree: its clock shows the latest time allowed, or else that of the newest file.
    Rumpuser host() {
        return new FixedHost(latest == null ? newest : latest, digest.digest());
    }

    static byte[] sha256(byte[]... parts) {
        MessageDigest digest = newDigest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each JDK has it
        }
    }
}
