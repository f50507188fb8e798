// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.StringJoiner;

/// What is left when a loop is closed, and should not be.
final class Leaks {
    private final StringJoiner found = new StringJoiner(", ");

    Leaks count(int count, String what) {
        if (count > 0) {
            found.add(count + " " + what);
        }
        return this;
    }

    /// Logs what was found; fails, with assertions enabled, if that is anything.
    void report() {
        if (found.length() > 0) {
            Tasks.LOG.log(System.Logger.Level.WARNING, "The event loop was closed with {0} left", found);
        }
        assert found.length() == 0 : "left when the event loop was closed: " + found;
    }
}
