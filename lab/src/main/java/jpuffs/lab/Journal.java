// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What was said between a server and its kernel half, in a file. Each message as it was on the wire, in the order
/// in which the laboratory saw them:
///
/// ```
/// "puffslab" 1[4]     then for each message: direction[1] '>' or '<', nanoseconds[8], length[4], bytes
/// ```
///
/// Numbers of the file are big-endian, those of the messages as they were.
final class Journal implements AutoCloseable {
    private static final byte[] MAGIC = {'p', 'u', 'f', 'f', 's', 'l', 'a', 'b'};
    private static final int VERSION = 1;
    private static final int MAX_MESSAGE = 2 << 20;

    static final char REQUEST = '>';
    static final char ANSWER = '<';

    /// One message.
    ///
    /// @param direction [#REQUEST] or [#ANSWER] (of which notifications are some)
    /// @param nanos since the beginning
    @SuppressWarnings("ArrayRecordComponent") // nobody changes it
    record Entry(char direction, long nanos, byte[] message) {}

    private final DataOutputStream out;
    private final long start = System.nanoTime();

    /// Begins a file.
    Journal(Path file) throws IOException {
        out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
        out.write(MAGIC);
        out.writeInt(VERSION);
    }

    synchronized void add(char direction, MemorySegment message) throws IOException {
        out.writeByte(direction);
        out.writeLong(System.nanoTime() - start);
        out.writeInt((int) message.byteSize());
        out.write(message.toArray(JAVA_BYTE));
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }

    /// Reads a file. What a crash cut off at its end is left out.
    ///
    /// @throws IOException if it is no journal
    static List<Entry> read(Path file) throws IOException {
        var entries = new ArrayList<Entry>();
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC) || in.readInt() != VERSION) {
                throw new IOException(file + " is no journal of puffs lab");
            }
            for (int direction = in.read(); direction >= 0; direction = in.read()) {
                long nanos = in.readLong();
                int length = in.readInt();
                if (direction != REQUEST && direction != ANSWER || length < 0 || length > MAX_MESSAGE) {
                    throw new IOException(file + " is damaged after " + entries.size() + " messages");
                }
                byte[] message = in.readNBytes(length);
                if (message.length == length) {
                    entries.add(new Entry((char) direction, nanos, message));
                }
            }
        } catch (EOFException _) {
            return entries;
        }
        return entries;
    }
}
