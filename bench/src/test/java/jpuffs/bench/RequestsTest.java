// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestsTest {
    @Test
    void findsTheOpcodeInALineOfTheTrace() {
        String line =
                "   load-991 [001] .....  8.25: fuse_request_send: connection 51 req 12 opcode 1 (FUSE_LOOKUP) len 45 ";
        assertThat(Requests.opcode(line)).isEqualTo("LOOKUP");
    }

    @Test
    void otherLinesHaveNone() {
        assertThat(Requests.opcode("# tracer: nop")).isEmpty();
    }
}
