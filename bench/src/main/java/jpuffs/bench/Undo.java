// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What must be undone whatever happens, last in first out: mounts, servers, folders, settings of the machine.
///
/// [#close()] undoes what is left; a shutdown hook does the same when the JVM is told to stop, from its own thread.
final class Undo implements AutoCloseable {
    /// One thing to undo.
    interface Step {
        void run() throws IOException;
    }

    private record Entry(String what, Step step) {}

    private final Deque<Entry> entries = new ArrayDeque<>(); // guarded by this
    private boolean closed; // guarded by this

    /// To be undone also when the JVM ends early.
    static Undo withHook() {
        var undo = new Undo();
        Runtime.getRuntime().addShutdownHook(new Thread(undo::close, "undo"));
        return undo;
    }

    /// Remembers how to undo what was just done, or is about to be.
    ///
    /// @throws IllegalStateException when we are closing already: do not begin
    synchronized void add(String what, Step step) {
        if (closed) {
            throw new IllegalStateException("stopping");
        }
        entries.push(new Entry(what, step));
    }

    @Override
    public void close() {
        for (Entry entry = next(); entry != null; entry = next()) {
            try {
                entry.step.run();
            } catch (IOException | RuntimeException e) {
                Main.say("could not undo \"" + entry.what + "\": " + e.getMessage());
            }
        }
    }

    private synchronized @Nullable Entry next() {
        closed = true;
        return entries.poll();
    }
}
