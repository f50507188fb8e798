// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import jpuffs.core.Errno;
import org.jspecify.annotations.Nullable;

/// The contexts of a loop that run or wait: a list through the contexts themselves, newest first.
final class Contexts {
    private @Nullable CallContext first;
    private int size;

    int size() {
        return size;
    }

    void add(CallContext context) {
        CallContext next = first;
        context.next = next;
        if (next != null) {
            next.previous = context;
        }
        first = context;
        size++;
    }

    void remove(CallContext context) {
        CallContext previous = context.previous;
        CallContext next = context.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        context.previous = null;
        context.next = null;
        size--;
    }

    void cancelAll(Errno why) {
        for (CallContext context = first; context != null; context = context.next) {
            context.cancel(why);
        }
    }
}
