// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class CasesTest {
    /// Reports compare by name, and `-Djpuffs.case` chooses by it.
    @Test
    void eachHasANameOfItsOwn() {
        assertThat(Cases.all()).extracting(Case::name).doesNotHaveDuplicates();
    }
}
