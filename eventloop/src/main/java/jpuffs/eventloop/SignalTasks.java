// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.LinkedHashSet;
import java.util.Set;
import jpuffs.sys.Signals;

/// The signals that a loop handles. Any thread.
final class SignalTasks {
    private final Set<Signals.Handler> handlers = new LinkedHashSet<>();

    synchronized AutoCloseable add(String name, Runnable action) {
        Signals.Handler handler = Signals.on(name, action);
        handlers.add(handler);
        return () -> close(handler);
    }

    /// Restores what was before this handler, unless that was done already: it may be another's by now.
    private synchronized void close(Signals.Handler handler) {
        if (handlers.remove(handler)) {
            handler.close();
        }
    }

    synchronized void closeAll() {
        handlers.forEach(Signals.Handler::close);
        handlers.clear();
    }
}
