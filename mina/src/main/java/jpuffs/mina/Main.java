// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSession.ClientSessionEvent;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.util.io.output.NoCloseOutputStream;
import org.apache.sshd.core.CoreModuleProperties;

/// The program; see the package.
public final class Main {
    private static final int FAILED = 255; // as ssh
    private static final Duration TO_CONNECT = Duration.ofSeconds(30);
    private static final Duration TO_LOG_IN = Duration.ofSeconds(30);
    private static final Duration TO_TYPE = Duration.ofMinutes(3);
    private static final long WINDOW = 8 << 20; // four times that of ssh: what is on its way on a long line

    private final Arguments arguments;
    private final Host host;
    private final HostKeys keys;
    private final boolean batch;

    private Main(Arguments arguments) throws IOException {
        this.arguments = arguments;
        host = Host.of(arguments);
        keys = new HostKeys(host);
        batch = host.is("BatchMode", "yes");
    }

    /// Connects; ends when the server or our standard input does.
    public static void main(String[] args) {
        System.setProperty("slf4j.internal.verbosity", "ERROR"); // nothing is logged
        int status = FAILED;
        try {
            status = new Main(Arguments.parse(List.of(args))).run();
        } catch (IOException | IllegalArgumentException e) {
            say(reason(e));
        }
        System.exit(status);
    }

    /// A line for the user.
    static void say(String line) {
        System.err.println("mina: " + line.replaceAll("\\p{Cntrl}+", " "));
    }

    /// What is at the bottom of it.
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause.getMessage();
        return text == null ? cause.getClass().getSimpleName() : text;
    }

    private int run() throws IOException {
        SshClient client = client();
        client.start();
        try (ClientSession session = connect(client)) {
            logIn(session);
            return pump(session);
        }
    }

    private String who() {
        return host.entry().getUsername() + "@" + host.entry().getHostName();
    }

    private SshClient client() throws IOException {
        SshClient client = SshClient.setUpDefaultClient();
        var prompt = new Prompt(who(), batch);
        client.setHostConfigEntryResolver(host.resolver());
        client.setServerKeyVerifier(keys);
        client.setUserInteraction(prompt);
        client.setFilePasswordProvider(prompt);
        client.setSignatureFactories(keys.sorted(client.getSignatureFactories()));
        client.setCipherFactories(fastFirst(client.getCipherFactories()));
        agent().map(Agent::factory).ifPresent(client::setAgentFactory);
        CoreModuleProperties.WINDOW_SIZE.set(client, WINDOW);
        CoreModuleProperties.TCP_NODELAY.set(client, true); // else a small packet may wait 40 ms for another's ACK
        CoreModuleProperties.AUTH_TIMEOUT.set(client, batch ? TO_LOG_IN : TO_TYPE);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO); // psshfs looks after that
        CoreModuleProperties.NIO2_READ_TIMEOUT.set(client, Duration.ZERO);
        host.word("PreferredAuthentications").ifPresent(text -> CoreModuleProperties.PREFERRED_AUTHS.set(client, text));
        return client;
    }

    /// CPUs know AES.
    private static List<NamedFactory<Cipher>> fastFirst(List<NamedFactory<Cipher>> ciphers) {
        return ciphers.stream()
                .sorted(Comparator.comparing(c -> !c.getName().startsWith("aes128-gcm")))
                .toList();
    }

    private Optional<Path> agent() {
        return host.word("IdentityAgent")
                .filter(text -> !text.equals("SSH_AUTH_SOCK"))
                .or(() -> Optional.ofNullable(System.getenv("SSH_AUTH_SOCK")))
                .filter(text -> !text.isEmpty() && !text.equals("none"))
                .map(Host::file)
                .filter(Files::exists);
    }

    private ClientSession connect(SshClient client) throws IOException {
        Duration limit = host.seconds("ConnectTimeout", TO_CONNECT);
        try {
            return client.connect(host.entry(), null, null).verify(limit).getClientSession();
        } catch (IOException e) {
            if (!keys.why().isEmpty()) { // of a host on the way
                throw new Refused(keys.why());
            }
            throw new Refused("cannot connect to %s, port %d: %s"
                    .formatted(host.entry().getHostName(), host.entry().getPort(), reason(e)));
        }
    }

    private void logIn(ClientSession session) throws IOException {
        Duration limit = host.seconds("ConnectTimeout", TO_CONNECT);
        var greeted = EnumSet.of(ClientSessionEvent.WAIT_AUTH, ClientSessionEvent.CLOSED);
        if (session.waitFor(greeted, limit).contains(ClientSessionEvent.TIMEOUT)) {
            throw new Refused(
                    "%s does not answer within %d s".formatted(host.entry().getHostName(), limit.toSeconds()));
        }
        try {
            session.auth().verify(batch ? TO_LOG_IN : TO_TYPE);
        } catch (IOException e) {
            throw new Refused(keys.why().isEmpty() ? who() + ": " + reason(e) : keys.why());
        }
    }

    /// @return the exit status
    private int pump(ClientSession session) throws IOException {
        ClientChannel channel = arguments.subsystem()
                ? session.createSubsystemChannel(arguments.command())
                : session.createExecChannel(arguments.command(), null, Map.of());
        channel.setIn(new FileInputStream(FileDescriptor.in));
        channel.setOut(new FileOutputStream(FileDescriptor.out));
        channel.setErr(new NoCloseOutputStream(System.err));
        try {
            channel.open().verify(TO_CONNECT);
        } catch (IOException e) {
            throw new Refused("the server does not do '" + arguments.command() + "': " + reason(e));
        }
        channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), 0);
        Integer status = channel.getExitStatus();
        if (status == null) {
            throw new Refused("the connection to " + host.entry().getHostName() + " is closed");
        }
        return status;
    }
}
