// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Who one is, and whom one trusts, in TLS. From a directory as nbdkit, libnbd and qemu have it: `ca-cert.pem`, and
/// `server-cert.pem` with `server-key.pem`, or `client-cert.pem` with `client-key.pem`.
///
/// @param context has the keys
/// @param verifyPeer for a server: whether clients must show a certificate that it trusts
public record NbdTls(SSLContext context, boolean verifyPeer) {
    private static final char[] NO_PASSWORD = {};

    /// A server's, from `dir`. Without `ca-cert.pem` it trusts whom the JDK trusts.
    ///
    /// @throws IOException EINVAL for a file that is not what it should be; what reading says
    public static NbdTls server(Path dir, boolean verifyPeer) throws IOException {
        return new NbdTls(context(dir, own(dir, "server")), verifyPeer);
    }

    /// A client's; null for one that has no certificate, and trusts whom the JDK trusts. A directory with no
    /// `client-cert.pem` is of one that shows none.
    ///
    /// @throws IOException as [#server]
    static NbdTls client(@Nullable Path dir) throws IOException {
        boolean named = dir != null && Files.exists(dir.resolve("client-cert.pem"));
        return new NbdTls(context(dir, dir != null && named ? own(dir, "client") : null), true);
    }

    private static SSLContext context(@Nullable Path dir, KeyManager @Nullable [] own) throws IOException {
        Path authority = dir == null ? null : dir.resolve("ca-cert.pem");
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    own,
                    authority != null && Files.exists(authority) ? trusted(Pem.certificates(authority)) : null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw EINVAL.error("%s: %s", String.valueOf(dir), String.valueOf(e.getMessage()));
        }
    }

    private static KeyManager[] own(Path dir, String who) throws IOException {
        Path file = dir.resolve(who + "-key.pem");
        List<Certificate> chain = Pem.certificates(dir.resolve(who + "-cert.pem"));
        try {
            KeyStore keys = empty();
            keys.setKeyEntry("own", Pem.key(file), NO_PASSWORD, chain.toArray(Certificate[]::new));
            var factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(keys, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw EINVAL.error("%s: %s", file, String.valueOf(e.getMessage()));
        }
    }

    private static TrustManager[] trusted(List<Certificate> authorities) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca" + i, authorities.get(i));
        }
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /// For one connection of a server.
    SSLEngine serverEngine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(verifyPeer);
        return engine;
    }

    /// For a connection to the server called `host`, which has to show a certificate for that name.
    SSLEngine clientEngine(String host, int port) {
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // how names are compared
        engine.setSSLParameters(parameters);
        return engine;
    }
}
