// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskQueueTest {
    private final TaskQueue queue = new TaskQueue();
    private final Tasks tasks = new Tasks();

    @Test
    void firstInFirstOut() {
        var log = new ArrayList<Integer>();
        assertThat(queue.isEmpty()).isTrue();
        for (int i = 0; i < 5; i++) {
            int number = i;
            queue.add(() -> log.add(number));
        }
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.runAll(tasks)).isTrue();
        assertThat(log).containsExactly(0, 1, 2, 3, 4);
        assertThat(queue.runAll(tasks)).isFalse();
    }

    @Test
    void whatIsAddedMeanwhileWaitsForTheNextTurn() {
        var log = new ArrayList<Integer>();
        queue.add(() -> {
            log.add(1);
            queue.add(() -> log.add(3));
        });
        queue.add(() -> log.add(2));
        queue.runAll(tasks);
        assertThat(log).containsExactly(1, 2);
        assertThat(queue.isEmpty()).isFalse();
        queue.runAll(tasks);
        assertThat(log).containsExactly(1, 2, 3);
    }

    @Test
    void manyThreadsAddEachInItsOrder() throws Exception {
        int threads = 4;
        int each = 50_000;
        var seen = new int[threads];
        List<Thread> adders = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int me = t;
            adders.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    int number = i;
                    queue.add(() -> {
                        assertThat(seen[me]).isEqualTo(number);
                        seen[me]++;
                    });
                }
            }));
        }
        while (adders.stream().anyMatch(Thread::isAlive)) {
            queue.runAll(tasks);
        }
        queue.runAll(tasks);
        assertThat(seen).containsOnly(each);
        assertThat(queue.isEmpty()).isTrue();
    }
}
