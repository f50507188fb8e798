// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Collectors;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every operation and every structure of a reply, byte by byte (`golden.txt`).
class GoldenTest {
    @ParameterizedTest
    @EnumSource
    void theConversationIsAsWritten(DirectKernel.Way way) throws IOException {
        MemFs fs = Golden.fileSystem();
        var session = new Session(fs, Golden.options());
        var kernel = new DirectKernel(session, way);
        for (Golden.Exchange exchange : Golden.CONVERSATION) {
            Reply reply = kernel.send(exchange.request());
            if (exchange.reply() != null) {
                assertThat(hex(whole(exchange.request(), reply)))
                        .as(exchange.title())
                        .isEqualTo(hex(exchange.reply()));
            } else {
                assertThat(Objects.requireNonNull(exchange.op()).isAnswered())
                        .as(exchange.title())
                        .isFalse();
            }
        }
        session.close();
        fs.assertAllGivenBack();
    }

    private static byte[] whole(byte[] request, Reply reply) {
        return DirectKernel.body()
                .u32(Wire.OutHeader.SIZE + reply.bytes().length)
                .u32(-reply.error())
                .bytes(Arrays.copyOfRange(request, Wire.InHeader.UNIQUE, Wire.InHeader.UNIQUE + 8))
                .bytes(reply.bytes())
                .toBytes();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    /// The transports answer INTERRUPT by themselves: see [SocketServerTest].
    @Test
    void everyOperationIsInTheConversation() {
        var seen = Golden.CONVERSATION.stream()
                .map(Golden.Exchange::op)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Opcode.class)));
        assertThat(EnumSet.complementOf(seen)).containsExactly(Opcode.INTERRUPT, Opcode.CUSE_INIT);
    }
}
