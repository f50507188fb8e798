// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import java.util.ArrayList;
import java.util.List;

/// Who waits in poll(2) for a device to get ready: the wakers that [jpuffs.core.CharDevice#poll] was given, each
/// called once. Any thread.
final class Pollers {
    private static final int MAX = 4096;

    private final List<Runnable> wakers = new ArrayList<>(); // guarded by itself

    /// Remembers one. Beyond some thousand the oldest is woken for nothing, which poll(2) can bear.
    void add(Runnable waker) {
        Runnable oldest = null;
        synchronized (wakers) {
            if (wakers.size() >= MAX) {
                oldest = wakers.removeFirst();
            }
            wakers.add(waker);
        }
        if (oldest != null) {
            oldest.run();
        }
    }

    /// Calls all, and forgets them.
    void wake() {
        List<Runnable> woken;
        synchronized (wakers) {
            woken = List.copyOf(wakers);
            wakers.clear();
        }
        woken.forEach(Runnable::run);
    }
}
