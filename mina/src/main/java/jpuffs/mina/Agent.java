// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.agent.SshAgent;
import org.apache.sshd.agent.SshAgentFactory;
import org.apache.sshd.agent.SshAgentServer;
import org.apache.sshd.agent.common.AbstractAgentProxy;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/// The user's agent, over its socket; MINA's own needs native code. Nothing is forwarded.
///
/// Source: draft-ietf-sshm-ssh-agent, section 3: a message is a length in four bytes, and so many bytes.
final class Agent extends AbstractAgentProxy {
    private static final int LONGEST = 256 << 10; // as OpenSSH's

    private final SocketChannel socket;

    private Agent(Path path) throws IOException {
        super(null);
        socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    /// Makes one for each session.
    static SshAgentFactory factory(Path path) {
        return new SshAgentFactory() {
            @Override
            public SshAgent createClient(Session session, FactoryManager manager) throws IOException {
                return new Agent(path);
            }

            @Override
            public List<ChannelFactory> getChannelForwardingFactories(FactoryManager manager) {
                return List.of();
            }

            @Override
            public SshAgentServer createServer(ConnectionService service) {
                throw new UnsupportedOperationException("no agent is forwarded");
            }
        };
    }

    @Override
    protected synchronized Buffer request(Buffer request) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request.array(), request.rpos(), request.available());
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
        int length = read(Integer.BYTES).getInt();
        if (length < 1 || length > LONGEST) {
            throw new IOException("the agent's answer is broken");
        }
        return new ByteArrayBuffer(read(length).array());
    }

    private ByteBuffer read(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (socket.read(bytes) < 0) {
                throw new IOException("the agent has hung up");
            }
        }
        return bytes.flip();
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        super.close();
    }
}
