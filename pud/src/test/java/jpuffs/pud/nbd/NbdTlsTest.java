// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import jpuffs.core.BlockDevice;
import jpuffs.pud.Peer;
import jpuffs.pud.block.RamDevice;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// TLS: our server and our client, with each other and with those of others.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NbdTlsTest {
    private static final int SIZE = 8 << 20;

    @TempDir
    static Path made;

    @TempDir
    Path folder;

    /// Makes an authority, and certificates of it for server and client: as nbdkit, libnbd and qemu want them.
    @BeforeAll
    static void certificates() {
        Peer.require("openssl");
        Peer.bash("""
                cd %s
                issue() { # WHO SUBJECT EXTENSION
                    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout $1-key.pem -out $1.csr
                    openssl x509 -req -in $1.csr -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial -days 2 \\
                        -extfile <(echo "$3") -out $1-cert.pem
                }
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=authority -days 2 -keyout ca-key.pem -out ca-cert.pem
                issue server /CN=localhost subjectAltName=DNS:localhost,IP:127.0.0.1
                issue client /CN=client extendedKeyUsage=clientAuth
                """.formatted(made)).ok();
    }

    @BeforeEach
    void copyCertificates() {
        Peer.bash("cp %s/* %s".formatted(made, folder)).ok();
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

    private NbdServer serve(BlockDevice device, boolean verifyPeer) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return NbdServer.openSecure(address, List.of(NbdExport.of(device)), NbdTls.server(folder, verifyPeer));
    }

    @Test
    void nothingGoesInClearButTheWayToTls() throws Exception {
        SSLContext tls = NbdTls.client(folder).context();
        InetAddress here = InetAddress.getLoopbackAddress();
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram, false);
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

    private String uri(NbdServer server) throws IOException {
        return "nbds://localhost:" + server.port() + "/?tls-certificates=" + folder;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nbdcopyThereAndBack(boolean verifyPeer) throws IOException {
        Peer.require("nbdcopy", "nbdinfo");
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram, verifyPeer)) {
            String uri = "'" + uri(server) + "'";
            assertThat(Peer.bash("nbdinfo " + uri).ok().output()).contains("with TLS", "export-size: " + SIZE);
            Peer.bash("cd %s; head -c %d /dev/urandom > a; nbdcopy --flush a %3$s; nbdcopy %3$s b; cmp a b"
                            .formatted(folder, SIZE, uri))
                    .ok();
        }
    }

    @Test
    void qemuImgReadsWhatItWrote() throws IOException {
        Peer.require("qemu-img");
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram, true)) {
            String target = "--image-opts driver=nbd,host=localhost,port=" + server.port() + ",tls-creds=t";
            String script = """
                    cd %s
                    head -c %d /dev/urandom > a
                    tls=tls-creds-x509,id=t,dir=$PWD,endpoint=client
                    qemu-img convert -n --object $tls -f raw --target-image-opts a ${0#--image-opts }
                    qemu-img convert --object $tls $0 -O raw b
                    cmp a b
                    """;
            Peer.bash(script.formatted(folder, SIZE)
                            .replace("$0", target)
                            .replace("${0#--image-opts }", target.substring(13)))
                    .ok();
        }
    }

    @Test
    void whoShowsNoCertificateIsRefusedWhereOneIsWanted() throws IOException {
        Peer.require("nbdinfo");
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram, true)) {
            String script = "mkdir %1$s/none; cp %1$s/ca-cert.pem %1$s/none; nbdinfo '%2$s/none'";
            assertThat(Peer.bash(script.formatted(folder, uri(server))).status())
                    .isNotZero();
            Files.delete(folder.resolve("client-cert.pem"));
            assertThatThrownBy(() -> NbdDevice.open(uri(server))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void ourClientAndOurServer() throws IOException {
        int open = Fd.openCount();
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram, true)) {
            try (var device = NbdDevice.open(uri(server))) {
                exercise(device);
            }
            assertThatThrownBy(() -> NbdDevice.open("nbd://localhost:" + server.port()))
                    .hasMessageContaining("the server wants TLS");
            String unknown = "nbds://localhost:" + server.port();
            assertThatThrownBy(() -> NbdDevice.open(unknown)).hasMessageContaining("TLS");
        }
        assertThat(Fd.openCount()).isEqualTo(open);
    }

    /// A client that goes away in the middle of agreeing, or says something else, holds up nobody.
    @Test
    void whoDoesNotGoOnWithTlsIsForgotten() throws Exception {
        try (var ram = new RamDevice(SIZE);
                var server = serve(ram, false)) {
            for (byte[] more : List.of(new byte[0], new byte[] {22, 3, 1}, new byte[5000])) {
                try (var clear = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    var in = new DataInputStream(clear.getInputStream());
                    in.skipNBytes(18);
                    clear.getOutputStream().write(new byte[] {0, 0, 0, 3});
                    option(clear, Nbd.OPT_STARTTLS, new byte[0]);
                    assertThat(replyType(in)).isEqualTo(Nbd.REP_ACK);
                    clear.getOutputStream().write(more);
                }
            }
            while (server.clients() > 0) {
                Thread.sleep(5);
            }
            try (var device = NbdDevice.open(uri(server))) {
                exercise(device);
            }
        }
    }

    private static void exercise(BlockDevice device) throws IOException {
        byte[] data = new byte[SIZE];
        new SplittableRandom(1).nextBytes(data);
        device.write(MemorySegment.ofArray(data), 0);
        device.flush();
        MemorySegment back = MemorySegment.ofArray(new byte[SIZE]);
        device.read(back, 0);
        assertThat(back.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(data);
    }

    @Test
    void ourClientAndNbdkit() throws Exception {
        Peer.require("nbdkit");
        Path socket = folder.resolve("sock");
        Process server = new ProcessBuilder(
                        "nbdkit",
                        "-f",
                        "-U",
                        socket.toString(),
                        "--tls=require",
                        "--tls-certificates=" + folder,
                        "--tls-verify-peer",
                        "memory",
                        "8M")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            while (!Files.exists(socket)) {
                assertThat(server.isAlive()).as("nbdkit").isTrue();
                Thread.sleep(10);
            }
            try (var device = NbdDevice.open("nbds+unix:///?socket=" + socket + "&tls-certificates=" + folder)) {
                exercise(device);
            }
        } finally {
            server.destroyForcibly();
            server.waitFor();
        }
    }

    @Test
    void aKeyOfRsaIsReadInBothItsForms() throws IOException {
        Peer.bash("cd %s; openssl genrsa -out new.pem 2048; openssl rsa -in new.pem -traditional -out old.pem"
                        .formatted(folder))
                .ok();
        assertThat(Files.readString(folder.resolve("old.pem"))).contains("BEGIN RSA PRIVATE KEY");
        assertThat(Pem.key(folder.resolve("old.pem"))).isEqualTo(Pem.key(folder.resolve("new.pem")));
    }

    @Test
    void whatIsNoKeyIsToldOf() throws IOException {
        Path file = folder.resolve("server-key.pem");
        Files.copy(folder.resolve("server-cert.pem"), file, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> NbdTls.server(folder, false)).hasMessageContaining("server-key.pem: no private key");
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nMAoCAQA=\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> NbdTls.server(folder, false)).hasMessageContaining("a private key of none of");
        Files.writeString(folder.resolve("server-cert.pem"), "nothing");
        assertThatThrownBy(() -> NbdTls.server(folder, false)).hasMessageContaining("server-cert.pem: ");
    }
}
