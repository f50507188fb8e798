// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallTableTest {
    @Test
    void behavesLikeAMap() {
        Random random = Seed.random();
        var table = new CallTable();
        Map<Long, Call> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            long tag = random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(300) * 16L - 2000;
            Call known = model.get(tag);
            assertThat(table.get(tag)).isSameAs(known);
            if (known == null) {
                var call = new Call(tag, null, null);
                table.put(call);
                model.put(tag, call);
            } else {
                table.remove(known);
                model.remove(tag);
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
        table.remove(new Call(1, null, null)); // is not in it
        assertThat(table.removeAll()).containsExactlyInAnyOrderElementsOf(model.values());
        assertThat(table.size()).isZero();
        assertThat(table.removeAll()).isEmpty();
    }
}
