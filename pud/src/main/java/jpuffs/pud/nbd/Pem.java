// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Keys and certificates as openssl and certtool write them: RFC 7468.
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END \\1PRIVATE KEY-----");

    /// `SEQUENCE { OID rsaEncryption, NULL }` (RFC 8017, appendix C), behind the version of RFC 5208.
    private static final byte[] RSA = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;

    private Pem() {}

    /// All certificates of a file, at least one.
    ///
    /// @throws IOException EINVAL for a file that has none; what reading it says
    static List<Certificate> certificates(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            var all = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
            if (!all.isEmpty()) {
                return List.copyOf(all);
            }
        } catch (GeneralSecurityException e) {
            throw EINVAL.error("%s: %s", file, String.valueOf(e.getMessage()));
        }
        throw EINVAL.error("%s: no certificate", file);
    }

    /// The private key of a file: of RSA, of an elliptic curve or EdDSA, without a password.
    ///
    /// @throws IOException EINVAL for another; what reading it says
    static PrivateKey key(Path file) throws IOException {
        Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw EINVAL.error("%s: no private key", file);
        }
        byte[] bytes = bytes(file, found.group(2));
        return switch (found.group(1)) {
            case "" -> decode(file, bytes);
            case "RSA " -> decode(file, pkcs8(bytes));
            default -> throw EINVAL.error("%s: write the key by openssl pkcs8 -topk8 -nocrypt", file);
        };
    }

    private static byte[] bytes(Path file, String text) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw EINVAL.error("%s: %s", file, String.valueOf(e.getMessage()));
        }
    }

    private static PrivateKey decode(Path file, byte[] pkcs8) throws IOException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                // of another algorithm
            }
        }
        throw EINVAL.error("%s: a private key of none of %s", file, String.join(", ", ALGORITHMS));
    }

    /// What PKCS #1 calls a key of RSA as PKCS #8 has it.
    private static byte[] pkcs8(byte[] pkcs1) {
        byte[] key = tagged(OCTET_STRING, pkcs1);
        byte[] content = new byte[RSA.length + key.length];
        System.arraycopy(RSA, 0, content, 0, RSA.length);
        System.arraycopy(key, 0, content, RSA.length, key.length);
        return tagged(SEQUENCE, content);
    }

    /// Tag, length in four bytes, content: the distinguished encoding would use fewer, readers take both.
    private static byte[] tagged(int tag, byte[] content) {
        var bytes = java.nio.ByteBuffer.allocate(6 + content.length);
        return bytes.put((byte) tag)
                .put((byte) 0x84)
                .putInt(content.length)
                .put(content)
                .array();
    }
}
