// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.ENOENT;
import static jpuffs.puffs.DirectKernel.PID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Operations in recordings of the Java Flight Recorder.
class OperationEventTest extends SessionFixture {
    @Test
    void operationsAreRecordedIfAskedFor(@TempDir Path directory) throws IOException {
        fs.root.addFile("f", "");
        start();
        Path file = directory.resolve("recording.jfr");
        try (var recording = new Recording()) {
            recording.enable("jpuffs.Operation");
            recording.start();
            kernel.lookup(ROOT, "f").ok();
            kernel.lookup(ROOT, "no").fails(ENOENT);
            recording.dump(file);
        }
        kernel.lookup(ROOT, "f").ok();
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events)
                .extracting(
                        event -> event.getString("operation"),
                        event -> event.getLong("nodeid"),
                        event -> event.getInt("pid"),
                        event -> event.getInt("errno"),
                        event -> event.getInt("replyLength"))
                .containsExactly(tuple("LOOKUP", 1L, PID, 0, 128), tuple("LOOKUP", 1L, PID, ENOENT.number(), 0));
    }
}
