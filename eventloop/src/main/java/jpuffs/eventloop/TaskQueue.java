// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What the loop is to run next, first in first out: any thread adds, the loop's thread takes. Lock-free.
///
/// A linked list whose head is a node already taken. An adder swings `tail` first and links second, so an entry may
/// be invisible for a moment; the loop may sleep over it, since the adder looks at the loop's sleeping flag after
/// it has linked.
final class TaskQueue {
    private static final class Node {
        private @Nullable Runnable task;
        private volatile @Nullable Node next;

        Node(@Nullable Runnable task) {
            this.task = task;
        }
    }

    private final AtomicReference<Node> tail;
    private Node head; // the loop's thread only

    TaskQueue() {
        head = new Node(null);
        tail = new AtomicReference<>(head);
    }

    void add(Runnable task) {
        var node = new Node(task);
        tail.getAndSet(node).next = node;
    }

    /// Whether there is nothing to take now.
    boolean isEmpty() {
        return head.next == null;
    }

    /// Runs what is queued now, not what is queued meanwhile: a task that queues itself again gets its turn in the
    /// next round.
    ///
    /// @return whether there was any
    boolean runAll(Tasks tasks) {
        Node last = tail.get();
        boolean any = false;
        while (head != last) {
            Node node = head.next;
            if (node == null) {
                break; // half added; its adder wakes the loop
            }
            head = node;
            Runnable task = node.task;
            node.task = null;
            any = true;
            if (task != null) {
                tasks.run(task);
            }
        }
        return any;
    }
}
