// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import jpuffs.core.Caller;
import jpuffs.core.CharDevice;

/// Each line that is written becomes a line of JSON, `{"time": ..., "pid": ..., "uid": ..., "text": ...}`, so that
/// a shell script logs as `echo message > /dev/log0`. Reading it is the end at once.
///
/// Lines are put together for each open file, so those of two writers do not mix; what a file ends with counts as a
/// line. A longer one than 64 KiB is cut.
public final class LogDevice implements CharDevice {
    private static final int MAX_LINE = 64 << 10;

    private final OutputStream out; // guarded by itself
    private final Clock clock;

    /// @param out gets the JSON; stays the caller's
    public LogDevice(OutputStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public CharDevice open(int flags) {
        return new Writer();
    }

    /// One open file.
    private final class Writer implements CharDevice {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private Caller caller = Caller.current();

        @Override
        public int read(MemorySegment dst, long off, int flags) {
            return 0;
        }

        @Override
        public synchronized int write(MemorySegment src, long off, int flags) throws IOException {
            caller = Caller.current();
            for (long i = 0; i < src.byteSize(); i++) {
                byte c = src.get(JAVA_BYTE, i);
                if (c != '\n') {
                    line.write(c);
                }
                if (c == '\n' || line.size() == MAX_LINE) {
                    emit();
                }
            }
            return (int) src.byteSize();
        }

        private void emit() throws IOException {
            var json = new StringBuilder("{\"time\": \"").append(clock.instant());
            json.append("\", \"pid\": ").append(caller.pid());
            json.append(", \"uid\": ")
                    .append(Integer.toUnsignedLong(caller.cred().uid()));
            json.append(", \"text\": ");
            quote(json, line.toString(UTF_8));
            line.reset();
            synchronized (out) {
                out.write(json.append("}\n").toString().getBytes(UTF_8));
                out.flush();
            }
        }

        @Override
        public synchronized void close() throws IOException {
            if (line.size() > 0) {
                emit();
            }
        }
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                json.append(c < 16 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
            } else {
                json.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
        }
        json.append('"');
    }
}
