// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/// Java Flight Recorder's view of an operation: `jfr print --events jpuffs.Operation`. Off unless asked for
/// (`+jpuffs.Operation#enabled=true` in -XX:StartFlightRecording or JFR.start), and then costs next to nothing.
@Name("jpuffs.Operation")
@Label("File Server Operation")
@Category({"jpuffs", "File Server"})
@Description("One request of the kernel to a file server")
@StackTrace(false)
@Enabled(false)
@SuppressWarnings("UnusedVariable") // read by the flight recorder
final class OperationEvent extends Event {
    @Label("Operation")
    private @Nullable String operation;

    @Label("Node")
    private long nodeid;

    @Label("Process")
    private int pid;

    @Label("Error Number")
    private int errno;

    @Label("Reply Length")
    private int replyLength;

    void commit(Opcode op, Request request) {
        operation = op.name();
        nodeid = request.nodeid;
        pid = request.pid;
        errno = request.error;
        replyLength = request.replyLength;
        commit();
    }
}
