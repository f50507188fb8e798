// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {
    private final List<String> undone = new ArrayList<>();

    @Test
    void undoesTheLastFirstAndOnce() {
        var undo = new Undo();
        undo.add("a", () -> undone.add("a"));
        undo.add("b", () -> undone.add("b"));
        undo.close();
        undo.close();
        assertThat(undone).containsExactly("b", "a");
    }

    @Test
    void goesOnAfterAStepThatFails() {
        var undo = new Undo();
        undo.add("a", () -> undone.add("a"));
        undo.add("b", () -> {
            throw new IOException("busy");
        });
        undo.close();
        assertThat(undone).containsExactly("a");
    }

    @Test
    void takesNothingMoreWhenItCloses() {
        var undo = new Undo();
        undo.close();
        assertThatThrownBy(() -> undo.add("late", () -> {})).isInstanceOf(IllegalStateException.class);
    }
}
