// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import jpuffs.pud.Peer;
import jpuffs.pud.block.RamDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server that wants TLS, with the JDK's client.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NbdTlsTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    Path folder;

    private SSLContext context() throws Exception {
        Path file = folder.resolve("keys");
        Peer.bash(("%s/bin/keytool -genkeypair -keyalg EC -alias nbd -dname CN=localhost -storetype PKCS12"
                                + " -keystore %s -storepass password")
                        .formatted(System.getProperty("java.home"), file))
                .ok();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        var own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, PASSWORD);
        var trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private static void option(Socket socket, int number, byte[] data) throws IOException {
        ByteBuffer option = ByteBuffer.allocate(16 + data.length).putLong(Nbd.OPTION_MAGIC);
        socket.getOutputStream()
                .write(option.putInt(number).putInt(data.length).put(data).array());
    }

    private static int replyType(DataInputStream in) throws IOException {
        in.skipNBytes(12);
        int type = in.readInt();
        in.skipNBytes(in.readInt());
        return type;
    }

    @Test
    void nothingGoesInClearButTheWayToTls() throws Exception {
        SSLContext tls = context();
        InetAddress here = InetAddress.getLoopbackAddress();
        try (var ram = new RamDevice(8 << 20);
                var server = NbdServer.openSecure(new InetSocketAddress(here, 0), List.of(NbdExport.of(ram)), tls);
                var clear = new Socket(here, server.port())) {
            var in = new DataInputStream(clear.getInputStream());
            in.skipNBytes(18);
            clear.getOutputStream().write(new byte[] {0, 0, 0, 3});
            option(clear, Nbd.OPT_LIST, new byte[0]);
            assertThat(replyType(in)).isEqualTo(Nbd.REP_ERR_TLS_REQD);
            option(clear, Nbd.OPT_STARTTLS, new byte[0]);
            assertThat(replyType(in)).isEqualTo(Nbd.REP_ACK);
            try (Socket secure = tls.getSocketFactory().createSocket(clear, "localhost", server.port(), true)) {
                transfer(secure);
            }
        }
    }

    /// Writes and reads back more than fits in one record, or in the socket.
    private static void transfer(Socket secure) throws IOException {
        var in = new DataInputStream(secure.getInputStream());
        option(secure, Nbd.OPT_GO, new byte[6]);
        int type = replyType(in);
        while (type == Nbd.REP_INFO) {
            type = replyType(in);
        }
        assertThat(type).isEqualTo(Nbd.REP_ACK);
        byte[] data = new byte[3 << 20];
        new SplittableRandom(1).nextBytes(data);
        secure.getOutputStream()
                .write(RawClient.header(Nbd.CMD_WRITE, 0, 1, 0, data.length).array());
        secure.getOutputStream().write(data);
        in.skipNBytes(Nbd.SIMPLE_REPLY_SIZE);
        secure.getOutputStream()
                .write(RawClient.header(Nbd.CMD_READ, 0, 2, 0, data.length).array());
        in.skipNBytes(Nbd.SIMPLE_REPLY_SIZE);
        assertThat(in.readNBytes(data.length)).isEqualTo(data);
    }
}
