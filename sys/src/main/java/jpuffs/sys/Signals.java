// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/// Signals sent to this process.
///
/// The JVM owns signal handling (a signalfd would need every thread to block the signal, its own included), so this
/// goes through it: a handler runs on a new thread of the JVM, soon after the signal, and should only wake
/// something.
public final class Signals {
    private Signals() {}

    /// A handler in place; [#close] puts back what was there before.
    public static final class Handler implements AutoCloseable {
        private final Signal signal;
        private final SignalHandler before;

        private Handler(Signal signal, SignalHandler before) {
            this.signal = signal;
            this.before = before;
        }

        @Override
        public void close() {
            Signal.handle(signal, before);
        }
    }

    /// Runs `action` for each signal `name`, such as `HUP`, `INT`, `TERM`, `USR2`, in place of what happened until
    /// now.
    ///
    /// @throws IllegalArgumentException for a signal that Linux does not have or the JVM needs itself (QUIT,
    ///     SEGV, USR1, ...)
    public static Handler on(String name, Runnable action) {
        var signal = new Signal(name);
        return new Handler(signal, Signal.handle(signal, _ -> action.run()));
    }

    /// Ignores signal `name`.
    public static Handler ignore(String name) {
        var signal = new Signal(name);
        return new Handler(signal, Signal.handle(signal, SignalHandler.SIG_IGN));
    }
}
