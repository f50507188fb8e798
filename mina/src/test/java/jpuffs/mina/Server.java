// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/// MINA's server on a port of the loopback: one password, and the keys it is told of.
final class Server implements AutoCloseable {
    static final String PASSWORD = "open sesame";

    private final KeyPair key;
    private final SshServer server = SshServer.setUpDefaultServer();
    private final List<PublicKey> authorized = new CopyOnWriteArrayList<>();

    private Server() throws GeneralSecurityException {
        key = KeyUtils.generateKeyPair("ecdsa-sha2-nistp256", 256);
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(KeyPairProvider.wrap(key));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory.Builder().build()));
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        server.setPasswordAuthenticator((_, password, _) -> password.equals(PASSWORD));
        server.setPublickeyAuthenticator(
                (_, offered, _) -> authorized.stream().anyMatch(known -> KeyUtils.compareKeys(known, offered)));
    }

    static Server start() throws Exception {
        var made = new Server();
        made.server.start();
        return made;
    }

    int port() {
        return server.getPort();
    }

    /// Lets in who has the key in a file of ssh-keygen.
    void authorize(Path publicKey) throws Exception {
        authorized.add(
                PublicKeyEntry.parsePublicKeyEntry(Files.readString(publicKey).strip())
                        .resolvePublicKey(null, java.util.Map.of(), null));
    }

    /// Its line in a file of known hosts.
    String known() {
        return "[127.0.0.1]:" + port() + " " + PublicKeyEntry.toString(key.getPublic()) + "\n";
    }

    /// Ends the connections there are.
    void cut() {
        server.getActiveSessions().forEach(session -> session.close(true));
    }

    @Override
    public void close() throws IOException {
        server.close(true);
    }
}
